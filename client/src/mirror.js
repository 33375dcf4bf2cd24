/** The client's side: the world as the server last told it. */

/** @import { Baseline } from "./delta.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Head, InputAck } from "./snapshot.js" */

import { DecodeError, HashMismatch } from "./errors.js";
import { Frame, frameHash } from "./frame.js";
import { BodyReader, readPrefix } from "./snapshot.js";

/** Frames that a delta may refer to. */
const MAX_USABLE = 3;

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
  /** The world one snapshot before that. */
  #oldest;
  #empty;
  /** Where the next snapshot is decoded. */
  #next;
  /** How many of the three frames a delta may refer to: none before a keyframe, one after it, then more. */
  #usable = 0;
  #reader;

  /** @param {Layout} layout */
  constructor(layout) {
    this.current = new Frame(layout.tables);
    this.previous = new Frame(layout.tables);
    this.#oldest = new Frame(layout.tables);
    this.#empty = new Frame(layout.tables);
    this.#next = new Frame(layout.tables);
    this.#reader = new BodyReader(layout);
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
    const prefix = readPrefix(message);
    const { keyframe } = prefix.head;
    const { ticks, hash: server } = this.#reader.readHeader(prefix);
    const tick = keyframe ? ticks : this.current.tick + ticks;
    const next = this.#next;
    this.#reader.readTables(this.#baseline(prefix.head, tick), next);
    next.tick = tick;
    if (server !== undefined) {
      const mirror = frameHash(next);
      if (mirror !== server) {
        throw new HashMismatch(tick, server, mirror);
      }
    }
    this.#next = this.#oldest;
    this.#oldest = this.previous;
    this.previous = this.current;
    this.current = next;
    this.#usable = keyframe ? 1 : Math.min(this.#usable + 1, MAX_USABLE);
    return { tick, ticks: keyframe ? 0 : ticks, keyframe, hashChecked: server !== undefined, ack: prefix.ack };
  }

  /**
   * The frames that a snapshot refers to.
   *
   * @param {Head} head
   * @param {number} tick the snapshot's
   * @returns {Baseline}
   */
  #baseline({ keyframe, history }, tick) {
    if (keyframe) {
      return { frame: this.#empty, older: undefined, oldest: undefined };
    }
    if (this.#usable <= history || tick > 0xffff_ffff) {
      throw new DecodeError("no_baseline");
    }
    return {
      frame: this.current,
      older: history >= 1 ? this.previous : undefined,
      oldest: history >= 2 ? this.#oldest : undefined,
    };
  }
}
