/** The events of a room, and the handlers that are registered for them. */

/** @import { Close } from "./base/close.js" */
/** @import { JoinError } from "./base/errors.js" */
/** @import { AnyFields, EntityOf, GameTypes, TableName } from "./base/game.js" */
/** @import { Waiting } from "./connection/redial.js" */
/** @import { Chat } from "./messages/control.js" */
/** @import { Player } from "./messages/players.js" */
/** @import { Applied, Mirror } from "./mirror/mirror.js" */
/** @import { TableStruct } from "./view/struct.js" */

import { callHandler, checkFunction } from "./base/handlers.js";
import { population } from "./view/tables.js";

/**
 * The events of a room, with the arguments of their handlers.
 *
 * `spawn` and `despawn` are about the newest snapshot, as `room.tables` is. They run ahead of what `room.view()` draws by the
 * interpolation delay, and a handler does not learn about the entities that were there before it was added. To create and remove
 * what is drawn, use `room.track`.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {object} RoomEvents
 * @property {EntityArgs<Game>} spawn a snapshot after the first has brought an entity; {@link Room.view} shows it later
 * @property {EntityArgs<Game>} despawn in a snapshot an entity is gone or out of sight; with its state in the
 *   snapshot before. {@link Room.view} shows it for a while longer
 * @property {[event: RoomEvent<Game>]} event an event of the game. Each arrives exactly once and in order, over lost connections
 *   too; those that the game sends as the latest news may be left out for newer ones
 * @property {[snapshot: { tick: number, keyframe: boolean }]} snapshot a snapshot was applied
 * @property {[message: ChatMessage]} chat a chat message from a player, including this one
 * @property {[players: readonly Player[]]} players players have joined, left, lost their connection or come back; with all of
 *   them, as in `room.players`
 * @property {[draining: { seconds: number }]} draining the server stops in so many seconds, and with it the room
 * @property {[waiting: Waiting]} reconnecting the connection is lost, and an attempt to reconnect follows; emitted before each
 * @property {[resumed: { ms: number }]} resumed the session goes on; `ms`: time without a connection
 * @property {[lost: { count: number }]} lost the client was away for so long that the server has dropped events or replies;
 *   emitted after `resumed`
 * @property {[close: Close & { error?: JoinError }]} close the session is over; `error`: why it could not be resumed, if the
 *   client tried to; `code` 4005: another page has taken the seat over
 */

/**
 * A table's name, and an entity of that table.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {{ [Table in TableName<Game>]: [table: Table, entity: EntityOf<Game, Table>] }[TableName<Game>]} EntityArgs
 */

/**
 * An event of the game, with the tick that it happened on.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {(0 extends 1 & Game["event"] ? AnyFields : Game["event"]) & { tick: number }} RoomEvent
 */

/** @typedef {Omit<Chat, "type">} ChatMessage a chat message from a player, with the tick that it was received on */

/**
 * A handler as it was added. A function that is added twice is called twice, and each addition is removed by itself.
 *
 * @template {keyof RoomEvents} Name
 * @typedef {{ handler: (...args: RoomEvents[Name]) => void, once: boolean }} Added
 */

/**
 * The handlers of a room's events. Each is isolated: if it throws, the error is reported as unhandled, and the others are called
 * nevertheless. Handlers may be added and removed during an event: one that is added is first called for the next event, one that
 * is removed is not called any more.
 *
 * @internal
 */
export class EventHandlers {
  /** @type {{ [Name in keyof RoomEvents]: Set<Added<Name>> }} */
  #handlers = {
    spawn: new Set(),
    despawn: new Set(),
    event: new Set(),
    snapshot: new Set(),
    chat: new Set(),
    players: new Set(),
    draining: new Set(),
    reconnecting: new Set(),
    resumed: new Set(),
    lost: new Set(),
    close: new Set(),
  };
  /** Events that wait for the page's handlers; undefined if none do. @type {(() => void)[] | undefined} */
  #held;

  /**
   * Adds a handler. Throws a TypeError if there is no such event, or if the handler is no function.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {(...args: RoomEvents[Name]) => void} handler
   * @param {boolean} [once] true if the handler is to be called once only
   * @returns {() => void} removes it
   */
  add(name, handler, once = false) {
    const handlers = this.#handlers[name];
    if (handlers === undefined) {
      throw new TypeError(`there is no event ${name}, only ${Object.keys(this.#handlers).join(", ")}`);
    }
    checkFunction(`the handler of "${name}"`, handler);
    const added = { handler, once };
    handlers.add(added);
    return () => {
      handlers.delete(added);
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

  /** Keeps events from now on. */
  hold() {
    this.#held = [];
  }

  /** Emits the events that were kept, and keeps none from now on. */
  release() {
    const held = this.#held;
    this.#held = undefined;
    held?.forEach((emit) => emit());
  }

  /**
   * Calls the handlers of an event, or keeps it for later.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {RoomEvents[Name]} args
   */
  emit(name, ...args) {
    if (this.#held !== undefined) {
      this.#held.push(() => this.emit(name, ...args));
      return;
    }
    const handlers = this.#handlers[name];
    for (const added of [...handlers]) {
      if (added.once ? handlers.delete(added) : handlers.has(added)) {
        callHandler(`"${name}"`, added.handler, args);
      }
    }
  }

  /**
   * Emits what a snapshot has brought.
   *
   * @param {Applied} applied
   * @param {TableStruct[]} structs
   * @param {Mirror} mirror after the snapshot
   */
  emitSnapshot({ tick, keyframe }, structs, { previous, current }) {
    // Comparing two frames takes time in a large world: do it only for a page that wants the events.
    if (this.has("spawn") || this.has("despawn")) {
      const { spawned, despawned } = population(structs, previous, current);
      despawned.forEach(([table, entity]) => this.emit("despawn", table, entity));
      spawned.forEach(([table, entity]) => this.emit("spawn", table, entity));
    }
    this.emit("snapshot", { tick, keyframe });
  }
}
