/** A connection to a seat in a room, which can be lost and come back. */

/** @import { Close } from "../base/close.js" */
/** @import { Welcome } from "../messages/control.js" */
/** @import { Network } from "./dial.js" */
/** @import { Waiting } from "./redial.js" */

import { CLOSE_ABNORMAL, CLOSE_MALFORMED, CLOSE_SILENT, isFinal } from "../base/close.js";
import { JoinError } from "../base/errors.js";
import { protocolsWith } from "../lobby/lobby.js";
import { dial, playAddress } from "./dial.js";
import { Redial } from "./redial.js";
import { Watch } from "./watch.js";

/** `WebSocket.OPEN`. */
const SOCKET_OPEN = 1;

/**
 * What a connection tells, and asks.
 *
 * @typedef {object} Listener
 * @property {(message: Uint8Array) => void} message
 * @property {() => void} check that the server should be asked for a sign of life
 * @property {() => number | undefined} tick which tick the next snapshot may go on from
 * @property {() => void} lost the connection is lost, but may come back
 * @property {(waiting: Waiting) => void} reconnecting an attempt to get it back follows
 * @property {(resumed: { ms: number }) => void} resumed it is back, so long after it was lost
 * @property {(close: Close & { error?: JoinError }) => void} closed it is over; `error` says why it could not come back
 */

/**
 * A seat's connection. Sockets come and go: one that breaks off, or on which nothing is heard any more, is given up for a new
 * one on which the server goes on, as long as it holds the seat.
 */
export class Connection {
  #network;
  #listener;
  /** The first welcome: what does not change. */
  #seat;
  /** The token with which the seat can be taken up again: a new one with each welcome. */
  #session = "";
  #resumeMs = 0;
  /** @type {WebSocket | undefined} The one that is listened to: none while the connection is lost. */
  #socket;
  #watch;
  #redial;
  #lostAt = 0;
  /** @type {Close} How it was lost. */
  #loss = { code: CLOSE_ABNORMAL, reason: "", clean: false };
  /** Whether this side has said goodbye. */
  #ending = false;
  #living = new AbortController();

  /**
   * @param {WebSocket} socket open, its first message read
   * @param {Welcome} welcome that message
   * @param {Network} network
   * @param {Listener} listener
   */
  constructor(socket, welcome, network, listener) {
    this.#network = network;
    this.#listener = listener;
    this.#seat = welcome;
    this.#watch = new Watch(network.clock, () => this.#abandon());
    this.#redial = new Redial(network, (outcome) => dial(this.#door(), network, outcome), {
      waiting: (waiting) => listener.reconnecting(waiting),
      reached: (socket, welcome) => this.#resume(socket, welcome),
      failed: (error) => this.#finish(error.close ?? { ...this.#loss, error }),
    });
    this.#take(socket, welcome);
    const { window } = network;
    const { signal } = this.#living;
    window?.addEventListener("online", () => this.#hurry(true), { signal });
    window?.document?.addEventListener(
      "visibilitychange",
      () => window.document?.visibilityState === "visible" && this.#hurry(false),
      { signal },
    );
  }

  /** Whether there is a socket. */
  get connected() {
    return this.#socket !== undefined;
  }

  /**
   * Sends while that can be: a socket on its way down takes nothing more, and says so on the console for each attempt.
   *
   * @param {Uint8Array<ArrayBuffer>} message
   * @returns {boolean} whether it could
   */
  send(message) {
    if (this.#socket?.readyState !== SOCKET_OPEN) {
      return false;
    }
    this.#socket.send(message);
    return true;
  }

  /**
   * Says goodbye. That it is over is told when the server has answered, or now if it cannot.
   *
   * @param {number} code
   * @param {string} [reason]
   */
  end(code, reason) {
    if (this.#living.signal.aborted) {
      return;
    }
    this.#ending = true;
    this.#watch.stop();
    if (this.#socket !== undefined) {
      this.#socket.close(code, reason);
    } else {
      this.#redial.stop(code);
      this.#finish({ code, reason: reason ?? "", clean: false });
    }
  }

  /** The way back to the seat. */
  #door() {
    const { game, schemaHash } = this.#seat;
    const address = playAddress(this.#network.url, game, { tick: this.#listener.tick(), schema: schemaHash });
    return { address, protocols: protocolsWith("session", this.#session) };
  }

  /**
   * @param {WebSocket} socket
   * @param {Welcome} welcome
   */
  #take(socket, welcome) {
    this.#session = welcome.session;
    this.#resumeMs = welcome.resumeSeconds * 1000;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) {
        this.#watch.heard();
        this.#redial.proved();
        this.#listener.message(new Uint8Array(data));
      }
    });
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      if (socket === this.#socket) {
        this.#close({ code, reason, clean: wasClean });
      }
    });
    this.#watch.start();
  }

  /** @param {Close} close */
  #close(close) {
    if (this.#ending || isFinal(close.code)) {
      this.#finish(close);
    } else {
      this.#lose(close);
    }
  }

  /** Nothing is heard any more: a socket may not break off for minutes. */
  #abandon() {
    // Whatever code the server may still read, it must not be a goodbye.
    this.#socket?.close(CLOSE_SILENT);
    this.#lose({ code: CLOSE_ABNORMAL, reason: "", clean: false });
  }

  /** @param {Close} loss */
  #lose(loss) {
    this.#letGo();
    if (this.#resumeMs === 0) {
      this.#finish(loss);
      return;
    }
    this.#loss = loss;
    this.#lostAt = this.#network.clock.now();
    this.#listener.lost();
    this.#redial.start(this.#resumeMs);
  }

  /**
   * @param {WebSocket} socket
   * @param {Welcome} welcome
   */
  #resume(socket, welcome) {
    const { game, room, player, schemaHash } = this.#seat;
    if (welcome.game !== game || welcome.room !== room || welcome.player !== player || welcome.schemaHash !== schemaHash) {
      socket.close(CLOSE_MALFORMED);
      this.#finish({ ...this.#loss, error: new JoinError("malformed", "the server gave another seat") });
      return;
    }
    this.#take(socket, welcome);
    this.#listener.resumed({ ms: this.#network.clock.now() - this.#lostAt });
  }

  /** @param {boolean} online whether that is new */
  #hurry(online) {
    if (this.#ending) {
      return;
    }
    if (this.#socket === undefined) {
      this.#redial.hurry(online);
    } else {
      this.#watch.doubt();
      this.#listener.check();
    }
  }

  #letGo() {
    this.#watch.stop();
    this.#socket = undefined;
  }

  /** @param {Close & { error?: JoinError }} close */
  #finish(close) {
    this.#letGo();
    this.#living.abort();
    this.#listener.closed(close);
  }
}
