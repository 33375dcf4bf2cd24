/** Requests to the server that a reply answers: commands and chat messages. */

/** @import { Clock } from "../base/timers.js" */
/** @import { Messages } from "../schema/shapes.js" */
/** @import { Channel, Refused, Reply } from "./control.js" */

import { RequestError } from "../base/errors.js";
import { MAX_COMMAND_BYTES } from "../base/limits.js";
import { readValue, writeValue } from "../schema/values.js";
import { BincodeReader, BincodeWriter } from "../wire/bincode.js";
import { writeChat, writeCommand } from "./control.js";

/** Requests that may wait for their replies at once. */
const MAX_REQUESTS = 32;
/** Time that a reply may take by default. */
const TIMEOUT_MS = 10_000;

/**
 * @typedef {object} Request
 * @property {(body: Uint8Array) => void} done
 * @property {(error: RequestError) => void} failed
 * @property {number} timer
 */

/**
 * The requests of a client that wait for their replies.
 *
 * A request is sent at most once, on one connection. If that connection is lost before the reply, it is not known whether the
 * server executed the request: its promise is rejected, and the client does not send it again.
 */
export class Requests {
  #messages;
  #clock;
  #send;
  /** @type {Map<number, Request>} */
  #requests = new Map();
  #last = 0;

  /**
   * @param {Messages} messages the shapes of the game's messages
   * @param {Clock} clock
   * @param {(message: Uint8Array<ArrayBuffer>) => boolean} send returns false if there is no connection
   */
  constructor(messages, clock, send) {
    this.#messages = messages;
    this.#clock = clock;
    this.#send = send;
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
      this.#start((request) => writeCommand(request, body), { done, failed: reject, timeout });
    });
  }

  /**
   * Sends a command for which no reply is wanted.
   *
   * @param {any} command
   * @returns {boolean} false if there is no connection: nothing was sent
   */
  send(command) {
    return this.#send(writeCommand(0, this.#commandBody(command)));
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
      const message = writeChat(0, channel, text);
      if (message.length > MAX_COMMAND_BYTES) {
        throw new RequestError("too_long");
      }
      this.#start((request) => writeChat(request, channel, text), { done: () => resolve(), failed: reject });
    });
  }

  /**
   * Settles the request that a reply belongs to.
   *
   * @param {Reply} reply
   */
  settle({ request: number, body, refused }) {
    const request = this.#requests.get(number);
    if (request === undefined) {
      // It has timed out.
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
   * Rejects all requests that wait: their replies will not arrive.
   *
   * @param {"lost" | "closed"} code
   */
  failAll(code) {
    for (const [number, request] of this.#requests) {
      this.#forget(number, request);
      request.failed(new RequestError(code));
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
  #start(write, { done, failed, timeout = TIMEOUT_MS }) {
    if (this.#requests.size >= MAX_REQUESTS) {
      throw new RequestError("too_many");
    }
    // The number 0 would request no reply.
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
