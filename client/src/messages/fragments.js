/**
 * Fragments: a large control message in pieces, so that no snapshot has to wait for it.
 *
 *     head      a byte: the kind in the low two bits, and a bit that is set in the first fragment
 *     length    in the first fragment: bytes of the whole message
 *     bytes     more of the message, at least one byte
 *
 * One message is sent at a time, so fragments do not name theirs.
 */

import { DecodeError } from "../base/errors.js";
import { MAX_MESSAGE_BYTES } from "../base/limits.js";
import { ByteReader } from "../wire/bytes.js";

/** The kind of a fragment: the low two bits of its first byte. */
export const KIND_FRAGMENT = 3;

const FIRST = 1 << 2;

/** Assembles messages from their fragments. */
export class Assembler {
  /** The message that is being received; empty if there is none. */
  #message = new Uint8Array(0);
  /** Bytes of it that have arrived. */
  #length = 0;

  /** Drops a message that is incomplete: on another connection the server sends it again from its start. */
  reset() {
    this.#message = new Uint8Array(0);
    this.#length = 0;
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
    if (head === (KIND_FRAGMENT | FIRST) && this.#message.length === 0) {
      const length = reader.varint();
      if (length === 0 || length > MAX_MESSAGE_BYTES) {
        throw new DecodeError("malformed", `a message of ${length} bytes`);
      }
      this.#message = new Uint8Array(length);
      this.#length = 0;
    } else if (head !== KIND_FRAGMENT || this.#message.length === 0) {
      throw new DecodeError("malformed", "a fragment without its start, or a start before the end");
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
