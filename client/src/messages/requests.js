/** What is said beside snapshots and inputs: commands and chat, each with its answer. */

/** @import { Clock } from "../base/timers.js" */
/** @import { Messages } from "../schema/shapes.js" */
/** @import { Channel, Refused, Reply } from "./control.js" */

import { RequestError } from "../base/errors.js";
import { MAX_COMMAND_BYTES } from "../base/limits.js";
import { readValue, writeValue } from "../schema/values.js";
import { BincodeReader, BincodeWriter } from "../wire/bincode.js";
import { writeChat, writeCommand } from "./control.js";

/** Requests that may wait for their answers. */
const MAX_REQUESTS = 32;
/** How long an answer may take. */
const TIMEOUT_MS = 10_000;

/**
 * @typedef {object} Request
 * @property {(body: Uint8Array) => void} done
 * @property {(error: RequestError) => void} failed
 * @property {number} timer
 */

/** The requests of a client. Each is sent once at most, and ends with its answer, in time or not at all. */
export class Talk {
  #messages;
  #clock;
  #send;
  /** @type {Map<number, Request>} */
  #requests = new Map();
  #last = 0;

  /**
   * @param {Messages} messages what the game's are made of
   * @param {Clock} clock
   * @param {(message: Uint8Array<ArrayBuffer>) => boolean} send whether there was a connection to send on
   */
  constructor(messages, clock, send) {
    this.#messages = messages;
    this.#clock = clock;
    this.#send = send;
  }

  /**
   * Asks something of the game.
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
      this.#ask((request) => writeCommand(request, body), { done, failed: reject, timeout });
    });
  }

  /**
   * Asks something of the game, and wants no reply.
   *
   * @param {any} command
   * @returns {boolean} whether there was a connection to send it on
   */
  send(command) {
    return this.#send(writeCommand(0, this.#commandBody(command)));
  }

  /**
   * Says something to other players.
   *
   * @param {string} text
   * @param {Channel} channel
   * @returns {Promise<void>} that it is told
   */
  chat(text, channel) {
    return new Promise((resolve, reject) => {
      const message = writeChat(0, channel, text);
      if (message.length > MAX_COMMAND_BYTES) {
        throw new RequestError("too_long");
      }
      this.#ask((request) => writeChat(request, channel, text), { done: () => resolve(), failed: reject });
    });
  }

  /**
   * Takes an answer. One that nobody waits for any more says nothing.
   *
   * @param {Reply} reply
   */
  answer({ request: number, body, refused }) {
    const request = this.#requests.get(number);
    if (request === undefined) {
      return;
    }
    this.#forget(number, request);
    if (body !== undefined) {
      request.done(body);
    } else {
      request.failed(new RequestError(/** @type {Refused} */ (refused)));
    }
  }

  /**
   * Ends all that waits: its answers are not coming any more.
   *
   * @param {"lost" | "closed"} why
   */
  end(why) {
    for (const [number, request] of this.#requests) {
      this.#forget(number, request);
      request.failed(new RequestError(why));
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

  /**
   * @param {(request: number) => Uint8Array<ArrayBuffer>} write
   * @param {{ done: (body: Uint8Array) => void, failed: (error: RequestError) => void, timeout?: number }} request
   */
  #ask(write, { done, failed, timeout = TIMEOUT_MS }) {
    if (this.#requests.size >= MAX_REQUESTS) {
      throw new RequestError("too_many");
    }
    // 0 would want no answer.
    this.#last = (this.#last % 0xffff_ffff) + 1;
    const number = this.#last;
    if (!this.#send(write(number))) {
      throw new RequestError("not_connected");
    }
    const timer = this.#clock.setTimeout(() => {
      this.#requests.delete(number);
      failed(new RequestError("timeout"));
    }, timeout);
    this.#requests.set(number, { done, failed, timer });
  }

  /**
   * @param {number} number
   * @param {Request} request
   */
  #forget(number, { timer }) {
    this.#requests.delete(number);
    this.#clock.clearTimeout(timer);
  }
}
