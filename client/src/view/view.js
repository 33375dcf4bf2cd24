/** The view: the world to draw, a little in the past, between two snapshots that have both arrived. */

/** @import { AnyFields, EntityOf, GameTypes, TableName } from "../base/game.js" */
/** @import { Playhead } from "../clock/playhead.js" */
/** @import { PartStruct, TableStruct } from "./struct.js" */

import { entityId } from "../base/entity-id.js";
import { Frame } from "../codec/frame.js";
import { setProperty } from "../schema/quantize.js";
import { BEYOND_MS, Corrections, beyond } from "./correct.js";
import { Gap, interpolate } from "./interpolate.js";
import { FrameReferences } from "./references.js";
import { allParts } from "./struct.js";

/** The successor of a row of an entity: a later row, none yet, or its despawn. */
const [LATER_ROW, NONE_YET, GONE] = [0, 1, 2];
/** Time for which snapshots are kept beyond the greatest delay: for bursts after a stall, and for the motion before one. */
const SPARE_MS = 1000;

/**
 * The world to draw: for each table a list of its entities, for each single its object.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {string extends keyof Game["tables"] ? AnyFields
 *   : { [Table in TableName<Game>]: EntityOf<Game, Table>[] } & Game["singles"]} ShownTables
 */

/**
 * @template {GameTypes} [Game=any]
 * @typedef {object} Shown
 * @property {number} tick the tick that is shown, with its fraction
 * @property {ShownTables<Game>} tables
 */

/**
 * Keeps the last snapshots and interpolates between them. It reads no clock: its caller passes the time.
 *
 * @internal
 */
export class View {
  #structs;
  #parts;
  #playhead;
  #tickMs;
  /** How far beyond the newest frame the playhead may run, in ticks. */
  #beyondTicks;
  /** @type {Frame[]} By ascending tick. */
  #frames = [];
  #capacity;
  /** The corrections of each part. */
  #corrections;
  #gap = new Gap();
  #references;
  /** The tick that is shown, the one shown before it, and the time of that. */
  #tick = NaN;
  #before = NaN;
  #shownAt = -Infinity;
  #elapsedMs = 0;
  /** True if the next frame begins another timeline. */
  #restarts = false;

  /**
   * @param {TableStruct[]} structs
   * @param {number} tickRateHz
   * @param {Playhead} playhead its timeline must record the arrival of every tick that is pushed
   */
  constructor(structs, tickRateHz, playhead) {
    this.#structs = structs;
    this.#parts = allParts(structs);
    this.#playhead = playhead;
    this.#tickMs = 1000 / tickRateHz;
    this.#beyondTicks = BEYOND_MS / this.#tickMs;
    this.#capacity = Math.ceil(playhead.mostTicks + SPARE_MS / this.#tickMs);
    this.#references = new FrameReferences(structs);
    this.#gap.references = this.#references;
    this.#corrections = this.#parts.map(({ struct }) => new Corrections(struct.fields));
  }

  /** The tick that was shown last; NaN if there is none. */
  get tick() {
    return this.#tick;
  }

  /**
   * How far the tick that is shown lies behind another one, in eighths of a tick; 0 if none is shown.
   *
   * @param {number} tick
   */
  eighthsBehind(tick) {
    return Number.isNaN(this.tick) ? 0 : (tick - this.tick) * 8;
  }

  /** Records that nothing leads from the frames so far to the next one. They are shown until it has come. */
  restart() {
    this.#restarts = true;
  }

  /**
   * Copies the frame of a new snapshot.
   *
   * @param {Frame} frame
   */
  push(frame) {
    // Ticks only go up: if they do not, this is another timeline.
    if (this.#restarts || frame.tick < (this.#frames.at(-1)?.tick ?? -1)) {
      this.#restarts = false;
      this.#frames.length = 0;
      this.#playhead.reset();
      this.#corrections.forEach((corrections) => corrections.clear());
    }
    const newest = this.#frames.at(-1)?.tick ?? -1;
    // The memory of a frame that is replaced or too old serves the new one.
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
    // Before the tick of the oldest frame that frame is shown as it is.
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

  /** The world before the first snapshot. */
  #empty() {
    /** @type {Record<string, any>} */
    const tables = {};
    const frame = new Frame(this.#parts);
    const { parts } = frame;
    const empty = this.#references.of(frame);
    for (const { name, single, base } of this.#structs) {
      setProperty(tables, name, single ? base.struct.read(parts[base.index].columns, 0, {}, empty) : []);
    }
    return tables;
  }

  /**
   * The entities of the last frame whose tick has come. An entity that spawns in a later frame is shown from that frame's tick
   * on, one that despawns until then.
   *
   * @param {number} index of the frame
   */
  #read(index) {
    /** @type {Record<string, any>} */
    const tables = {};
    const frame = this.#frames[index];
    this.#references.of(frame);
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
      setProperty(tables, name, single ? entities[0] : entities);
    }
    return tables;
  }

  /**
   * Adds the fields of an entity's part as they are now: interpolated between its row in a frame and the next row, which may be
   * some frames later if its area was skipped. If there is no later row yet, they are extrapolated.
   *
   * @param {PartStruct} part
   * @param {number} index of the frame
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
    const next = this.#findLater(part, index, row);
    // Ticks since the row, now and when the last frame was shown.
    let now = this.#tick - known;
    let before = this.#before - known;
    const waits = next === NONE_YET && now > 0;
    if (next !== LATER_ROW) {
      const moving = next === NONE_YET && this.#findMotion(part, index, row);
      now = moving ? gap.ticks + this.#beyond(now) : gap.ticks;
      before = moving ? gap.ticks + this.#beyond(before) : gap.ticks;
    }
    gap.seconds = (gap.ticks * this.#tickMs) / 1000;
    for (let field = 0; field < fields.length; field++) {
      setProperty(object, fields[field].name, interpolate(fields[field], gap, now / gap.ticks));
    }
    if (waits || corrections.has(id)) {
      corrections.apply(id, object, gap, before / gap.ticks, this.#elapsedMs, waits);
    }
  }

  /**
   * Looks for the next row of an entity's part. The gap then leads from its row to that one, or to itself if there is none.
   *
   * @param {PartStruct} part
   * @param {number} index of the frame
   * @param {number} row
   */
  #findLater({ index: number, struct }, index, row) {
    const frames = this.#frames;
    const gap = this.#gap;
    const from = frames[index].parts[number];
    const slot = from.slots[row];
    const generation = from.generations[row];
    const known = from.ticks[row];
    let found = NONE_YET;
    gap.from = gap.to = gap.newest = from.columns;
    gap.fromAt = gap.toAt = gap.newestAt = row * from.width;
    gap.ticks = 1;
    for (let later = index + 1; later < frames.length && (found === NONE_YET || struct.showsNewest); later++) {
      const to = frames[later].parts[number];
      row = to.indexOf(slot, generation, row);
      if (row < 0) {
        return found === LATER_ROW ? LATER_ROW : GONE;
      }
      gap.newest = to.columns;
      gap.newestAt = row * to.width;
      if (found === NONE_YET && to.ticks[row] > known) {
        found = LATER_ROW;
        gap.to = gap.newest;
        gap.toAt = gap.newestAt;
        gap.ticks = to.ticks[row] - known;
      }
    }
    return found;
  }

  /**
   * Looks for the row before an entity's row, to extrapolate from both. Returns true if the gap now leads from it to this row.
   *
   * @param {PartStruct} part
   * @param {number} index of the frame
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
   * The time by which an entity is extrapolated, in ticks.
   *
   * @param {number} ticks since its newest row
   */
  #beyond(ticks) {
    return beyond(ticks * this.#tickMs) / this.#tickMs;
  }
}
