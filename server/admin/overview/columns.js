/**
 * The columns of the overview's tables of rooms and shards.
 * @module
 */

/** @typedef {import("../data/api.js").RoomLine} RoomLine */

import { make, write } from "../ui/elements.js";
import { count, microseconds, NONE, percent } from "../ui/format.js";

/** @type {import("../ui/sortable-table.js").Column<RoomLine>[]} */
export const ROOM_COLUMNS = [
  { label: "Room", by: ({ id }) => id, fill: (cell, { id }) => fillLink(cell, id) },
  { label: "Game", by: ({ game }) => game },
  { label: "Mode", by: ({ mode }) => mode || NONE },
  { label: "State", by: ({ state }) => state, fill: (cell, room) => fillState(cell, room) },
  { label: "Players", numeric: true, by: ({ players }) => players, fill: (cell, room) => fillPlayers(cell, room) },
  { label: "Held", numeric: true, title: "Seats held for disconnected players", by: (room) => room.held_seats },
  { label: "Watching", numeric: true, title: "Spectators", by: (room) => room.spectators },
  { label: "Tick", numeric: true, by: ({ tick }) => tick, fill: (cell, { tick }) => write(cell, count(tick)) },
  { label: "Hz", numeric: true, title: "Ticks per second", by: (room) => room.tick_rate_hz },
  {
    label: "Coalesced",
    numeric: true,
    title: "Snapshots replaced by newer ones because a client was slow to receive",
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
    title: "Mirror mismatches reported by clients",
    by: (room) => room.mismatches_reported,
    fill: (cell, { mismatches_reported: found }) => fillMismatches(cell, found),
  },
  {
    label: "Clamped",
    numeric: true,
    title: "Values of the game's state that did not fit their fields: the log and /metrics name the fields",
    by: (room) => room.clamped_values,
    fill: (cell, { clamped_values: found }) => fillMismatches(cell, found),
  },
];

/** @typedef {import("../data/api.js").Shard & { index: number }} ShardLine */

/** @type {import("../ui/sortable-table.js").Column<ShardLine>[]} */
export const SHARD_COLUMNS = [
  { label: "Shard", by: ({ index }) => index },
  { label: "Rooms", numeric: true, by: ({ rooms }) => rooms },
  {
    label: "Busy",
    numeric: true,
    by: ({ recent }) => recent.busy,
    fill: (cell, { recent }) => write(cell, percent(recent.busy)),
  },
  ...timeColumns("Late", "The time from a tick's deadline to its start", "lateness_us"),
  ...timeColumns("Took", "The duration of a tick", "duration_us"),
  { label: "Ticks", numeric: true, by: ({ ticks }) => ticks, fill: (cell, { ticks }) => write(cell, count(ticks)) },
  {
    label: "Skipped",
    numeric: true,
    title: "Ticks skipped after stalls",
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

/** The address of a room's page. @param {string} id */
export const roomAddress = (id) => `#/rooms/${encodeURIComponent(id)}`;

/**
 * @param {HTMLTableCellElement} cell
 * @param {string} id
 */
function fillLink(cell, id) {
  if (!cell.firstChild) cell.append(make("a", { href: roomAddress(id), class: "code" }, id));
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {RoomLine} room
 */
function fillState(cell, { state, private: secret }) {
  const badge = cell.firstElementChild ?? cell.appendChild(make("span", { class: "badge" }));
  badge.setAttribute("data-state", state);
  write(badge, secret ? `${state}, private` : state);
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {RoomLine} room
 */
function fillPlayers(cell, { players, max_players }) {
  if (!cell.firstChild) cell.append(make("meter", { min: 0, max: max_players, "aria-hidden": "true" }), make("span"));
  const [meter, text] = cell.children;
  /** @type {HTMLMeterElement} */ (meter).value = players;
  write(text, `${players} / ${max_players}`);
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {number} value
 */
function fillMismatches(cell, value) {
  write(cell, count(value));
  cell.classList.toggle("bad", value > 0);
}
