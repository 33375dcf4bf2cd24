/**
 * The snapshot message: one tick of the world for one client.
 *
 *     byte 0   head: the kind in the low two bits, and what the body has (see Head)
 *     byte 1   the number of the client's last consumed input, its low eight bits
 *     byte 2   that input's slack in ticks, signed; -128 before any input
 *     bytes 3… the body
 *
 * The body is one range-coded message: a keyframe's tick or a delta's distance, the frame's hash and the change of priors if the
 * head says that they are there, and then the tables (see delta.js).
 */

/** @import { Baseline } from "./delta.js" */
/** @import { Frame } from "./frame.js" */
/** @import { Layout } from "./layout.js" */

import { DeltaReader } from "./delta.js";
import { DecodeError } from "./errors.js";
import { Priors, readGap } from "./priors.js";
import { RangeReader } from "./range-coder.js";
import { SymbolReader } from "./symbols.js";

/** The kind of a snapshot that is a delta from the client's last one. */
export const KIND_DELTA = 1;
/** The kind of a snapshot that stands on its own. */
export const KIND_KEYFRAME = 2;

const PREFIX_BYTES = 3;
const KIND_BITS = 0b11;
const HISTORY_SHIFT = 2;
const HISTORY_BITS = 0b11;
const MAX_HISTORY = 2;
const HAS_HASH = 1 << 4;
const HAS_PRIORS = 1 << 5;
const HAS_DISTANCE = 1 << 6;
const UNUSED = 1 << 7;
const NO_INPUT = -128;

/**
 * The first byte of a snapshot: what the body is and has.
 *
 * @typedef {object} Head
 * @property {boolean} keyframe whether the body stands on its own
 * @property {number} history how many frames before the baseline are used too, 0 to 2
 * @property {boolean} hash whether the body carries the frame's hash
 * @property {boolean} priors whether it changes the priors
 * @property {boolean} distance whether it leads over more than one tick, and says over how many
 */

/**
 * What the server has done with this client's inputs.
 *
 * @typedef {object} InputAck
 * @property {number} number the last consumed input's, low eight bits
 * @property {number} slackTicks how many ticks it waited for its tick; negative if it came late
 */

/** @typedef {{ head: Head, ack: InputAck | undefined, body: Uint8Array }} Prefix `body`: the rest of the message */

/**
 * The kind of a message by its first byte: {@link KIND_DELTA} and {@link KIND_KEYFRAME} are snapshots.
 *
 * @param {Uint8Array} message
 */
export function kindOf(message) {
  return message[0] & KIND_BITS;
}

/**
 * Splits a snapshot into its prefix and its body.
 *
 * @param {Uint8Array} message
 * @returns {Prefix}
 */
export function readPrefix(message) {
  if (message.length < PREFIX_BYTES) {
    throw new DecodeError("truncated");
  }
  const slackTicks = (message[2] << 24) >> 24;
  return {
    head: readHead(message[0]),
    ack: slackTicks === NO_INPUT ? undefined : { number: message[1], slackTicks },
    body: message.subarray(PREFIX_BYTES),
  };
}

/**
 * The head of a received byte.
 *
 * @param {number} byte
 * @returns {Head}
 */
export function readHead(byte) {
  const kind = byte & KIND_BITS;
  const head = {
    keyframe: kind === KIND_KEYFRAME,
    history: (byte >> HISTORY_SHIFT) & HISTORY_BITS,
    hash: (byte & HAS_HASH) !== 0,
    priors: (byte & HAS_PRIORS) !== 0,
    distance: (byte & HAS_DISTANCE) !== 0,
  };
  const known = (head.keyframe || kind === KIND_DELTA) && (byte & UNUSED) === 0;
  const alone = head.history === 0 && !head.distance;
  if (known && head.history <= MAX_HISTORY && (alone || !head.keyframe)) {
    return head;
  }
  throw new DecodeError("unknown_kind", String(byte));
}

/** Decodes bodies; it keeps the scratch memory between them. */
export class BodyReader {
  #coder = new RangeReader();
  #priors;
  #symbols;
  #delta;

  /** @param {Layout} layout */
  constructor({ tables, contexts, defaultPriors }) {
    this.#priors = new Priors(defaultPriors);
    this.#symbols = new SymbolReader(this.#coder, contexts);
    this.#delta = new DeltaReader(tables);
  }

  /**
   * Reads the part of a body before its tables, and takes over the priors in it. `ticks` are a keyframe's tick, or a delta's
   * distance from its baseline.
   *
   * @param {Prefix} prefix
   * @returns {{ ticks: number, hash: number | undefined }}
   */
  readHeader({ head, body }) {
    const coder = this.#coder;
    coder.start(body);
    const ticks = head.keyframe ? coder.readRaw(32) : head.distance ? readDistance(coder) : 1;
    const hash = head.hash ? coder.readRaw(32) : undefined;
    if (head.keyframe) {
      this.#priors.clear();
    }
    if (head.priors) {
      this.#priors.read(coder);
    }
    return { ticks, hash };
  }

  /**
   * Reads the tables into `frame`, which holds no meaningful state after an error.
   *
   * @param {Baseline} baseline
   * @param {Frame} frame
   */
  readTables(baseline, frame) {
    this.#symbols.start(this.#priors);
    this.#delta.read(baseline, this.#symbols, frame);
    this.#symbols.finish();
  }
}

/** @param {RangeReader} coder */
function readDistance(coder) {
  const ticks = readGap(coder) + 2;
  if (ticks > 0xffff_ffff) {
    throw new DecodeError("number_too_long");
  }
  return ticks;
}
