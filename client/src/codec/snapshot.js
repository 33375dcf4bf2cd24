/**
 * The snapshot message: one tick of the world for one client, as a list of the areas that the client sees.
 *
 *     head      a byte: the kind in the low two bits, then a bit for each optional part (see Head)
 *     number    a byte: the low eight bits of the number of the client's last consumed input
 *     slack     a byte: that input's slack in ticks, signed; -128 before any input
 *     tick      of a keyframe: 32 bits, the lowest byte first; of a delta, optional: its distance from the snapshot before
 *     priors    optional: the length of a change of the priors, and the change
 *     view      optional: the areas that leave the list, and the classes of those that enter at its end
 *     blocks    if there are several areas: a bit map of those that have a block, and, optional, one of those that are
 *               skipped; then each block after its length, the last one without a length
 *
 * The block of an only area may have no bytes. An area without a block is exactly as predicted, or is skipped: it stays at an
 * earlier tick.
 *
 * Areas have no numbers: both ends keep the list in the same order, which saves bytes and does not reveal how many areas there
 * are elsewhere. Baselines are not sent either: both ends know at which ticks the client received each area.
 */

import { DecodeError } from "../base/errors.js";
import { MAX_AREAS } from "../base/limits.js";
import { AREA_CLASSES, PUBLIC_CLASS } from "../schema/schema.js";
import { ByteReader } from "../wire/bytes.js";

/** The kind of a snapshot that is a delta from the client's last one. */
export const KIND_DELTA = 1;
/** The kind of a snapshot that needs no earlier one. */
export const KIND_KEYFRAME = 2;

const KIND_BITS = 0b11;
const HAS_PRIORS = 1 << 2;
const HAS_DISTANCE = 1 << 3;
const HAS_VIEW = 1 << 4;
const HAS_SKIPS = 1 << 5;
const UNUSED = 0b11 << 6;
const NO_INPUT = -128;

/** The block of an area that is as predicted. */
const NOTHING = new Uint8Array(0);
/** @type {number[]} A list of areas that does not change. */
const NONE = [];

/**
 * The first byte of a snapshot: its kind and its optional parts.
 *
 * @typedef {object} Head
 * @property {boolean} keyframe true if it needs no earlier snapshot
 * @property {boolean} priors true if it changes the priors
 * @property {boolean} distance true if it spans several ticks, and has their number
 * @property {boolean} view true if areas enter or leave the list
 * @property {boolean} skips true if areas are skipped
 */

/**
 * The acknowledgement of an input by the server.
 *
 * @typedef {object} InputAck
 * @property {number} number low eight bits of the last consumed input's number
 * @property {number} slackTicks ticks that the input waited for its tick; negative if it was late
 */

/**
 * A parsed snapshot, whose list of areas is valid. Its blocks are not decoded.
 *
 * @typedef {object} Snapshot
 * @property {Head} head
 * @property {InputAck | undefined} ack
 * @property {number} ticks the tick of a keyframe, or a delta's distance from the snapshot before
 * @property {Uint8Array | undefined} priors the change of the priors
 * @property {number[]} leaves indexes in the list of areas before, ascending; before a keyframe it is the public area alone
 * @property {number[]} enters classes of the areas that are then appended
 * @property {(Uint8Array | undefined)[]} blocks for each area in the list now its block, which is empty if the area is as
 *   predicted; undefined if the area is skipped
 */

/**
 * The kind of a message, from its first byte. {@link KIND_DELTA} and {@link KIND_KEYFRAME} are snapshots.
 *
 * @param {Uint8Array} message
 */
export function kindOf(message) {
  return message[0] & KIND_BITS;
}

/**
 * Parses the first byte of a snapshot.
 *
 * @param {number} byte
 * @returns {Head}
 */
export function readHead(byte) {
  const kind = byte & KIND_BITS;
  const head = {
    keyframe: kind === KIND_KEYFRAME,
    priors: (byte & HAS_PRIORS) !== 0,
    distance: (byte & HAS_DISTANCE) !== 0,
    view: (byte & HAS_VIEW) !== 0,
    skips: (byte & HAS_SKIPS) !== 0,
  };
  const known = (head.keyframe || kind === KIND_DELTA) && (byte & UNUSED) === 0;
  if (!known || (head.keyframe && head.distance)) {
    throw new DecodeError("unknown_kind", String(byte));
  }
  return head;
}

/**
 * Parses a snapshot. Throws a DecodeError if it is not valid.
 *
 * @param {Uint8Array} message
 * @param {number} listed length of the client's list of areas
 * @returns {Snapshot}
 */
export function readSnapshot(message, listed) {
  const reader = new ByteReader(message);
  const head = readHead(reader.u8());
  const ack = readAck(reader);
  const ticks = head.keyframe ? reader.u32() : head.distance ? readDistance(reader) : 1;
  const priors = head.priors ? readPiece(reader) : undefined;
  const before = head.keyframe ? 1 : listed;
  const leaves = head.view ? readLeaves(reader, before) : NONE;
  const enters = head.view ? readEnters(reader, before - leaves.length) : NONE;
  if (head.view && leaves.length + enters.length === 0) {
    throw new DecodeError("bad_snapshot", "nothing changes");
  }
  // Only an area of which the client has a frame can be skipped.
  const known = head.keyframe ? 0 : before - leaves.length;
  const blocks = readBlocks(reader, before - leaves.length + enters.length, known, head.skips);
  return { head, ack, ticks, priors, leaves, enters, blocks };
}

/** @param {ByteReader} reader */
function readAck(reader) {
  const number = reader.u8();
  const slackTicks = (reader.u8() << 24) >> 24;
  return slackTicks === NO_INPUT ? undefined : { number, slackTicks };
}

/** @param {ByteReader} reader */
function readDistance(reader) {
  const ticks = reader.varint() + 2;
  if (ticks > 0xffff_ffff) {
    throw new DecodeError("number_too_long");
  }
  return ticks;
}

/**
 * @param {ByteReader} reader
 * @param {number} listed
 */
function readLeaves(reader, listed) {
  const leaves = [];
  let next = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const index = next + reader.varint();
    if (index === 0 || index >= listed) {
      throw new DecodeError("bad_snapshot", `area ${index} of ${listed} leaves`);
    }
    leaves.push(index);
    next = index + 1;
  }
  return leaves;
}

/**
 * @param {ByteReader} reader
 * @param {number} listed
 */
function readEnters(reader, listed) {
  const enters = [];
  const count = reader.varint();
  if (listed + count > MAX_AREAS) {
    throw new DecodeError("bad_snapshot", `${listed + count} areas`);
  }
  for (let left = count; left > 0; left--) {
    const areaClass = reader.u8();
    if (areaClass === PUBLIC_CLASS || areaClass >= AREA_CLASSES) {
      throw new DecodeError("bad_snapshot", `an area of class ${areaClass} enters`);
    }
    enters.push(areaClass);
  }
  return enters;
}

/**
 * @param {ByteReader} reader
 * @param {number} areas length of the list now
 * @param {number} known number of areas, at the start of the list, that may be skipped
 * @param {boolean} hasSkips
 */
function readBlocks(reader, areas, known, hasSkips) {
  if (areas === 1) {
    if (hasSkips) {
      throw new DecodeError("bad_snapshot", "the only area is skipped");
    }
    return [reader.take(reader.left)];
  }
  const hasBlock = reader.map(areas);
  let blocksLeft = countOnes(hasBlock);
  const skips = hasSkips ? readSkips(reader, areas - blocksLeft) : [];
  /** @type {(Uint8Array | undefined)[]} */
  const blocks = [];
  let without = 0;
  for (let index = 0; index < areas; index++) {
    if (hasBlock[index] === 1) {
      blocksLeft--;
      blocks.push(blocksLeft > 0 ? readPiece(reader) : readRest(reader));
    } else if (skips[without++] !== 1) {
      blocks.push(NOTHING);
    } else if (index < known) {
      blocks.push(undefined);
    } else {
      throw new DecodeError("bad_snapshot", "an area that has just entered is skipped");
    }
  }
  if (reader.left > 0) {
    throw new DecodeError("trailing_bits");
  }
  return blocks;
}

/**
 * @param {ByteReader} reader
 * @param {number} areas number of areas without a block
 */
function readSkips(reader, areas) {
  const skips = reader.map(areas);
  if (countOnes(skips) === 0) {
    throw new DecodeError("bad_snapshot", "no area is skipped");
  }
  return skips;
}

/**
 * Reads a length, which is not zero, and so many bytes.
 *
 * @param {ByteReader} reader
 */
function readPiece(reader) {
  return reader.take(notNone(reader.varint()));
}

/**
 * Reads all bytes that are left, at least one.
 *
 * @param {ByteReader} reader
 */
function readRest(reader) {
  return reader.take(notNone(reader.left));
}

/** @param {number} length */
function notNone(length) {
  if (length === 0) {
    throw new DecodeError("bad_snapshot", "a piece has no bytes");
  }
  return length;
}

/** @param {number[]} bits */
function countOnes(bits) {
  let ones = 0;
  for (const bit of bits) {
    ones += bit;
  }
  return ones;
}
