/** The client's side: the areas that it sees, and the world that they make. */

/** @import { Layout } from "../codec/layout.js" */
/** @import { InputAck, Snapshot } from "../codec/snapshot.js" */

import { DecodeError, HashMismatch } from "../base/errors.js";
import { MAX_FRAME_COLUMNS } from "../base/limits.js";
import { BlockReader } from "../codec/block.js";
import { Frame, frameHash } from "../codec/frame.js";
import { KIND_DELTA, kindOf, readSnapshot } from "../codec/snapshot.js";
import { PUBLIC_CLASS } from "../schema/schema.js";
import { Area } from "./area.js";
import { World } from "./world.js";

/**
 * What a snapshot told.
 *
 * @typedef {object} Applied
 * @property {number} tick the tick that the mirror now shows
 * @property {number} ticks ticks since the snapshot before; zero for a keyframe
 * @property {boolean} keyframe
 * @property {number} hashesChecked hashes that it carried, which then matched
 * @property {number} areas how many are now in view
 * @property {number} areasSkipped how many of them it left as they were
 * @property {InputAck | undefined} ack the server's word on this client's inputs
 */

/**
 * A client's copy of what it sees of the world. Give each snapshot to {@link apply} in the order of arrival; read
 * {@link current}.
 */
export class Mirror {
  #layout;
  #reader;
  /** The list of areas that the server keeps as well, the public one first. */
  #areas;
  /** Each class's empty frame. */
  #empty;
  /** @type {Area[][]} Each class's areas that have left: their memory serves those that enter. */
  #left;
  #world;
  /** Whether a delta can follow. */
  #ready = false;

  /** @param {Layout} layout */
  constructor(layout) {
    this.#layout = layout;
    this.#reader = new BlockReader(layout);
    this.#empty = layout.classes.map((parts) => new Frame(parts.map((index) => layout.parts[index])));
    this.#left = layout.classes.map(() => []);
    this.#areas = [this.#newArea(PUBLIC_CLASS)];
    this.#world = new World(layout, this.#areas[0]);
  }

  /** The world as it was last told; all empty before the first keyframe. */
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
   * Applies a snapshot message. After a {@link DecodeError} or a {@link HashMismatch} the mirror still shows the tick before,
   * and takes only a keyframe: the next delta starts from what this snapshot should have shown.
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
    // All is well: nothing fails from here on.
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
   * The list of areas that a snapshot tells of.
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
   * Reads what each area is told.
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
   * Takes over what has been read.
   *
   * @param {Snapshot} snapshot
   * @param {Area[]} areas
   */
  #advance({ head, leaves, blocks }, areas) {
    const gone = head.keyframe ? this.#areas.slice(1) : leaves.map((index) => this.#areas[index]);
    for (const area of gone) {
      area.forget();
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
    return new Area(areaClass, shapes, this.#empty[areaClass]);
  }
}

/**
 * @param {Frame} frame
 * @param {number} server the hash that it should have
 */
function checkHash(frame, server) {
  const mirror = frameHash(frame);
  if (mirror !== server) {
    throw new HashMismatch(frame.tick, server, mirror);
  }
}
