/** The mirror: the areas that a client sees, decoded from snapshots, and the world that they make together. */

/** @import { Layout } from "../codec/layout.js" */
/** @import { InputAck, Snapshot } from "../codec/snapshot.js" */

import { DecodeError, HashMismatch } from "../base/errors.js";
import { MAX_FRAME_COLUMNS, baselineTicks } from "../base/limits.js";
import { BlockReader } from "../codec/block.js";
import { Frame, frameHash } from "../codec/frame.js";
import { KIND_DELTA, kindOf, readSnapshot } from "../codec/snapshot.js";
import { PUBLIC_CLASS } from "../schema/schema.js";
import { Area } from "./area.js";
import { World } from "./world.js";

/**
 * The result of a snapshot that was applied.
 *
 * @typedef {object} Applied
 * @property {number} tick the tick of the mirror now
 * @property {number} ticks ticks since the snapshot before; zero for a keyframe
 * @property {boolean} keyframe
 * @property {number} hashesChecked hashes in the snapshot, all of which matched
 * @property {number} areas areas that are now in view
 * @property {number} areasSkipped areas in view that the snapshot skipped
 * @property {InputAck | undefined} ack the acknowledgement of this client's inputs
 */

/** A client's copy of the world that it sees. Call {@link apply} with each snapshot, in the order of arrival. */
export class Mirror {
  #layout;
  #reader;
  /** The list of areas, in the same order as the server's; the public area is the first. */
  #areas;
  /** The empty frame of each class. */
  #empty;
  /** @type {Area[][]} For each class the areas that have left the list: their memory serves those that enter. */
  #left;
  #world;
  #ready = false;
  #maxAgeTicks;

  /**
   * @param {Layout} layout
   * @param {number} tickRateHz of the room, which says for how long it keeps baselines
   */
  constructor(layout, tickRateHz) {
    this.#layout = layout;
    this.#maxAgeTicks = baselineTicks(tickRateHz);
    this.#reader = new BlockReader(layout);
    this.#empty = layout.classes.map((parts) => new Frame(parts.map((index) => layout.parts[index])));
    this.#left = layout.classes.map(() => []);
    this.#areas = [this.#newArea(PUBLIC_CLASS)];
    this.#world = new World(layout, this.#areas[0]);
  }

  /** True if the next snapshot may be a delta. */
  get ready() {
    return this.#ready;
  }

  /** Accepts only a keyframe next: the snapshots that follow continue from no state that the mirror knows. */
  drop() {
    this.#ready = false;
  }

  /** The world at the newest snapshot; empty before the first keyframe. */
  get current() {
    return this.#world.current;
  }

  /** The world one snapshot before that. */
  get previous() {
    return this.#world.previous;
  }

  /** @type {readonly Area[]} The areas in view, in the order of the list; the public one is the first. */
  get areas() {
    return this.#areas;
  }

  /**
   * Applies a snapshot message. After a {@link DecodeError} or a {@link HashMismatch} the mirror is still at the tick before, and
   * accepts only a keyframe: the next delta is based on the snapshot that failed.
   *
   * @param {Uint8Array} message
   * @returns {Applied}
   */
  apply(message) {
    if (!this.#ready && kindOf(message) === KIND_DELTA) {
      throw new DecodeError("no_baseline");
    }
    this.#ready = false;
    const snapshot = readSnapshot(message, this.#areas.length);
    const { keyframe } = snapshot.head;
    const tick = keyframe ? snapshot.ticks : this.current.tick + snapshot.ticks;
    if (tick > 0xffff_ffff) {
      throw new DecodeError("no_baseline");
    }
    const areas = this.#list(snapshot);
    const { hashesChecked, areasSkipped } = this.#read(snapshot, areas, tick);
    // The whole snapshot is valid: nothing fails from here on, so the mirror never holds half of it.
    this.#advance(snapshot, areas);
    this.#world.advance(this.#areas, tick);
    this.#ready = true;
    return {
      tick,
      ticks: keyframe ? 0 : snapshot.ticks,
      keyframe,
      hashesChecked,
      areas: this.#areas.length,
      areasSkipped,
      ack: snapshot.ack,
    };
  }

  /**
   * The list of areas after a snapshot.
   *
   * @param {Snapshot} snapshot
   */
  #list({ head, leaves, enters }) {
    if (!head.keyframe && !head.view) {
      return this.#areas;
    }
    const leaving = new Set(leaves);
    const areas = head.keyframe ? [this.#areas[0]] : this.#areas.filter((_, index) => !leaving.has(index));
    for (const areaClass of enters) {
      areas.push(this.#left[areaClass].pop() ?? this.#newArea(areaClass));
    }
    return areas;
  }

  /**
   * Decodes the block of each area.
   *
   * @param {Snapshot} snapshot
   * @param {Area[]} areas
   * @param {number} tick
   */
  #read({ head, priors, blocks }, areas, tick) {
    this.#reader.readPriors(head.keyframe, priors);
    let columnsLeft = MAX_FRAME_COLUMNS;
    let hashesChecked = 0;
    let areasSkipped = 0;
    for (let index = 0; index < blocks.length; index++) {
      const area = areas[index];
      const block = blocks[index];
      if (block === undefined) {
        areasSkipped++;
        columnsLeft -= area.frame.size;
        continue;
      }
      area.prepare(tick, head.keyframe);
      const server = this.#reader.read(block, area.areaClass, area.baseline, columnsLeft, area.next);
      if (server !== undefined) {
        hashesChecked++;
        checkHash(area.next, server);
      }
      columnsLeft -= area.next.size;
    }
    if (columnsLeft < 0) {
      throw new DecodeError("frame_too_large");
    }
    return { hashesChecked, areasSkipped };
  }

  /**
   * Makes the decoded frames the newest ones.
   *
   * @param {Snapshot} snapshot
   * @param {Area[]} areas
   */
  #advance({ head, leaves, blocks }, areas) {
    const gone = head.keyframe ? this.#areas.slice(1) : leaves.map((index) => this.#areas[index]);
    for (const area of gone) {
      area.reset();
      this.#left[area.areaClass].push(area);
    }
    this.#areas = areas;
    for (let index = 0; index < areas.length; index++) {
      if (blocks[index] !== undefined) {
        areas[index].advance();
      }
    }
  }

  /** @param {number} areaClass */
  #newArea(areaClass) {
    const shapes = this.#layout.classes[areaClass].map((index) => this.#layout.parts[index]);
    return new Area(areaClass, shapes, this.#empty[areaClass], this.#maxAgeTicks);
  }
}

/**
 * @param {Frame} frame
 * @param {number} server the server's hash of it
 */
function checkHash(frame, server) {
  const mirror = frameHash(frame);
  if (mirror !== server) {
    throw new HashMismatch(frame.tick, server, mirror);
  }
}
