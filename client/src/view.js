/**
 * The world to draw: a little in the past, between two snapshots that have both arrived.
 *
 * The playhead follows the ticks that are due, less a delay. It moves evenly: it corrects itself by going a little faster or
 * slower, waits at the newest snapshot when the next one is late, and leaps only when it is far off.
 */

/** @import { TableFrame } from "./frame.js" */
/** @import { Struct, TableStruct } from "./struct.js" */
/** @import { Entity } from "./tables.js" */
/** @import { Timeline } from "./timeline.js" */

import { Frame } from "./frame.js";
import { entityId } from "./tables.js";

/** How far the playhead stays behind the newest tick: two ticks to move between, and a bit for arrivals that vary. */
const DELAY_TICKS = 2.25;
/** The part by which the playhead may go faster or slower than time. */
const SLEW = 0.1;
/** Beyond this it leaps. */
const MAX_ERROR_MS = 500;
/** Snapshots kept beyond the delay, for bursts after a stall. */
const SPARE_FRAMES = 32;

/**
 * @typedef {object} Shown
 * @property {number} tick the time shown, in ticks and fractions
 * @property {Record<string, any>} tables for each table by its name a list of {@link Entity}, or a single's object
 */

/** Keeps the last snapshots and interpolates between them. It reads no clock: time is what its caller says. */
export class View {
  #structs;
  #timeline;
  #delayTicks;
  #tickMs;
  #empty;
  /** @type {Frame[]} By ascending tick. */
  #frames = [];
  #capacity;
  /** The tick shown last, and when. */
  #playhead = NaN;
  #playedAt = 0;

  /**
   * @param {TableStruct[]} structs
   * @param {number} tickRateHz
   * @param {Timeline} timeline told of every tick that is pushed
   * @param {number} [delayTicks]
   */
  constructor(structs, tickRateHz, timeline, delayTicks = DELAY_TICKS) {
    this.#structs = structs;
    this.#timeline = timeline;
    this.#delayTicks = delayTicks;
    this.#tickMs = 1000 / tickRateHz;
    this.#empty = new Frame(this.#structs);
    this.#capacity = Math.ceil(delayTicks) + SPARE_FRAMES;
  }

  /**
   * Takes a copy of a snapshot's frame.
   *
   * @param {Frame} frame
   */
  push(frame) {
    const newest = this.#frames.at(-1);
    if (newest !== undefined && newest.tick >= frame.tick) {
      // Ticks only go up; whatever this is, nothing before it leads to it.
      this.#frames.length = 0;
    }
    const full = this.#frames.length === this.#capacity;
    const copy = (full && this.#frames.shift()) || new Frame(this.#structs);
    copy.copyFrom(frame);
    this.#frames.push(copy);
  }

  /**
   * The world to draw now.
   *
   * @param {number} now in milliseconds
   * @returns {Shown}
   */
  at(now) {
    if (this.#frames.length === 0) {
      return { tick: 0, tables: this.#read(this.#empty, this.#empty, 0) };
    }
    // Before the first snapshot's time there is nothing to come from: it is shown as it is.
    const tick = Math.max(this.#play(now), this.#frames[0].tick);
    let index = this.#frames.length - 1;
    while (this.#frames[index].tick > tick) {
      index--;
    }
    const from = this.#frames[index];
    const to = this.#frames[index + 1] ?? from;
    const part = to === from ? 0 : (tick - from.tick) / (to.tick - from.tick);
    return { tick, tables: this.#read(from, to, part) };
  }

  /**
   * Moves the playhead on.
   *
   * @param {number} now
   */
  #play(now) {
    const target = this.#timeline.tickAt(now) - this.#delayTicks;
    const elapsed = Math.max(0, (now - this.#playedAt) / this.#tickMs);
    const error = target - (this.#playhead + elapsed);
    // At the very first call the error is NaN: that leaps too.
    if (Math.abs(error) * this.#tickMs <= MAX_ERROR_MS) {
      const most = elapsed * SLEW;
      this.#playhead += elapsed + Math.min(Math.max(error, -most), most);
    } else {
      this.#playhead = target;
    }
    this.#playedAt = Math.max(now, this.#playedAt);
    this.#playhead = Math.min(this.#playhead, this.#frames[this.#frames.length - 1].tick);
    return this.#playhead;
  }

  /**
   * @param {Frame} from
   * @param {Frame} to
   * @param {number} part
   */
  #read(from, to, part) {
    /** @type {Record<string, any>} */
    const tables = {};
    this.#structs.forEach(({ name, single, struct }, index) => {
      const [earlier, later] = [from.tables[index], to.tables[index]];
      tables[name] = single
        ? struct.readBetween(earlier.columns, 0, later.columns, 0, part, {})
        : entitiesBetween(struct, earlier, later, part);
    });
    return tables;
  }
}

/**
 * The entities of the earlier frame: who comes with the later one is shown once its time has come, who goes with it until then.
 *
 * @param {Struct} struct
 * @param {TableFrame} from
 * @param {TableFrame} to
 * @param {number} part
 * @returns {Entity[]}
 */
function entitiesBetween(struct, from, to, part) {
  const entities = [];
  for (let index = 0, at = 0; index < from.length; index++) {
    const [slot, generation] = [from.slots[index], from.generations[index]];
    while (at < to.length && to.slots[at] < slot) {
      at++;
    }
    const entity = { id: entityId(slot, generation) };
    const start = index * from.width;
    entities.push(
      to.isAt(at, slot, generation)
        ? struct.readBetween(from.columns, start, to.columns, at * to.width, part, entity)
        : struct.read(from.columns, start, entity),
    );
  }
  return entities;
}
