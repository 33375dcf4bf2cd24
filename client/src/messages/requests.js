/** Requests to the server: commands and chat messages, and the promises of their replies. */

/** @import { Clock } from "../base/timers.js" */
/** @import { Messages } from "../schema/shapes.js" */
/** @import { Channel, Refused, Reply } from "./control.js" */
/** @import { Welcome } from "./welcome.js" */

import { RequestError } from "../base/errors.js";
import { MAX_COMMAND_BYTES } from "../base/limits.js";
import { readValue, writeValue } from "../schema/values.js";
import { BincodeReader, BincodeWriter } from "../wire/bincode.js";
import { writeChat, writeCommand } from "./control.js";
import { Outbox } from "./outbox.js";

/** Requests that may wait at once, to be accepted by the server or for their replies. */
const MAX_REQUESTS = 256;
/** Time that a reply may take by default. */
const TIMEOUT_MS = 10_000;

/**
 * @typedef {object} Promised
 * @property {(body: Uint8Array) => void} done
 * @property {(error: RequestError) => void} failed
 * @property {any} timer
 */

/**
 * The requests of a client. A connection that is lost does not fail them: they are delivered on the next one, and so are their
 * replies.
 */
export class Requests {
  #messages;
  #clock;
  /** @type {Outbox<Promised>} */
  #outbox;
  #closed = false;

  /**
   * @param {Messages} messages the shapes of the game's messages
   * @param {Clock} clock
   * @param {Pick<Welcome, "lastCommand">} welcome the first
   * @param {(message: Uint8Array<ArrayBuffer>) => boolean} send returns false if there is no connection
   */
  constructor(messages, clock, welcome, send) {
    this.#messages = messages;
    this.#clock = clock;
    this.#outbox = new Outbox(clock, welcome, send);
  }

  /**
   * Sends a command, and resolves with its reply.
   *
   * @param {any} command
   * @param {number} [timeout] in milliseconds
   * @returns {Promise<any>} the reply
   */
  command(command, timeout) {
    return new Promise((resolve, reject) => {
      const body = this.#commandBody(command);
      const { reply } = this.#messages;
      const done = (/** @type {Uint8Array} */ body) => {
        const reader = new BincodeReader(body);
        try {
          const value = readValue(reply, reader);
          reader.finish();
          resolve(value);
        } catch (error) {
          reject(error);
          throw error;
        }
      };
      this.#start((number) => writeCommand(number, true, body), { done, failed: reject, timeout });
    });
  }

  /**
   * Sends a command for which no reply is wanted.
   *
   * @param {any} command
   * @returns {boolean} false if it will not be sent: too many requests wait, or the room is over
   */
  send(command) {
    const body = this.#commandBody(command);
    if (this.#obstacle !== undefined) {
      return false;
    }
    this.#outbox.add((number) => writeCommand(number, false, body));
    return true;
  }

  /**
   * Sends a chat message, and resolves when the server has accepted it.
   *
   * @param {string} text
   * @param {Channel} channel
   * @returns {Promise<void>}
   */
  chat(text, channel) {
    return new Promise((resolve, reject) => {
      const write = (/** @type {number} */ number) => writeChat(number, true, channel, text);
      if (write(0).length > MAX_COMMAND_BYTES) {
        throw new RequestError("too_long");
      }
      this.#start(write, { done: () => resolve(), failed: reject });
    });
  }

  /**
   * Records that the server has accepted all requests up to a number.
   *
   * @param {number} number
   */
  accepted(number) {
    this.#outbox.accepted(number);
  }

  /**
   * Settles the request that a reply belongs to.
   *
   * @param {Reply} reply
   */
  settle({ request, body, refused }) {
    if (refused === "too_many") {
      this.#outbox.refused(request);
      return;
    }
    const promised = this.#outbox.promised(request);
    if (promised === undefined) {
      // It has timed out, or is a request of the page before a reload.
      return;
    }
    this.#outbox.settle(promised);
    this.#clock.clearTimeout(promised.timer);
    if (body !== undefined) {
      promised.done(body);
    } else {
      promised.failed(new RequestError(/** @type {Refused} */ (refused)));
    }
  }

  /**
   * Goes on with another connection.
   *
   * @param {Pick<Welcome, "lastCommand">} welcome
   * @param {boolean} sameEpoch
   */
  resume(welcome, sameEpoch) {
    this.#outbox.resume(welcome, sameEpoch);
  }

  /** Rejects all requests that wait for a reply, and takes no more: the room is over. */
  close() {
    this.#closed = true;
    for (const { timer, failed } of this.#outbox.close()) {
      this.#clock.clearTimeout(timer);
      failed(new RequestError("closed"));
    }
  }

  /** @param {any} command */
  #commandBody(command) {
    const writer = new BincodeWriter();
    writeValue(this.#messages.command, command, writer, "the command");
    const { bytes } = writer;
    if (bytes.length > MAX_COMMAND_BYTES) {
      throw new RequestError("too_large");
    }
    return bytes;
  }

  /** The reason for which no request is taken now; undefined if there is none. */
  get #obstacle() {
    return this.#closed ? "closed" : this.#outbox.size >= MAX_REQUESTS ? "too_many" : undefined;
  }

  /**
   * @param {(number: number) => Uint8Array<ArrayBuffer>} write
   * @param {Pick<Promised, "done" | "failed"> & { timeout?: number }} request
   */
  #start(write, { done, failed, timeout = TIMEOUT_MS }) {
    if (this.#obstacle !== undefined) {
      throw new RequestError(this.#obstacle);
    }
    const timer = this.#clock.setTimeout(() => {
      this.#outbox.settle(promised);
      failed(new RequestError("timeout"));
    }, timeout);
    const promised = { done, failed, timer };
    this.#outbox.add(write, promised);
  }
}
