/**
 * The world to draw: a little in the past, between two snapshots that have both arrived.
 *
 * The playhead follows the ticks that are due, less a delay. It moves evenly: it corrects itself by going a little faster or
 * slower, waits at the newest snapshot when the next one is late, and leaps only when it is far off.
 */

/** @import { PartFrame } from "./frame.js" */
/** @import { PartStruct, TableStruct } from "./struct.js" */
/** @import { Entity } from "./tables.js" */
/** @import { Timeline } from "./timeline.js" */

import { Frame } from "./frame.js";
import { PUBLIC_CLASS } from "./schema.js";
import { allParts } from "./struct.js";
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
  #parts;
  #timeline;
  #delayTicks;
  #tickMs;
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
    this.#parts = allParts(structs);
    this.#timeline = timeline;
    this.#delayTicks = delayTicks;
    this.#tickMs = 1000 / tickRateHz;
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
    const copy = (full && this.#frames.shift()) || new Frame(this.#parts);
    copy.copyFrom(frame);
    this.#keepNewer(copy);
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
      return { tick: 0, tables: this.#read(new Frame(this.#parts), [], 0) };
    }
    // Before the first snapshot's time there is nothing to come from: it is shown as it is.
    const tick = Math.max(this.#play(now), this.#frames[0].tick);
    let index = this.#frames.length - 1;
    while (this.#frames[index].tick > tick) {
      index--;
    }
    return { tick, tables: this.#read(this.#frames[index], this.#frames.slice(index + 1), tick) };
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
   * Once an entity's newest area is out of view, the world has what an area that was skipped last knew of it. Nothing goes back
   * in time: what was newer stays.
   *
   * @param {Frame} frame
   */
  #keepNewer(frame) {
    const before = this.#frames.at(-1);
    for (const { index, areaClass } of this.#parts) {
      if (before !== undefined && areaClass !== PUBLIC_CLASS) {
        keepNewer(before.parts[index], frame.parts[index]);
      }
    }
  }

  /**
   * The entities of the last frame whose time has come: who comes with a later one is shown once its time has come, who goes with
   * it until then.
   *
   * @param {Frame} from
   * @param {Frame[]} later the frames after it
   * @param {number} tick
   */
  #read(from, later, tick) {
    /** @type {Record<string, any>} */
    const tables = {};
    for (const { name, single, base, others } of this.#structs) {
      const rows = from.parts[base.index];
      const entities = [];
      for (let index = 0; index < rows.length; index++) {
        const [slot, generation] = [rows.slots[index], rows.generations[index]];
        const object = single ? {} : { id: entityId(slot, generation) };
        readAt(base, rows, index, later, tick, object);
        for (const other of others) {
          const more = from.parts[other.index];
          const at = more.indexOf(slot, generation);
          if (at >= 0) {
            readAt(other, more, at, later, tick, object);
          }
        }
        entities.push(object);
      }
      tables[name] = single ? entities[0] : entities;
    }
    return tables;
  }
}

/**
 * Adds a part's fields of an entity as they are at a tick: between its row in a frame and the next news of it. That may be some
 * frames later, if its area is skipped now and then.
 *
 * @param {PartStruct} part
 * @param {PartFrame} from
 * @param {number} index its row there
 * @param {Frame[]} later the frames that follow
 * @param {number} tick
 * @param {object} object
 */
function readAt({ index: number, struct }, from, index, later, tick, object) {
  const start = index * from.width;
  const known = from.ticks[index];
  for (const { parts } of later) {
    const to = parts[number];
    const at = to.indexOf(from.slots[index], from.generations[index]);
    if (at < 0) {
      break;
    }
    if (to.ticks[at] > known) {
      const part = Math.min((tick - known) / (to.ticks[at] - known), 1);
      struct.readBetween(from.columns, start, to.columns, at * to.width, part, object);
      return;
    }
  }
  struct.read(from.columns, start, object);
}

/**
 * Puts those rows of a frame back that are older than in the one before.
 *
 * @param {PartFrame} before
 * @param {PartFrame} now
 */
function keepNewer(before, now) {
  for (let index = 0, at = 0; index < now.length; index++) {
    at = before.seek(at, now.slots[index]);
    if (before.isAt(at, now.slots[index], now.generations[index]) && before.ticks[at] > now.ticks[index]) {
      now.copyRow(index, before, at);
    }
  }
}
