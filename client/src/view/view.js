/** The world to draw: a little in the past, between two snapshots that have both arrived. */

/** @import { Playhead } from "../clock/playhead.js" */
/** @import { PartStruct, TableStruct } from "./struct.js" */
/** @import { Entity } from "./tables.js" */

import { Frame } from "../codec/frame.js";
import { BEYOND_MS, Corrections, beyond } from "./correct.js";
import { Gap, interpolate } from "./interpolate.js";
import { allParts } from "./struct.js";
import { entityId } from "./tables.js";

/** What is known of an entity after a row of it: a later row, nothing yet, or that it has died or left. */
const [NEWS, NO_NEWS, GONE] = [0, 1, 2];
/** Snapshots are kept for so long beyond what is shown: for bursts after a stall, and for how things moved before one. */
const SPARE_MS = 1000;

/**
 * @typedef {object} Shown
 * @property {number} tick the time shown, in ticks and fractions
 * @property {Record<string, any>} tables for each table by its name a list of {@link Entity}, or a single's object
 */

/** Keeps the last snapshots and shows what is between them. It reads no clock: time is what its caller says. */
export class View {
  #structs;
  #parts;
  #playhead;
  #tickMs;
  /** Where the playhead waits beyond the newest frame, in ticks. */
  #beyondTicks;
  /** @type {Frame[]} By ascending tick. */
  #frames = [];
  #capacity;
  /** For each part who is not shown where they are. */
  #corrections;
  #gap = new Gap();
  /** The tick shown now, the one shown before, and when that was. */
  #tick = NaN;
  #before = NaN;
  #shownAt = -Infinity;
  #elapsedMs = 0;

  /**
   * @param {TableStruct[]} structs
   * @param {number} tickRateHz
   * @param {Playhead} playhead whose timeline is told of every tick that is pushed
   */
  constructor(structs, tickRateHz, playhead) {
    this.#structs = structs;
    this.#parts = allParts(structs);
    this.#playhead = playhead;
    this.#tickMs = 1000 / tickRateHz;
    this.#beyondTicks = BEYOND_MS / this.#tickMs;
    this.#capacity = Math.ceil(playhead.mostTicks + SPARE_MS / this.#tickMs);
    this.#corrections = this.#parts.map(({ struct }) => new Corrections(struct.fields));
  }

  /** The tick that was shown last; NaN if nothing has been. */
  get tick() {
    return this.#tick;
  }

  /**
   * Takes a copy of a snapshot's frame.
   *
   * @param {Frame} frame
   */
  push(frame) {
    const newest = this.#frames.at(-1)?.tick ?? -1;
    if (frame.tick < newest) {
      // Ticks only go up; whatever this is, nothing before it leads to it.
      this.#frames.length = 0;
      this.#playhead.reset();
      this.#corrections.forEach((corrections) => corrections.clear());
    }
    const again = frame.tick === newest ? this.#frames.pop() : undefined;
    const full = this.#frames.length === this.#capacity;
    const copy = again ?? (full ? this.#frames.shift() : undefined) ?? new Frame(this.#parts);
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
    const frames = this.#frames;
    if (frames.length === 0) {
      return { tick: 0, tables: this.#empty() };
    }
    let index = frames.length - 1;
    const playhead = this.#playhead.at(now, frames[index].tick + this.#beyondTicks);
    // Before the first snapshot's time there is nothing to come from: it is shown as it is.
    this.#before = this.#tick;
    this.#tick = Math.max(playhead, frames[0].tick);
    this.#elapsedMs = Math.max(now - this.#shownAt, 0);
    this.#shownAt = Math.max(now, this.#shownAt);
    while (frames[index].tick > this.#tick) {
      index--;
    }
    const tables = this.#read(index);
    this.#corrections.forEach((corrections) => corrections.endFrame());
    return { tick: this.#tick, tables };
  }

  /** The world before it is known. */
  #empty() {
    /** @type {Record<string, any>} */
    const tables = {};
    const { parts } = new Frame(this.#parts);
    for (const { name, single, base } of this.#structs) {
      tables[name] = single ? base.struct.read(parts[base.index].columns, 0, {}) : [];
    }
    return tables;
  }

  /**
   * The entities of the last frame whose time has come: who comes with a later one is shown once its time has come, who goes with
   * it until then.
   *
   * @param {number} index the frame's
   */
  #read(index) {
    /** @type {Record<string, any>} */
    const tables = {};
    const frame = this.#frames[index];
    for (const { name, single, base, others } of this.#structs) {
      const { length, slots, generations } = frame.parts[base.index];
      const entities = new Array(length);
      for (let row = 0; row < length; row++) {
        const slot = slots[row];
        const generation = generations[row];
        const id = entityId(slot, generation);
        const object = single ? {} : { id };
        this.#show(base, index, row, id, object);
        for (const other of others) {
          const at = frame.parts[other.index].indexOf(slot, generation);
          if (at >= 0) {
            this.#show(other, index, at, id, object);
          }
        }
        entities[row] = object;
      }
      tables[name] = single ? entities[0] : entities;
    }
    return tables;
  }

  /**
   * Adds a part's fields of an entity as they are now: between its row in a frame and the next news of it. That may be some
   * frames later, if its area is skipped now and then. If there is none yet, it goes on a little as it went.
   *
   * @param {PartStruct} part
   * @param {number} index the frame's
   * @param {number} row
   * @param {number} id
   * @param {Record<string, any>} object
   */
  #show(part, index, row, id, object) {
    const { fields } = part.struct;
    const gap = this.#gap;
    const corrections = this.#corrections[part.index];
    const rows = this.#frames[index].parts[part.index];
    const known = rows.ticks[row];
    const next = this.#findNews(part, index, row);
    // How far it is since the row, now and when the last frame was shown.
    let now = this.#tick - known;
    let before = this.#before - known;
    const waits = next === NO_NEWS && now > 0;
    if (next !== NEWS) {
      const moving = next === NO_NEWS && this.#findMotion(part, index, row);
      now = moving ? gap.ticks + this.#beyond(now) : gap.ticks;
      before = moving ? gap.ticks + this.#beyond(before) : gap.ticks;
    }
    gap.seconds = (gap.ticks * this.#tickMs) / 1000;
    for (let field = 0; field < fields.length; field++) {
      object[fields[field].name] = interpolate(fields[field], gap, now / gap.ticks);
    }
    if (waits || corrections.has(id)) {
      corrections.apply(id, object, gap, before / gap.ticks, this.#elapsedMs, waits);
    }
  }

  /**
   * Looks for the next news of an entity's part. The gap then leads from its row to that one, or if there is none, to itself.
   *
   * @param {PartStruct} part
   * @param {number} index the frame's
   * @param {number} row
   */
  #findNews({ index: number, struct }, index, row) {
    const frames = this.#frames;
    const gap = this.#gap;
    const from = frames[index].parts[number];
    const slot = from.slots[row];
    const generation = from.generations[row];
    const known = from.ticks[row];
    let found = NO_NEWS;
    gap.from = gap.to = gap.newest = from.columns;
    gap.fromAt = gap.toAt = gap.newestAt = row * from.width;
    gap.ticks = 1;
    for (let later = index + 1; later < frames.length && (found === NO_NEWS || struct.showsNewest); later++) {
      const to = frames[later].parts[number];
      row = to.indexOf(slot, generation, row);
      if (row < 0) {
        return found === NEWS ? NEWS : GONE;
      }
      gap.newest = to.columns;
      gap.newestAt = row * to.width;
      if (found === NO_NEWS && to.ticks[row] > known) {
        found = NEWS;
        gap.to = gap.newest;
        gap.toAt = gap.newestAt;
        gap.ticks = to.ticks[row] - known;
      }
    }
    return found;
  }

  /**
   * Looks for how an entity's part came to its row. The gap then leads from an earlier row to that one.
   *
   * @param {PartStruct} part
   * @param {number} index the frame's
   * @param {number} row
   */
  #findMotion({ index: number }, index, row) {
    const gap = this.#gap;
    const to = this.#frames[index].parts[number];
    const slot = to.slots[row];
    const generation = to.generations[row];
    const known = to.ticks[row];
    for (let earlier = index - 1; earlier >= 0; earlier--) {
      const from = this.#frames[earlier].parts[number];
      row = from.indexOf(slot, generation, row);
      if (row < 0) {
        return false;
      }
      if (from.ticks[row] < known) {
        gap.from = from.columns;
        gap.fromAt = row * from.width;
        gap.ticks = known - from.ticks[row];
        return true;
      }
    }
    return false;
  }

  /**
   * How far beyond a row something is shown, in ticks.
   *
   * @param {number} ticks how long ago that was
   */
  #beyond(ticks) {
    return beyond(ticks * this.#tickMs) / this.#tickMs;
  }
}
