/** Ships like the arena's, steered at random, and the view of a client on a simulated network. */

/** @import { Field } from "../../src/schema/kinds.js" */

import { Playhead } from "../../src/clock/playhead.js";
import { Timeline } from "../../src/clock/timeline.js";
import { Frame } from "../../src/codec/frame.js";
import { Link } from "../../src/network/link.js";
import { parseNetwork } from "../../src/network/profile.js";
import { ALL, SMOOTH } from "../../src/schema/field.js";
import { maxQuantized } from "../../src/schema/kinds.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { View } from "../../src/view/view.js";
import { NO_INPUT, NO_MESSAGES } from "./vectors.js";

export const TICK_RATE_HZ = 30;
export const TICK_MS = 1000 / TICK_RATE_HZ;
const FRAME_MS = 1000 / 60;
const THRUST = 720;
const DRAG = 1.5;
const CENTRE = 1000;

const span = { min: 0, max: 2000, step: 1 / 16 };
const range = { ...span, maxQuantized: maxQuantized(span) };
/** @type {Field[]} */
const fields = [
  { name: "position", kind: { type: "Vec2", axes: [range, range] }, linear: true, interpolate: SMOOTH, audience: ALL },
];
const ships = { name: "ships", single: false, placed: false, audience: ALL, fields };
const structs = tableStructs({ tables: [ships], input: NO_INPUT, messages: NO_MESSAGES });

/** @typedef {{ x: number, y: number }} Vec2 */

/**
 * The positions of some ships on each tick.
 *
 * @param {number} ships
 * @param {number} ticks
 * @param {(below: number) => number} random
 * @returns {Vec2[][]}
 */
export function fly(ships, ticks, random) {
  const dt = 1 / TICK_RATE_HZ;
  const fleet = Array.from({ length: ships }, () => ({
    x: CENTRE + random(600) - 300, y: CENTRE + random(600) - 300, dx: 0, dy: 0, course: 0, thrust: 0, until: 0,
  }));
  return Array.from({ length: ticks }, (_, tick) =>
    fleet.map((ship) => {
      if (tick >= ship.until) {
        ship.until = tick + 3 + random(30);
        // A ship that has come far turns back to the middle, so that none meets a wall.
        const far = Math.hypot(ship.x - CENTRE, ship.y - CENTRE) > 500;
        ship.course = far ? Math.atan2(CENTRE - ship.y, CENTRE - ship.x) : (random(1000) / 1000) * 2 * Math.PI;
        ship.thrust = far || random(4) > 0 ? THRUST : 0;
      }
      ship.dx = (ship.dx + Math.cos(ship.course) * ship.thrust * dt) * (1 - DRAG * dt);
      ship.dy = (ship.dy + Math.sin(ship.course) * ship.thrust * dt) * (1 - DRAG * dt);
      ship.x += ship.dx * dt;
      ship.y += ship.dy * dt;
      return { x: ship.x, y: ship.y };
    }),
  );
}

/**
 * A frame that was drawn.
 *
 * @typedef {object} Drawn
 * @property {number} now
 * @property {number} tick that was shown
 * @property {Vec2[]} ships
 * @property {number} newest the newest tick that had arrived
 * @property {number} due the tick that had arrived at the latest, if nothing had stalled
 */

/**
 * Plays ticks over a network to a client that draws 60 frames a second.
 *
 * @param {Vec2[][]} truth
 * @param {string} text the network
 * @param {number} seed
 * @returns {{ drawn: Drawn[], timeline: Timeline, playhead: Playhead }}
 */
export function watch(truth, text, seed) {
  const profile = parseNetwork(text);
  const link = new Link(profile, seed, 0);
  const timeline = new Timeline(TICK_RATE_HZ);
  const playhead = new Playhead(timeline, TICK_RATE_HZ);
  const view = new View(structs, TICK_RATE_HZ, playhead);
  const frame = new Frame(allParts(structs));
  const [table] = frame.parts;
  const arrivals = truth.map((_, tick) => link.send(tick * TICK_MS, 100));
  /** @type {Drawn[]} */
  const drawn = [];
  let newest = -1;
  for (let now = arrivals[0] + 1; now < arrivals[arrivals.length - 1]; now += FRAME_MS) {
    for (; arrivals[newest + 1] <= now; newest++) {
      const tick = newest + 1;
      timeline.arrived(tick, arrivals[tick]);
      frame.tick = tick;
      table.clear(tick);
      truth[tick].forEach((position, slot) => {
        const at = table.push(slot, 0);
        structs[0].base.struct.write({ position }, table.columns.subarray(at, at + table.width));
      });
      view.push(frame);
    }
    const { tick, tables } = view.at(now);
    const ships = tables.ships.map((/** @type {{ position: Vec2 }} */ { position }) => position);
    const due = Math.floor((now - profile.delayMs - profile.jitterMs) / TICK_MS);
    drawn.push({ now, tick, ships, newest, due });
  }
  return { drawn, timeline, playhead };
}

/**
 * The position of a ship between two ticks: it moves evenly between them.
 *
 * @param {Vec2[][]} truth
 * @param {number} tick
 * @param {number} ship
 */
export function placeAt(truth, tick, ship) {
  const before = Math.min(Math.floor(tick), truth.length - 2);
  const [from, to, part] = [truth[before][ship], truth[before + 1][ship], tick - before];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return { x: from.x + dx * part, y: from.y + dy * part, dx: dx * TICK_RATE_HZ, dy: dy * TICK_RATE_HZ };
}

