/**
 * Figures of a room, as measured by the dashboard's own spectator connection.
 * @module
 */

/** @typedef {import("/client/room.js").Room} Room */

import { bytesPerSecond, count, NONE } from "../ui/format.js";

/** @typedef {{ label: string, title: string, read: (room: Room) => string, bad?: (room: Room) => boolean }} Fact */

/** @type {Fact[]} */
export const FACTS = [
  { label: "Tick", title: "The tick of the newest snapshot", read: ({ tick }) => count(tick) },
  {
    label: "Updates",
    title: "Snapshots received in the last second, of those expected",
    read: ({ stats, tickRateHz }) => `${Math.round(stats.updatesPerS)} of ${tickRateHz} /s`,
  },
  { label: "Received", title: "Data received by this spectator", read: ({ stats }) => bytesPerSecond(stats.bytesPerS) },
  {
    label: "Areas",
    title: "Areas of the world, and those that did not fit into the last snapshot",
    read: ({ stats }) => `${count(stats.areas)}${stats.areasSkipped ? `, ${stats.areasSkipped} waiting` : ""}`,
  },
  {
    label: "Hashes checked",
    title: "Frame hashes from the server, compared with this page’s mirror",
    read: ({ stats }) => count(stats.hashesChecked),
  },
  {
    label: "Mismatches",
    title: "Hashes that differed",
    read: ({ stats }) => count(stats.mismatches),
    bad: ({ stats }) => stats.mismatches > 0,
  },
  {
    label: "Ping",
    title: "Round-trip time; the server answers on its next tick",
    read: ({ stats }) => (stats.pingMs > 0 ? `${Math.round(stats.pingMs)} ms` : NONE),
  },
];
