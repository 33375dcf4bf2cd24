/** References from one entity to another. */

/** @import { Frame } from "../codec/frame.js" */
/** @import { TableStruct } from "./struct.js" */

/** The entities of the frame that is being read: a reference to any other is read as `null`. */
export class FrameReferences {
  /** @type {Frame | undefined} */
  frame;
  /** @type {Map<string, number>} For each table of entities the number of its base part. */
  #parts;

  /** @param {TableStruct[]} structs */
  constructor(structs) {
    this.#parts = new Map(structs.filter(({ single }) => !single).map(({ name, base }) => [name, base.index]));
  }

  /**
   * The same entities in another frame.
   *
   * @param {Frame} frame
   */
  of(frame) {
    this.frame = frame;
    return this;
  }

  /**
   * Returns true if the frame has an entity.
   *
   * @param {string} table
   * @param {number} slot
   * @param {number} generation
   */
  has(table, slot, generation) {
    const part = this.#parts.get(table);
    return part !== undefined && this.frame !== undefined && this.frame.parts[part].indexOf(slot, generation) >= 0;
  }
}
