/** The control messages that arrive on a room's connections, and what becomes of each. */

/** @import { Messages } from "../schema/shapes.js" */
/** @import { Chat, Draining, Pong, ServerMessage } from "./control.js" */
/** @import { Player, Players } from "./players.js" */
/** @import { Requests } from "./requests.js" */
/** @import { Welcome } from "./welcome.js" */

import { readEventOf } from "../schema/values.js";
import { BincodeReader } from "../wire/bincode.js";
import { readControl } from "./control.js";
import { Assembler } from "./fragments.js";
import { Inbox } from "./inbox.js";

/**
 * The handlers of messages.
 *
 * @typedef {object} MailListener
 * @property {(event: any) => void} event
 * @property {(message: Omit<Chat, "type">) => void} chat
 * @property {(players: readonly Player[]) => void} players with all of them
 * @property {(draining: Omit<Draining, "type">) => void} draining
 * @property {(pong: Pong) => void} pong
 */

/** Puts fragments together, drops doubles, and hands out what arrives. */
export class Mail {
  #messages;
  #requests;
  #players;
  #listener;
  #inbox;
  #assembler = new Assembler();

  /**
   * @param {Messages} messages the shapes of the game's messages
   * @param {Requests} requests that are answered
   * @param {Players} players
   * @param {Pick<Welcome, "nextMessage">} welcome the first
   * @param {MailListener} listener
   */
  constructor(messages, requests, players, welcome, listener) {
    this.#messages = messages;
    this.#requests = requests;
    this.#players = players;
    this.#listener = listener;
    this.#inbox = new Inbox(welcome);
  }

  /**
   * Goes on with another connection.
   *
   * @param {Pick<Welcome, "nextMessage">} welcome
   * @param {boolean} sameEpoch
   * @returns {number} messages that are lost: see {@link Inbox.resume}
   */
  resume(welcome, sameEpoch) {
    this.#assembler.reset();
    return this.#inbox.resume(welcome, sameEpoch);
  }

  /**
   * Takes a fragment of a message.
   *
   * @param {Uint8Array} fragment
   */
  takeFragment(fragment) {
    const whole = this.#assembler.take(fragment);
    if (whole !== undefined) {
      this.take(whole);
    }
  }

  /**
   * Takes a message.
   *
   * @param {Uint8Array} message
   */
  take(message) {
    const control = readControl(message);
    const isReliable = control.type === "event" || control.type === "reply";
    if (!isReliable || this.#inbox.accept()) {
      this.#handOut(control);
    }
  }

  /** @param {ServerMessage} control */
  #handOut(control) {
    switch (control.type) {
      case "event":
      case "latest":
        this.#listener.event(readEventOf(this.#messages.event, control.tick, new BincodeReader(control.body)));
        break;
      case "reply":
        this.#requests.settle(control);
        break;
      case "received":
        this.#requests.accepted(control.command);
        break;
      case "pong":
        this.#listener.pong(control);
        break;
      case "chat": {
        const { type, ...message } = control;
        this.#listener.chat(message);
        break;
      }
      case "players":
        this.#players.update(control);
        this.#listener.players(this.#players.list);
        break;
      case "draining":
        this.#listener.draining({ seconds: control.seconds });
        break;
    }
  }
}
