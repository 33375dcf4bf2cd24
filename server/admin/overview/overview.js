/**
 * The server as a whole: figures, charts, rooms and shards.
 * @module
 */

/** @typedef {import("../data/api.js").Overview} Overview */
/** @typedef {import("../data/api.js").RoomLine} RoomLine */
/** @typedef {import("../data/history.js").History} History */

import { ServerCharts } from "../charts/server-charts.js";
import { byId, inputById, make, write } from "../ui/elements.js";
import { bytes, bytesPerSecond, count, duration, microseconds, NONE, percent } from "../ui/format.js";
import { Sheet } from "../ui/sortable-table.js";

const MOST_ROOMS = 200;

/** @typedef {{ value: string, detail: string, bad?: boolean }} Figure */
/** @typedef {{ label: string, read: (overview: Overview, history: History) => Figure }} Tile */

/** @type {(overview: Overview, read: (room: RoomLine) => number) => number} */
const sum = ({ rooms }, read) => rooms.reduce((total, room) => total + read(room), 0);

/** @type {Tile[]} */
const TILES = [
  {
    label: "Players",
    read: (overview) => {
      const held = sum(overview, (room) => room.held_seats);
      const seats = sum(overview, (room) => room.max_players);
      return {
        value: count(sum(overview, (room) => room.players)),
        detail: `${count(seats)} seats${held ? `, ${held} held` : ""}`,
      };
    },
  },
  {
    label: "Rooms",
    read: ({ rooms }) => {
      const locked = rooms.filter(({ state }) => state === "locked").length;
      return {
        value: count(rooms.length),
        detail: locked > 0 ? `${locked} locked` : `${new Set(rooms.map(({ game }) => game)).size} games`,
      };
    },
  },
  {
    label: "Connections",
    read: ({ connections, max_connections }) => ({ value: count(connections), detail: `of ${count(max_connections)}` }),
  },
  {
    label: "Tick lateness p99",
    read: ({ shards }) => {
      const worst = shards.filter(({ rooms }) => rooms > 0).map(({ recent }) => recent.lateness_us_p99);
      const busy = Math.max(0, ...shards.map(({ recent }) => recent.busy));
      const late = Math.max(...worst);
      return {
        value: worst.length > 0 ? microseconds(late) : NONE,
        detail: `busiest shard ${percent(busy)}`,
        bad: late > 10_000,
      };
    },
  },
  {
    label: "Traffic out",
    read: (_, { newest }) => ({
      value: newest && !Number.isNaN(newest.bytesOut) ? bytesPerSecond(newest.bytesOut) : NONE,
      detail: newest && !Number.isNaN(newest.bytesIn) ? `in ${bytesPerSecond(newest.bytesIn)}` : "in –",
    }),
  },
  { label: "Memory", read: (overview) => ({ value: bytes(overview.memory_bytes), detail: perPlayer(overview) }) },
  {
    label: "Mirror mismatches",
    read: (overview) => {
      const mismatches = sum(overview, (room) => room.mismatches_reported);
      return {
        value: count(mismatches),
        detail: mismatches === 0 ? "every hash holds" : "reported by clients",
        bad: mismatches > 0,
      };
    },
  },
];

/** @param {Overview} overview */
function perPlayer(overview) {
  const players = sum(overview, (room) => room.players);
  return players > 0 ? `${bytes(overview.memory_bytes / players)} a player` : "nobody plays";
}

/** @type {import("../ui/sortable-table.js").Column<RoomLine>[]} */
const ROOM_COLUMNS = [
  { label: "Room", by: ({ id }) => id, fill: (cell, { id }) => link(cell, id) },
  { label: "Game", by: ({ game }) => game },
  { label: "Mode", by: ({ mode }) => mode || NONE },
  { label: "State", by: ({ state }) => state, fill: (cell, room) => state(cell, room) },
  { label: "Players", numeric: true, by: ({ players }) => players, fill: (cell, room) => fullness(cell, room) },
  { label: "Held", numeric: true, title: "Seats held for players whose connections are lost", by: (room) => room.held_seats },
  { label: "Watching", numeric: true, title: "Spectators", by: (room) => room.spectators },
  { label: "Tick", numeric: true, by: ({ tick }) => tick, fill: (cell, { tick }) => write(cell, count(tick)) },
  { label: "Hz", numeric: true, title: "Ticks a second", by: (room) => room.tick_rate_hz },
  {
    label: "Coalesced",
    numeric: true,
    title: "Snapshots that were not sent because the client had not taken the one before",
    by: (room) => room.snapshots_coalesced,
    fill: (cell, room) => write(cell, count(room.snapshots_coalesced)),
  },
  {
    label: "Dropped",
    numeric: true,
    title: "Inputs dropped",
    by: (room) => room.inputs_dropped,
    fill: (cell, room) => write(cell, count(room.inputs_dropped)),
  },
  {
    label: "Mismatches",
    numeric: true,
    title: "Mirrors reported to differ from the world",
    by: (room) => room.mismatches_reported,
    fill: (cell, { mismatches_reported: found }) => alarming(cell, found),
  },
];

/** @typedef {import("../data/api.js").Shard & { index: number }} ShardLine */

/** @type {import("../ui/sortable-table.js").Column<ShardLine>[]} */
const SHARD_COLUMNS = [
  { label: "Shard", by: ({ index }) => index },
  { label: "Rooms", numeric: true, by: ({ rooms }) => rooms },
  {
    label: "Busy",
    numeric: true,
    by: ({ recent }) => recent.busy,
    fill: (cell, { recent }) => write(cell, percent(recent.busy)),
  },
  ...timeColumns("Late", "How long after its deadline a tick began", "lateness_us"),
  ...timeColumns("Long", "How long a tick took", "duration_us"),
  { label: "Ticks", numeric: true, by: ({ ticks }) => ticks, fill: (cell, { ticks }) => write(cell, count(ticks)) },
  {
    label: "Skipped",
    numeric: true,
    title: "Ticks left out after stalls",
    by: (shard) => shard.skipped_ticks,
    fill: (cell, shard) => write(cell, count(shard.skipped_ticks)),
  },
];

/**
 * @param {string} label
 * @param {string} title
 * @param {"lateness_us" | "duration_us"} figure
 * @returns {import("../ui/sortable-table.js").Column<ShardLine>[]}
 */
function timeColumns(label, title, figure) {
  return /** @type {const} */ (["p50", "p99", "max"]).map((quantile) => ({
    label: `${label} ${quantile}`,
    title,
    numeric: true,
    by: ({ recent }) => recent[`${figure}_${quantile}`],
    fill: (cell, { recent }) => write(cell, microseconds(recent[`${figure}_${quantile}`])),
  }));
}

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
  #rooms = new Sheet(byId("rooms"), {
    caption: "Rooms",
    columns: ROOM_COLUMNS,
    key: ({ id }) => id,
    sort: { column: 4, descending: true },
    empty: "No room is open. One opens when somebody joins a game.",
    most: MOST_ROOMS,
    open: ({ id }) => (location.hash = roomAddress(id)),
  });
  #shards = new Sheet(byId("shards"), {
    caption: "Shards",
    columns: SHARD_COLUMNS,
    key: ({ index }) => index,
    sort: { column: 0, descending: false },
    empty: "There are no shards.",
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

/** @param {string} id */
export const roomAddress = (id) => `#/rooms/${encodeURIComponent(id)}`;

/**
 * How long the server is up and what it is, for the head of the page.
 *
 * @param {Overview} overview
 */
export function describe({ version, uptime_seconds: uptime }) {
  return [
    ["Version", version],
    ["Up", duration(uptime)],
  ];
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {string} id
 */
function link(cell, id) {
  if (!cell.firstChild) cell.append(make("a", { href: roomAddress(id), class: "code" }, id));
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {RoomLine} room
 */
function state(cell, { state, private: secret }) {
  const badge = cell.firstElementChild ?? cell.appendChild(make("span", { class: "badge" }));
  badge.setAttribute("data-state", state);
  write(badge, secret ? `${state}, private` : state);
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {RoomLine} room
 */
function fullness(cell, { players, max_players }) {
  if (!cell.firstChild) cell.append(make("meter", { min: 0, max: max_players, "aria-hidden": "true" }), make("span"));
  const [meter, text] = cell.children;
  /** @type {HTMLMeterElement} */ (meter).value = players;
  write(text, `${players} / ${max_players}`);
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {number} value
 */
function alarming(cell, value) {
  write(cell, count(value));
  cell.classList.toggle("bad", value > 0);
}
