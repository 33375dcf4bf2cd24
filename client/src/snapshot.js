/**
 * The snapshot message: one tick of the world for one client.
 *
 *     byte 0   kind: KIND_DELTA or KIND_KEYFRAME
 *     byte 1   the number of the client's last consumed input, its low eight bits
 *     byte 2   that input's slack in ticks, signed; -128 before any input
 *     bytes 3… the body, as bits
 *
 * The body: a keyframe's tick in 32 bits, or a delta's distance from its baseline less one as a count and a flag "uses the
 * frame before the baseline"; a flag and the 32-bit hash of the frame; then the tables (see delta.js).
 */

/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "./errors.js";

/** First byte of a snapshot that is a delta from the client's last one. */
export const KIND_DELTA = 1;
/** First byte of a snapshot that stands on its own. */
export const KIND_KEYFRAME = 2;

const PREFIX_BYTES = 3;
const NO_INPUT = -128;

/**
 * What the server has done with this client's inputs.
 *
 * @typedef {object} InputAck
 * @property {number} number the last consumed input's, low eight bits
 * @property {number} slackTicks how many ticks it waited for its tick; negative if it came late
 */

/**
 * Splits a snapshot into its prefix and its body.
 *
 * @param {Uint8Array} message
 * @returns {{ keyframe: boolean, ack: InputAck | undefined, body: Uint8Array }}
 */
export function readPrefix(message) {
  if (message.length < PREFIX_BYTES) {
    throw new DecodeError("truncated");
  }
  const [kind, number, slackByte] = message;
  if (kind !== KIND_DELTA && kind !== KIND_KEYFRAME) {
    throw new DecodeError("unknown_kind", String(kind));
  }
  const slackTicks = (slackByte << 24) >> 24;
  return {
    keyframe: kind === KIND_KEYFRAME,
    ack: slackTicks === NO_INPUT ? undefined : { number, slackTicks },
    body: message.subarray(PREFIX_BYTES),
  };
}

/**
 * Reads the part of a body before its tables. A keyframe has a `tick`; a delta has `ticks` since its baseline.
 *
 * @param {boolean} keyframe
 * @param {SymbolReader} symbols
 * @returns {{ tick: number, ticks: number, usesOlder: boolean, hash: number | undefined }}
 */
export function readBodyHeader(keyframe, symbols) {
  const tick = keyframe ? symbols.raw(32) : 0;
  const ticks = keyframe ? 0 : symbols.count() + 1;
  const usesOlder = !keyframe && symbols.flag();
  const hash = symbols.flag() ? symbols.raw(32) : undefined;
  return { tick, ticks, usesOlder, hash };
}
