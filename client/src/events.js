/** The events of a room, and the handlers that are registered for them. */

/** @import { Close } from "./base/close.js" */
/** @import { JoinError } from "./base/errors.js" */
/** @import { Waiting } from "./connection/redial.js" */
/** @import { Chat } from "./messages/control.js" */
/** @import { Entity } from "./view/tables.js" */

/**
 * The events of a room, with the arguments of their handlers.
 *
 * @typedef {object} RoomEvents
 * @property {[table: string, entity: Entity]} spawn an entity has come into view
 * @property {[table: string, entity: Entity]} despawn an entity was despawned or has left the view; with its last state
 * @property {[event: RoomEvent]} event an event of the game
 * @property {[snapshot: { tick: number, keyframe: boolean }]} snapshot a snapshot was applied
 * @property {[message: ChatMessage]} chat a chat message from a player, including this one
 * @property {[draining: { seconds: number }]} draining the server stops in so many seconds, and with it the room
 * @property {[waiting: Waiting]} reconnecting the connection is lost, and an attempt to reconnect follows; emitted before each
 * @property {[resumed: { ms: number }]} resumed the session goes on; `ms`: time without a connection
 * @property {[close: Close & { error?: JoinError }]} close the session is over; `error`: why it could not be resumed, if the
 *   client tried to
 */

/** @typedef {{ tick: number, [field: string]: any }} RoomEvent an event of the game, with the tick that it happened on */

/** @typedef {Omit<Chat, "type">} ChatMessage a chat message from a player, with the tick that it was received on */

/** The handlers of a room's events. */
export class EventHandlers {
  /** @type {{ [Name in keyof RoomEvents]: Set<(...args: RoomEvents[Name]) => void> }} */
  #handlers = {
    spawn: new Set(),
    despawn: new Set(),
    event: new Set(),
    snapshot: new Set(),
    chat: new Set(),
    draining: new Set(),
    reconnecting: new Set(),
    resumed: new Set(),
    close: new Set(),
  };

  /**
   * Adds a handler. Throws a TypeError if there is no such event.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {(...args: RoomEvents[Name]) => void} handler
   * @returns {() => void} removes it
   */
  add(name, handler) {
    const handlers = this.#handlers[name];
    if (handlers === undefined) {
      throw new TypeError(`there is no event ${name}, only ${Object.keys(this.#handlers).join(", ")}`);
    }
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
    };
  }

  /**
   * Returns true if an event has a handler.
   *
   * @param {keyof RoomEvents} name
   */
  has(name) {
    return this.#handlers[name].size > 0;
  }

  /**
   * Calls the handlers of an event.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {RoomEvents[Name]} args
   */
  emit(name, ...args) {
    this.#handlers[name].forEach((handler) => handler(...args));
  }
}
