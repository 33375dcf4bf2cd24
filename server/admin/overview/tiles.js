/**
 * The tiles of the overview: one figure each.
 * @module
 */

/** @typedef {import("../data/api.js").Overview} Overview */
/** @typedef {import("../data/api.js").RoomLine} RoomLine */
/** @typedef {import("../data/history.js").History} History */

import { bytes, bytesPerSecond, count, microseconds, NONE, percent } from "../ui/format.js";

/** @typedef {{ value: string, detail: string, bad?: boolean }} Figure `bad`: true highlights the tile. */
/** @typedef {{ label: string, read: (overview: Overview, history: History) => Figure }} Tile */

/** @type {(overview: Overview, read: (room: RoomLine) => number) => number} */
const sum = ({ rooms }, read) => rooms.reduce((total, room) => total + read(room), 0);

/** @type {Tile[]} */
export const TILES = [
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
        detail: mismatches === 0 ? "all hashes match" : "reported by clients",
        bad: mismatches > 0,
      };
    },
  },
];

/** @param {Overview} overview */
function perPlayer(overview) {
  const players = sum(overview, (room) => room.players);
  return players > 0 ? `${bytes(overview.memory_bytes / players)} per player` : "no players";
}
