/** A server of one client: it writes valid snapshots, and invalid ones. */

/** @import { Baseline } from "../../src/codec/delta.js" */
/** @import { Layout } from "../../src/codec/layout.js" */

import { Frame, frameHash } from "../../src/codec/frame.js";
import { worldLayout } from "../../src/codec/layout.js";
import { Priors } from "../../src/codec/priors.js";
import { readControl } from "../../src/messages/control.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { RangeReader } from "../../src/wire/range-coder.js";
import { writeBlock } from "./block-writer.js";
import { RangeWriter } from "./writers.js";

/** An area that is as predicted. */
export const QUIET = /** @type {const} */ ("quiet");
/** An area that the snapshot skips. */
export const SKIPPED = /** @type {const} */ ("skipped");

/** @typedef {[slot: number, generation: number, columns: number[]]} Row */
/** @typedef {Row[][]} Content the rows of an area, part by part of its class */

/**
 * @typedef {object} Message
 * @property {boolean} [keyframe]
 * @property {number} [tick] a keyframe's
 * @property {number} [ticks] a delta's distance
 * @property {Uint8Array} [priors]
 * @property {number[]} [leaves]
 * @property {number[]} [enters]
 * @property {(Uint8Array | typeof QUIET | typeof SKIPPED)[]} areas
 */

/**
 * A snapshot's bytes.
 *
 * @param {Message} message
 */
export function writeMessage({ keyframe = false, tick = 0, ticks = 1, priors, leaves = [], enters = [], areas }) {
  const view = leaves.length + enters.length > 0;
  const flags = [priors !== undefined, !keyframe && ticks > 1, view, areas.includes(SKIPPED)];
  const head = flags.reduce((head, flag, index) => head | (Number(flag) << (2 + index)), keyframe ? 2 : 1);
  const bytes = [head, 0, 0x80];
  if (keyframe) {
    bytes.push(...new Uint8Array(Uint32Array.of(tick).buffer));
  } else if (ticks > 1) {
    bytes.push(...varint(ticks - 2));
  }
  if (priors !== undefined) {
    bytes.push(...varint(priors.length), ...priors);
  }
  if (view) {
    const gaps = leaves.map((index, at) => index - (at > 0 ? leaves[at - 1] + 1 : 0));
    bytes.push(...[leaves.length, ...gaps].flatMap(varint), ...varint(enters.length), ...enters);
  }
  const blocks = areas.filter((area) => typeof area !== "string");
  if (areas.length > 1) {
    bytes.push(...map(areas.map((area) => typeof area !== "string")));
    if (areas.includes(SKIPPED)) {
      bytes.push(...map(areas.filter((area) => typeof area === "string").map((area) => area === SKIPPED)));
    }
  }
  blocks.forEach((block, index) => bytes.push(...(index + 1 < blocks.length ? varint(block.length) : []), ...block));
  return Uint8Array.from(bytes);
}

/**
 * Seven bits a byte.
 *
 * @param {number} value
 * @returns {number[]}
 */
export function varint(value) {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}

/** @param {boolean[]} bits */
function map(bits) {
  const bytes = new Array(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, index) => {
    bytes[index >>> 3] |= Number(bit) << (index & 7);
  });
  return bytes;
}

/**
 * A keyframe of a world without entities, whose singles are all zeros.
 *
 * @param {Layout} layout
 * @param {number} tick
 * @param {number} hash in the message
 */
export function emptyKeyframe(layout, tick, hash) {
  const empty = emptyFrame(layout, 0);
  const { bytes } = writeBlock(layout, 0, { frame: empty, older: undefined, oldest: undefined }, empty, { hash });
  return writeMessage({ keyframe: true, tick, areas: [bytes] });
}

/**
 * A class's empty frame.
 *
 * @param {Layout} layout
 * @param {number} areaClass
 */
function emptyFrame({ parts, classes }, areaClass) {
  return new Frame(classes[areaClass].map((index) => parts[index]));
}

/** Keeps the frames of each area in the list, as the client does. */
export class FakeServer {
  tick = 0;
  /** @type {{ areaClass: number, known: Frame[] }[]} `known`: the newest first */
  list = [];
  #layout;
  #priors;
  /** @type {Uint8Array | undefined} */
  #priorsChange;

  /** @param {Layout} layout */
  constructor(layout) {
    this.#layout = layout;
    this.#priors = new Priors(layout.defaultPriors);
  }

  /**
   * Changes priors with the next snapshot, and returns the bytes of the change.
   *
   * @param {[context: number, prior: number][]} changes by ascending context
   */
  learn(changes) {
    const coder = new RangeWriter();
    coder.writeRaw(0, 1);
    coder.writeGap(changes.length);
    changes.forEach(([context, prior], at) => {
      coder.writeGap(context - (at > 0 ? changes[at - 1][0] + 1 : 0));
      coder.writeRaw(prior, 6);
    });
    const bytes = coder.finish();
    const reader = new RangeReader();
    reader.start(bytes);
    this.#priors.read(reader);
    this.#priorsChange = bytes;
  }

  /**
   * A keyframe of some tick, of the public area and those that enter.
   *
   * @param {number} tick
   * @param {Content[]} areas
   * @param {number[]} [enters]
   */
  keyframe(tick, areas, enters = []) {
    this.tick = tick;
    this.list = [{ areaClass: 0, known: [] }];
    this.#priors.clear();
    return this.#message({ keyframe: true, tick, enters, areas: this.#write(areas, enters, true) });
  }

  /**
   * A delta, with or without hashes.
   *
   * @param {(Content | typeof SKIPPED)[]} areas after the change of the list
   * @param {{ ticks?: number, leaves?: number[], enters?: number[], hash?: boolean }} [options]
   */
  delta(areas, { ticks = 1, leaves = [], enters = [], hash = false } = {}) {
    this.tick += ticks;
    this.list = this.list.filter((_, index) => !leaves.includes(index));
    return this.#message({ ticks, leaves, enters, areas: this.#write(areas, enters, hash) });
  }

  /** @param {Message} message */
  #message(message) {
    const priors = this.#priorsChange;
    this.#priorsChange = undefined;
    return writeMessage({ ...message, priors });
  }

  /**
   * The baseline of an area's block.
   *
   * @param {number} index
   * @returns {Baseline}
   */
  baseline(index) {
    const { areaClass, known } = this.list[index];
    const [a, b, c] = known;
    const distance = (/** @type {Frame | undefined} */ frame) => (frame ? this.tick - frame.tick : Infinity);
    if (distance(a) > 31) {
      return { frame: emptyFrame(this.#layout, areaClass), older: undefined, oldest: undefined };
    }
    const older = distance(b) === 2 * distance(a) && distance(b) <= 31 ? b : undefined;
    const oldest = older && distance(c) === 3 * distance(a) && distance(c) <= 31 ? c : undefined;
    return { frame: a, older, oldest };
  }

  /**
   * @param {(Content | typeof SKIPPED)[]} areas
   * @param {number[]} enters
   * @param {boolean} hash
   */
  #write(areas, enters, hash) {
    this.list.push(...enters.map((areaClass) => ({ areaClass, known: [] })));
    return areas.map((content, index) => (content === SKIPPED ? content : this.#writeArea(index, content, hash)));
  }

  /**
   * @param {number} index
   * @param {Content} content
   * @param {boolean} hash
   */
  #writeArea(index, content, hash) {
    const area = this.list[index];
    const frame = frameOf(this.#layout, area.areaClass, this.tick, content);
    const baseline = this.baseline(index);
    const options = { hash: hash ? frameHash(frame) : undefined, priors: this.#priors };
    const { bytes, quiet } = writeBlock(this.#layout, area.areaClass, baseline, frame, options);
    const before = baseline.frame === area.known[0] ? area.known.slice(0, 2) : [];
    area.known = [frame, ...before];
    return quiet && !hash ? QUIET : bytes;
  }
}

/**
 * An area's frame.
 *
 * @param {Layout} layout
 * @param {number} areaClass
 * @param {number} tick
 * @param {Content} content
 */
export function frameOf(layout, areaClass, tick, content) {
  const frame = emptyFrame(layout, areaClass);
  frame.tick = tick;
  frame.parts.forEach((part, index) => {
    part.clear(tick);
    for (const [slot, generation, columns] of content[index]) {
      const at = part.push(slot, generation);
      part.columns.set(columns, at);
    }
  });
  return frame;
}

/**
 * The first snapshot after a welcome, with which a join is over: a keyframe of a world without entities.
 *
 * @param {Uint8Array} welcome
 */
export function firstSnapshot(welcome) {
  const message = readControl(welcome);
  if (message.type !== "welcome") throw new Error("no welcome");
  const layout = worldLayout(allParts(tableStructs(message.schema)));
  const content = layout.classes[0].map((part) => {
    const { single, row } = layout.parts[part];
    return /** @type {Row[]} */ (single ? [[0, 0, new Array(row.width).fill(0)]] : []);
  });
  return new FakeServer(layout).keyframe(message.tick, [content]);
}
