/**
 * The world as a client knows it: the rows of all the areas that it sees.
 *
 * An entity's part is in one area at a time. But a slot may be used again before an area that has not been told for a while gives
 * up its entity before: the newer area has the one that lives.
 */

/** @import { PartFrame } from "../codec/frame.js" */
/** @import { Layout } from "../codec/layout.js" */
/** @import { Area } from "./area.js" */

import { MAX_ENTITIES } from "../base/limits.js";
import { Frame } from "../codec/frame.js";
import { PUBLIC_CLASS } from "../schema/schema.js";

/** The union of areas after each of the last two snapshots. */
export class World {
  /** The newest one: its parts by their numbers. */
  current;
  /** The one before. */
  previous;
  /** The numbers of the public area's parts. */
  #publicParts;
  /** The other classes that have parts, with the parts' numbers. */
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
   * Becomes the union of some areas.
   *
   * @param {Area[]} areas the public one first
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
   * There is one public area, and it never leaves: its rows are the world's without being copied.
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

/** Puts the rows of several areas in order: each marks its slot, and then the slots are gone through. */
class Union {
  /** A bit for each slot that some area has. All zero between two unions. */
  #taken = new Uint32Array(MAX_ENTITIES / 32);
  /** For each such slot which area has it, and in which row. */
  #area = new Uint16Array(MAX_ENTITIES);
  #row = new Uint16Array(MAX_ENTITIES);

  /**
   * Makes a part of the world from that of some areas of a class.
   *
   * @param {Area[]} areas
   * @param {number} index the part's in each area
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
