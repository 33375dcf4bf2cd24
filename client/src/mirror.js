/** The client's side: the world as the server last told it. */

/** @import { TableLayout } from "./layout.js" */
/** @import { InputAck } from "./snapshot.js" */

import { DeltaReader } from "./delta.js";
import { DecodeError, HashMismatch } from "./errors.js";
import { Frame, frameHash } from "./frame.js";
import { readBodyHeader, readPrefix } from "./snapshot.js";
import { SymbolReader } from "./symbols.js";

/**
 * What a snapshot told.
 *
 * @typedef {object} Applied
 * @property {number} tick the tick that the mirror now shows
 * @property {number} ticks ticks since the snapshot before; zero for a keyframe
 * @property {boolean} keyframe
 * @property {boolean} hashChecked whether it carried a hash, which then matched
 * @property {InputAck | undefined} ack the server's word on this client's inputs
 */

/** A client's copy of the world. Give each snapshot to {@link apply} in the order of arrival; read {@link current}. */
export class Mirror {
  /** The world as it was last told; all empty before the first keyframe. */
  current;
  /** The world one snapshot before that. */
  previous;
  #empty;
  /** Where the next snapshot is decoded. */
  #next;
  /** How many of `current` and `previous` a delta may refer to: none before a keyframe, one after it, then both. */
  #usable = 0;
  #reader;

  /** @param {TableLayout[]} layouts */
  constructor(layouts) {
    this.current = new Frame(layouts);
    this.previous = new Frame(layouts);
    this.#empty = new Frame(layouts);
    this.#next = new Frame(layouts);
    this.#reader = new DeltaReader(layouts);
  }

  /**
   * Applies a snapshot message. After a {@link DecodeError} or a {@link HashMismatch} the mirror still shows the tick before,
   * and takes only a keyframe: the next delta starts from what this snapshot should have shown.
   *
   * @param {Uint8Array} message
   * @returns {Applied}
   */
  apply(message) {
    try {
      return this.#decode(message);
    } catch (error) {
      this.#usable = 0;
      throw error;
    }
  }

  /**
   * @param {Uint8Array} message
   * @returns {Applied}
   */
  #decode(message) {
    const { keyframe, ack, body } = readPrefix(message);
    const symbols = new SymbolReader(body);
    const header = readBodyHeader(keyframe, symbols);
    const tick = keyframe ? header.tick : this.current.tick + header.ticks;
    if (!keyframe && (this.#usable < (header.usesOlder ? 2 : 1) || tick > 0xffff_ffff)) {
      throw new DecodeError("no_baseline");
    }
    const next = this.#next;
    const older = header.usesOlder ? this.previous : undefined;
    this.#reader.read(keyframe ? this.#empty : this.current, older, symbols, next);
    symbols.finish();
    next.tick = tick;
    if (header.hash !== undefined) {
      const hash = frameHash(next);
      if (hash !== header.hash) {
        throw new HashMismatch(tick, header.hash, hash);
      }
    }
    this.#next = this.previous;
    this.previous = this.current;
    this.current = next;
    this.#usable = keyframe ? 1 : 2;
    return { tick, ticks: header.ticks, keyframe, hashChecked: header.hash !== undefined, ack };
  }
}
