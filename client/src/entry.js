/** The way into a room: from the welcome to the first snapshot, with which the game accepts the player. */

/** @import { Close } from "./base/close.js" */
/** @import { JoinError } from "./base/errors.js" */
/** @import { EventHandlers } from "./events.js" */

/**
 * The handlers of an entry. One of them is called, once.
 *
 * @typedef {object} EntryListener
 * @property {() => void} entered the first snapshot is applied
 * @property {(close: Close & { error?: JoinError }) => void} ended the session has ended before that
 */

/**
 * Tells a room's events apart: those before the first snapshot, at which nobody has the room yet, and those after it.
 *
 * @internal
 */
export class Entry {
  #events;
  /** @type {EntryListener | undefined} Undefined after the first snapshot. */
  #listener;

  /**
   * @param {EventHandlers} events
   * @param {EntryListener} listener
   */
  constructor(events, listener) {
    this.#events = events;
    this.#listener = listener;
    events.hold();
  }

  /** Records that a snapshot was applied. Returns true if it is the first one. */
  applied() {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.entered();
    return listener !== undefined;
  }

  /**
   * Emits the events that came with the first snapshot and before. It is called with the next news of the connection: the page
   * has had the room since the first snapshot, and has added its handlers.
   */
  release() {
    if (this.#listener === undefined) {
      this.#events.release();
    }
  }

  /** Reports the end of the session. @param {Close & { error?: JoinError }} close */
  closed(close) {
    this.release();
    if (this.#listener !== undefined) {
      this.#listener.ended(close);
    } else {
      this.#events.emit("close", close);
    }
  }
}
