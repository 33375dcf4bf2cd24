/**
 * The world that a client sees: the rows of all areas in view.
 *
 * A part of an entity is in one area at a time. But a slot may be used again while an area that was skipped still has the entity
 * that had it before: of two areas with the same slot, the one with the newer frame has the living entity.
 */

/** @import { PartFrame } from "../codec/frame.js" */
/** @import { Layout } from "../codec/layout.js" */
/** @import { Area } from "./area.js" */

import { MAX_ENTITIES } from "../base/limits.js";
import { Frame } from "../codec/frame.js";
import { PUBLIC_CLASS } from "../schema/schema.js";

/** The union of the areas in view, after each of the last two snapshots. */
export class World {
  /** The world at the newest snapshot. */
  current;
  /** The world one snapshot before. */
  previous;
  /** The numbers of the public area's parts. */
  #publicParts;
  /** The other classes that have parts, with the numbers of their parts. */
  #classes;
  #union = new Union();

  /**
   * @param {Layout} layout
   * @param {Area} publicArea
   */
  constructor({ parts, classes }, publicArea) {
    this.current = new Frame(parts);
    this.previous = new Frame(parts);
    this.#publicParts = classes[PUBLIC_CLASS];
    this.#classes = classes
      .map((indexes, areaClass) => ({ areaClass, indexes }))
      .filter(({ areaClass, indexes }) => areaClass !== PUBLIC_CLASS && indexes.length > 0);
    this.#share(this.current, publicArea);
    this.#share(this.previous, publicArea);
  }

  /**
   * Makes the union of some areas the current world.
   *
   * @param {Area[]} areas the public area first
   * @param {number} tick of the snapshot
   */
  advance(areas, tick) {
    const frame = this.previous;
    this.previous = this.current;
    this.current = frame;
    frame.tick = tick;
    this.#share(frame, areas[0]);
    for (const { areaClass, indexes } of this.#classes) {
      const ofClass = areas.filter((area) => area.areaClass === areaClass);
      indexes.forEach((part, index) => this.#union.make(ofClass, index, frame.parts[part]));
    }
  }

  /**
   * Shares the rows of the public area without a copy: there is one such area, and it never leaves.
   *
   * @param {Frame} frame
   * @param {Area} publicArea
   */
  #share(frame, publicArea) {
    for (let index = 0; index < this.#publicParts.length; index++) {
      frame.parts[this.#publicParts[index]] = publicArea.frame.parts[index];
    }
  }
}

/** Merges the rows of several areas by slot: each row marks its slot in a bit map, whose bits are then visited in order. */
class Union {
  /** A bit for each slot that some area has. All bits are zero between two calls. */
  #taken = new Uint32Array(MAX_ENTITIES / 32);
  /** For each such slot the index of its area, and of its row there. */
  #area = new Uint16Array(MAX_ENTITIES);
  #row = new Uint16Array(MAX_ENTITIES);

  /**
   * Merges a part of some areas of one class.
   *
   * @param {Area[]} areas
   * @param {number} index of the part in each area
   * @param {PartFrame} into
   */
  make(areas, index, into) {
    into.clear(0);
    const taken = this.#taken;
    let words = 0;
    areas.forEach(({ frame }, area) => {
      const { length, slots } = frame.parts[index];
      for (let row = 0; row < length; row++) {
        const slot = slots[row];
        const word = slot >>> 5;
        const bit = 1 << slot;
        if ((taken[word] & bit) === 0 || areas[this.#area[slot]].frame.tick < frame.tick) {
          taken[word] |= bit;
          this.#area[slot] = area;
          this.#row[slot] = row;
        }
      }
      words = Math.max(words, length === 0 ? 0 : (slots[length - 1] >>> 5) + 1);
    });
    for (let word = 0; word < words; word++) {
      for (let bits = taken[word]; bits !== 0; bits &= bits - 1) {
        const slot = word * 32 + 31 - Math.clz32(bits & -bits);
        into.pushFrom(areas[this.#area[slot]].frame.parts[index], this.#row[slot]);
      }
      taken[word] = 0;
    }
  }
}
