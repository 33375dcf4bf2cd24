/**
 * Sends emotes to the room when the player presses a number key.
 * @module
 */

/** @import { Room } from "/client/drumline.js" */
/** @import { Arena } from "../../arena.d.ts" */

/** By position on the keyboard, so that it works with any layout. @type {Readonly<Record<string, Arena["command"]["emote"]>>} */
const EMOTES = { Digit1: "Wave", Digit2: "Cheer", Digit3: "Sorry" };

export class Emotes {
  #listening = new AbortController();
  #room;

  /** @param {Room<Arena>} room */
  constructor(room) {
    this.#room = room;
    window.addEventListener("keydown", (event) => this.#press(event), { signal: this.#listening.signal });
  }

  stop() {
    this.#listening.abort();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const isTyping = event.target instanceof HTMLInputElement;
    if (isTyping || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !(event.code in EMOTES)) return;
    if (this.#room.spectator) return;
    // An emote that is refused as too soon, or lost with the connection, needs no error message.
    this.#room.command({ type: "emote", emote: EMOTES[event.code] }).catch(() => {});
  }
}
