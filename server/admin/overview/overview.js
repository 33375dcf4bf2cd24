/**
 * The overview page: tiles, charts, and the tables of rooms and shards.
 * @module
 */

/** @typedef {import("../data/api.js").Overview} Overview */
/** @typedef {import("../data/history.js").History} History */

import { ServerCharts } from "../charts/server-charts.js";
import { byId, inputById, make, write } from "../ui/elements.js";
import { duration } from "../ui/format.js";
import { SortableTable } from "../ui/sortable-table.js";
import { ROOM_COLUMNS, roomAddress, SHARD_COLUMNS } from "./columns.js";
import { TILES } from "./tiles.js";

const MAX_ROOMS = 200;

export class OverviewPage {
  #charts = new ServerCharts();
  #tiles = TILES.map(({ label }) => {
    const tile = make(
      "div",
      { class: "card tile" },
      make("h3", {}, label),
      make("p", { class: "figure" }),
      make("p", { class: "quiet" }),
    );
    byId("tiles").append(tile);
    return tile;
  });
  #rooms = new SortableTable(byId("rooms"), {
    caption: "Rooms",
    columns: ROOM_COLUMNS,
    key: ({ id }) => id,
    sort: { column: 4, descending: true },
    empty: "No rooms are open. A room opens when a player joins.",
    maxRows: MAX_ROOMS,
    open: ({ id }) => (location.hash = roomAddress(id)),
  });
  #shards = new SortableTable(byId("shards"), {
    caption: "Shards",
    columns: SHARD_COLUMNS,
    key: ({ index }) => index,
    sort: { column: 0, descending: false },
    empty: "No shards.",
  });
  /** @type {Overview | undefined} */
  #overview;

  constructor() {
    inputById("rooms-filter").addEventListener("input", () => this.#showRooms());
  }

  /**
   * @param {Overview} overview
   * @param {History} history
   */
  show(overview, history) {
    this.#overview = overview;
    TILES.forEach(({ read }, index) => {
      const { value, detail, bad = false } = read(overview, history);
      const [, figure, more] = this.#tiles[index].children;
      write(figure, value);
      write(more, detail);
      this.#tiles[index].classList.toggle("bad", bad);
    });
    this.#charts.show(history);
    this.#showRooms();
    this.#shards.show(overview.shards.map((shard, index) => ({ ...shard, index })));
  }

  #showRooms() {
    const rooms = this.#overview?.rooms ?? [];
    const wanted = inputById("rooms-filter").value.trim().toLowerCase();
    const found = rooms.filter(({ id, game, mode, state }) =>
      [id, game, mode, state].some((text) => text.toLowerCase().includes(wanted)),
    );
    write(byId("rooms-count"), wanted ? `${found.length} of ${rooms.length}` : `${rooms.length}`);
    this.#rooms.show(found);
  }
}

/**
 * The server's version and uptime, for the page header.
 *
 * @param {Overview} overview
 */
export function describe({ version, uptime_seconds: uptime }) {
  return [
    ["Version", version],
    ["Up", duration(uptime)],
  ];
}
