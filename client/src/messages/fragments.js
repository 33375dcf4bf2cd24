/**
 * Fragments: a large control message in pieces, so that no snapshot has to wait for it.
 *
 *     head      a byte: the kind in the low two bits, a bit that is set in the first fragment, and the lane
 *     length    in the first fragment: bytes of the whole message
 *     bytes     more of the message, at least one byte
 *
 * Each lane sends one message at a time, so fragments do not name theirs. Events and replies have a lane, all other messages have
 * the other one.
 */

import { DecodeError } from "../base/errors.js";
import { MAX_MESSAGE_BYTES } from "../base/limits.js";
import { ByteReader } from "../wire/bytes.js";

/** The kind of a fragment: the low two bits of its first byte. */
export const KIND_FRAGMENT = 3;

const FIRST = 1 << 2;
const LANE_SHIFT = 3;
const LANES = 2;

/** Assembles messages from their fragments. */
export class Assembler {
  #lanes = Array.from({ length: LANES }, () => new Lane());

  /** Drops messages that are incomplete: on another connection the server sends them again from their start. */
  reset() {
    this.#lanes.forEach((lane) => lane.reset());
  }

  /**
   * Adds a fragment.
   *
   * @param {Uint8Array} fragment
   * @returns {Uint8Array | undefined} the message, if it is complete now
   */
  take(fragment) {
    const reader = new ByteReader(fragment);
    const head = reader.u8();
    const lane = this.#lanes[head >>> LANE_SHIFT];
    if (lane === undefined) {
      throw new DecodeError("malformed", `no lane ${head >>> LANE_SHIFT}`);
    }
    return lane.take((head & FIRST) !== 0, reader);
  }
}

/** A sequence of messages, one of which is under way. */
class Lane {
  /** The message that is being received; empty if there is none. */
  #message = new Uint8Array(0);
  /** Bytes of it that have arrived. */
  #length = 0;

  reset() {
    this.#message = new Uint8Array(0);
    this.#length = 0;
  }

  /**
   * Adds a fragment, and returns the message if it is complete.
   *
   * @param {boolean} first
   * @param {ByteReader} reader after the head
   * @returns {Uint8Array | undefined}
   */
  take(first, reader) {
    if (first !== (this.#message.length === 0)) {
      throw new DecodeError("malformed", "a fragment without its start, or a start before the end");
    }
    if (first) {
      const length = reader.varint();
      if (length === 0 || length > MAX_MESSAGE_BYTES) {
        throw new DecodeError("malformed", `a message of ${length} bytes`);
      }
      this.#message = new Uint8Array(length);
    }
    const { left } = reader;
    if (left === 0 || this.#length + left > this.#message.length) {
      throw new DecodeError("malformed", "a fragment has no bytes, or too many");
    }
    this.#message.set(reader.take(left), this.#length);
    this.#length += left;
    if (this.#length < this.#message.length) {
      return undefined;
    }
    const message = this.#message;
    this.reset();
    return message;
  }
}
