/** The server's reliable messages, events and replies: their numbers, by which doubles and losses are found. */

/** @import { Welcome } from "./welcome.js" */

/**
 * Counts the reliable messages. They do not carry their numbers: the first one on a connection has the number in its welcome, and
 * each further one the next. After a loss the server sends those again that it does not know to have arrived.
 */
export class Inbox {
  /** The number of the next message that is news. */
  #wanted;
  /** The number of the next message on this connection. */
  #next;

  /** @param {Pick<Welcome, "nextMessage">} welcome the first */
  constructor({ nextMessage }) {
    this.#wanted = nextMessage;
    this.#next = nextMessage;
  }

  /**
   * Records another connection.
   *
   * @param {Pick<Welcome, "nextMessage">} welcome
   * @param {boolean} sameEpoch false if the numbers are those of another epoch
   * @returns {number} messages that the server no longer had when the client came back: they are lost
   */
  resume({ nextMessage }, sameEpoch) {
    const lost = sameEpoch ? Math.max(nextMessage - this.#wanted, 0) : 0;
    this.#wanted = sameEpoch ? Math.max(this.#wanted, nextMessage) : nextMessage;
    this.#next = nextMessage;
    return lost;
  }

  /** Records that a message is complete, and returns false if it is a double. */
  accept() {
    const number = this.#next++;
    const isNew = number === this.#wanted;
    this.#wanted += Number(isNew);
    return isNew;
  }
}
