/** The connection to a room: a socket, and the next one when that is lost. */

/** @import { Close } from "../base/close.js" */
/** @import { Welcome } from "../messages/welcome.js" */
/** @import { Network } from "./dial.js" */
/** @import { Waiting } from "./redial.js" */

import { CLOSE_ABNORMAL, CLOSE_MALFORMED, CLOSE_SILENT, isFinal } from "../base/close.js";
import { JoinError } from "../base/errors.js";
import { protocolsWith } from "../lobby/lobby.js";
import { dial, playAddress } from "./dial.js";
import { watchPage } from "./page.js";
import { Redial } from "./redial.js";
import { Watch } from "./watch.js";

/** `WebSocket.OPEN`. */
const SOCKET_OPEN = 1;

/**
 * The handlers of a connection.
 *
 * @typedef {object} Listener
 * @property {(message: Uint8Array) => void} message a message was received
 * @property {() => void} check a ping should be sent: the connection may be dead
 * @property {() => number | undefined} tick returns the tick from which the next snapshot may be a delta; undefined if none
 * @property {() => void} lost the connection is lost; the client reconnects
 * @property {(waiting: Waiting) => void} reconnecting an attempt to reconnect follows
 * @property {(welcome: Welcome, ms: number) => void} resumed the session goes on; `ms`: time without a connection
 * @property {(close: Close & { error?: JoinError }) => void} closed the session is over; `error`: why it could not be resumed
 */

/**
 * The connection of a session. A socket that breaks, or on which nothing is received any more, is replaced by a new one on which
 * the session resumes, as long as the server holds the seat. A page that is put aside has none, and resumes when it is back.
 */
export class Connection {
  #network;
  #listener;
  /** The first welcome, for what every later one must repeat. */
  #seat;
  /** The token that resumes the session. Every welcome has a new one. */
  #session = "";
  #resumeMs = 0;
  /** @type {WebSocket | undefined} The socket in use; undefined while the connection is lost. */
  #socket;
  #watch;
  #redial;
  #lostAt = 0;
  /** @type {Close} How the last connection was lost. */
  #loss = { code: CLOSE_ABNORMAL, reason: "", clean: false };
  /** True once the session is over, or this side has closed the connection. */
  #ending = false;
  /** True if a stored session stays when the connection is closed. */
  #outlived = false;
  /** True while the page is put aside. */
  #asleep = false;
  #living = new AbortController();

  /**
   * @param {WebSocket} socket open, after its first message
   * @param {Welcome} welcome that first message
   * @param {Network} network
   * @param {Listener} listener
   */
  constructor(socket, welcome, network, listener) {
    this.#network = network;
    this.#listener = listener;
    this.#seat = welcome;
    this.#watch = new Watch(network.clock, () => this.#abandon());
    this.#redial = new Redial(network, (outcome) => dial(this.#endpoint(), network, outcome), {
      waiting: (waiting) => listener.reconnecting(waiting),
      reached: (socket, welcome) => this.#resume(socket, welcome),
      failed: (error) => this.#finish(error.close ?? { ...this.#loss, error }),
    });
    this.#use(socket, welcome);
    const page = {
      online: () => this.#check(true),
      visible: () => this.#check(false),
      asleep: () => this.#sleep(),
      awake: () => this.#wake(),
    };
    watchPage(network.window, page, this.#living.signal);
  }

  /** The token that resumes the session. */
  get session() {
    return this.#session;
  }

  /** True while there is a socket. */
  get connected() {
    return this.#socket !== undefined;
  }

  /**
   * Sends a message.
   *
   * @param {Uint8Array<ArrayBuffer>} message
   * @returns {boolean} false if there is no open socket: nothing was sent
   */
  send(message) {
    // A closing socket sends nothing, and browsers print an error for each attempt.
    if (this.#socket?.readyState !== SOCKET_OPEN) {
      return false;
    }
    this.#socket.send(message);
    return true;
  }

  /**
   * Closes the connection for good. The listener's `closed` follows when the server has answered, or at once if there is no
   * connection. After a code that does not end the session, a page may yet come back to it.
   *
   * @param {number} code
   * @param {string} [reason]
   * @returns {Promise<void>} resolved then
   */
  async end(code, reason) {
    const { signal } = this.#living;
    if (signal.aborted) {
      return;
    }
    const over = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    this.#ending = true;
    this.#outlived = !isFinal(code);
    this.#forget();
    this.#watch.stop();
    if (this.#socket !== undefined) {
      this.#socket.close(code, reason);
    } else {
      this.#redial.stop(code);
      this.#finish({ code, reason: reason ?? "", clean: false });
    }
    await over;
  }

  /** The endpoint at which to resume. */
  #endpoint() {
    const { game, schemaHash } = this.#seat;
    // By the tick the server sees whether the mirror has its last snapshot, and can go on with a delta instead of a keyframe.
    const address = playAddress(this.#network.url, game, { tick: this.#listener.tick(), schema: schemaHash });
    return { address, protocols: protocolsWith("session", this.#session) };
  }

  /**
   * Uses a socket from now on.
   *
   * @param {WebSocket} socket
   * @param {Welcome} welcome
   */
  #use(socket, welcome) {
    this.#session = welcome.session;
    this.#resumeMs = welcome.resumeSeconds * 1000;
    this.#network.slot?.keep(welcome);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) {
        this.#watch.received();
        this.#redial.reset();
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

  /** Gives up a socket on which nothing is received any more. */
  #abandon() {
    // A browser cannot drop a socket without a close frame. The server may yet receive it, so its code must not end the session.
    this.#socket?.close(CLOSE_SILENT);
    this.#lose({ code: CLOSE_ABNORMAL, reason: "", clean: false });
  }

  /** @param {Close} loss */
  #lose(loss) {
    this.#dropSocket();
    if (this.#resumeMs === 0) {
      this.#finish(loss);
      return;
    }
    this.#loss = loss;
    this.#lostAt = this.#network.clock.now();
    this.#listener.lost();
    if (!this.#asleep) {
      this.#redial.start(this.#resumeMs);
    }
  }

  /** Closes the connection until the page is back. */
  #sleep() {
    if (this.#ending || this.#resumeMs === 0) {
      return;
    }
    this.#asleep = true;
    if (this.#socket !== undefined) {
      this.#abandon();
    } else {
      this.#redial.stop(CLOSE_SILENT);
    }
  }

  /** Reconnects at once, if the seat is still held. */
  #wake() {
    if (this.#asleep && !this.#ending) {
      this.#asleep = false;
      this.#redial.start(this.#resumeMs, true);
    }
  }

  /**
   * @param {WebSocket} socket
   * @param {Welcome} welcome
   */
  #resume(socket, welcome) {
    const { game, room, player, schemaHash } = this.#seat;
    if (welcome.game !== game || welcome.room !== room || welcome.player !== player || welcome.schemaHash !== schemaHash) {
      socket.close(CLOSE_MALFORMED);
      this.#finish({ ...this.#loss, error: new JoinError("malformed", "the server resumed another session") });
      return;
    }
    this.#use(socket, welcome);
    this.#listener.resumed(welcome, this.#network.clock.now() - this.#lostAt);
  }

  /**
   * Checks the connection, or reconnects at once: the page is visible again, or the network is back.
   *
   * @param {boolean} online true if the network is back
   */
  #check(online) {
    if (this.#ending || this.#asleep) {
      return;
    }
    if (this.#socket === undefined) {
      this.#redial.retryNow(online);
    } else {
      this.#watch.suspect();
      this.#listener.check();
    }
  }

  #dropSocket() {
    this.#watch.stop();
    this.#socket = undefined;
  }

  /** @param {Close & { error?: JoinError }} close */
  #finish(close) {
    this.#dropSocket();
    this.#ending = true;
    this.#living.abort();
    if (close.error?.code !== "expired") {
      this.#forget();
    }
    this.#listener.closed(close);
  }

  #forget() {
    if (!this.#outlived) {
      this.#network.slot?.clear();
    }
  }
}
