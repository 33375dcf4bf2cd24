/** A joined room: it ties the connection to the mirror, the view, the inputs and the requests. */

/** @import { GameTypes, ShownName, ShownOf, TableName } from "./base/game.js" */
/** @import { Network } from "./connection/dial.js" */
/** @import { EntryListener } from "./entry.js" */
/** @import { RoomEvents } from "./events.js" */
/** @import { Pong } from "./messages/control.js" */
/** @import { Player } from "./messages/players.js" */
/** @import { Welcome } from "./messages/welcome.js" */
/** @import { PredictOptions } from "./prediction/rules.js" */
/** @import { RoomTables } from "./view/tables.js" */
/** @import { TrackHandlers } from "./view/tracks.js" */
/** @import { Shown } from "./view/view.js" */

import { CLOSE_MALFORMED, CLOSE_NORMAL } from "./base/close.js";
import { DecodeError, HashMismatch } from "./base/errors.js";
import { pace } from "./base/timers.js";
import { Pings, pingPeriodMs } from "./clock/ping.js";
import { Playhead } from "./clock/playhead.js";
import { Timeline } from "./clock/timeline.js";
import { worldLayout } from "./codec/layout.js";
import { KIND_DELTA, KIND_KEYFRAME, kindOf } from "./codec/snapshot.js";
import { Connection } from "./connection/connection.js";
import { Entry } from "./entry.js";
import { EventHandlers } from "./events.js";
import { writeInput } from "./input/encode.js";
import { InputStruct } from "./input/input-struct.js";
import { Inputs } from "./input/inputs.js";
import { Acks } from "./messages/acks.js";
import { KIND_FRAGMENT } from "./messages/fragments.js";
import { Mail } from "./messages/mail.js";
import { Players } from "./messages/players.js";
import { Requests } from "./messages/requests.js";
import { Resync } from "./messages/resync.js";
import { Mirror } from "./mirror/mirror.js";
import { Predictions } from "./prediction/predictions.js";
import { Stats } from "./stats.js";
import { allParts, tableStructs } from "./view/struct.js";
import { mirrorTables } from "./view/tables.js";
import { Tracks } from "./view/tracks.js";
import { View } from "./view/view.js";

/**
 * A joined room.
 *
 * @template {GameTypes} [Game=any] the types of its game
 */
export class Room {
  /** The room's id. */
  id;
  /** The code that the room was joined by, if it was. @type {string | undefined} */
  code;
  /** The game's name. */
  game;
  /** The mode of the game; empty if it has none. */
  mode;
  /** This client's seat, by which the game's structs refer to players. */
  player;
  /** True if this client watches without a seat. */
  spectator;
  /** True if players may chat. */
  chats;
  /** Seats in the room. */
  maxPlayers;
  /** Ticks a second. */
  tickRateHz;
  /** The schema of the game's tables, input and messages. */
  schema;
  /** The schema's hash, 16 hex digits. */
  schemaHash;
  /**
   * The world at the newest snapshot: for each table by its name an `EntityTable`, or the object of a single.
   *
   * @type {RoomTables<Game>}
   */
  tables;
  /** Statistics of the connection, see stats.js. */
  stats;
  /** The player's inputs and the input clock. */
  inputs;

  #connection;
  #clock;
  #requests;
  #mail;
  /** The life of the room between two restores. In another one the mirror and the inputs start over. */
  #epoch;
  #players;
  #structs;
  #mirror;
  #timeline;
  #view;
  #tracks;
  #playhead;
  #pings = new Pings();
  #predictions;
  #tick;
  #acks;
  #resync = new Resync((message) => this.#connection.send(message));
  #events = new EventHandlers();
  #entry;
  #stopPings;

  /**
   * @internal
   * @param {WebSocket} socket open, after its first message
   * @param {Welcome} welcome that first message
   * @param {Network} network
   * @param {EntryListener} entry
   * @param {string} [code] that the room was joined by
   */
  constructor(socket, welcome, network, entry, code) {
    const { clock } = network;
    const { schema, tickRateHz } = welcome;
    const now = clock.now();
    this.id = welcome.room;
    this.code = code;
    this.game = welcome.game;
    this.mode = welcome.mode;
    this.player = welcome.player;
    this.#players = new Players(welcome.spectator ? undefined : welcome.player);
    this.spectator = welcome.spectator;
    this.chats = welcome.chat;
    this.maxPlayers = welcome.maxPlayers;
    this.tickRateHz = tickRateHz;
    this.schema = schema;
    this.schemaHash = welcome.schemaHash;
    this.stats = new Stats(now);
    this.#entry = new Entry(this.#events, entry);
    this.#clock = clock;
    this.#requests = new Requests(schema.messages, clock, welcome, (message) => this.#connection.send(message));
    this.#mail = new Mail(schema.messages, this.#requests, this.#players, welcome, {
      event: (event) => this.#events.emit("event", event),
      chat: (message) => this.#events.emit("chat", message),
      players: (players) => this.#events.emit("players", players),
      draining: (draining) => this.#events.emit("draining", draining),
      pong: (pong) => this.#receivePong(pong),
    });
    this.#epoch = welcome.epoch;
    this.#structs = tableStructs(schema);
    this.#mirror = new Mirror(worldLayout(allParts(this.#structs)), tickRateHz);
    this.tables = /** @type {RoomTables<Game>} */ (mirrorTables(this.#structs, this.#mirror));
    this.#timeline = new Timeline(tickRateHz);
    this.#timeline.arrived(welcome.tick, now);
    this.#playhead = new Playhead(this.#timeline, tickRateHz);
    this.#view = new View(this.#structs, tickRateHz, this.#playhead);
    this.#tracks = new Tracks(schema.tables.map(({ name }) => name));
    this.#tick = welcome.tick;
    this.#acks = new Acks((message) => this.#connection.send(message), now);
    const input = new InputStruct(schema.input);
    // A page that was reloaded counts on from the presses that the server has.
    const row = input.start(welcome.presses);
    this.inputs = new Inputs(input, row, tickRateHz, clock, welcome, (number, tick, row, now) => {
      const header = { number, ackedTick: this.#tick, tick, viewEighths: this.#view.eighthsBehind(this.#tick) };
      this.stats.inputsSent++;
      this.#acks.sent(now);
      this.#connection.send(writeInput(input, header, row));
    });
    if (this.spectator) {
      this.inputs.stop();
    }
    this.#predictions = new Predictions(schema, tickRateHz, this.inputs);
    this.#stopPings = pace(clock, pingPeriodMs(tickRateHz), (now) => this.#sendPing(now));
    this.#connection = new Connection(socket, welcome, network, {
      message: (message) => this.#receive(message),
      check: () => this.#sendPing(clock.now()),
      tick: () => (this.#mirror.ready ? this.#tick : undefined),
      lost: () => {
        this.#entry.release();
        this.inputs.pause();
      },
      reconnecting: (waiting) => this.#events.emit("reconnecting", waiting),
      resumed: (welcome, ms) => this.#resume(welcome, ms),
      closed: (close) => {
        this.#stop();
        this.#requests.close();
        this.#entry.closed(close);
      },
    });
    // The first ping is sent at once: from its pong on inputs are in time.
    this.#sendPing(now);
  }

  /**
   * The players of the room, by ascending id. A change makes another array: see the event `players`.
   *
   * @returns {readonly Player[]}
   */
  get players() {
    return this.#players.list;
  }

  /** True while there is a connection: not while the client reconnects, and not after the session is over. */
  get connected() {
    return this.#connection.connected;
  }

  /**
   * The token that resumes the session, another one on each connection; empty if this client is a spectator. Everyone who has it
   * can take the seat: never log or show it. The option `resume` of `join` keeps it for a page that is loaded again.
   */
  get session() {
    return this.#connection.session;
  }

  /** The tick of the newest snapshot. */
  get tick() {
    return this.#tick;
  }

  /**
   * Sets fields of the input, which is sent on every tick. A field keeps its value until it is set again. Numbers that are out of
   * range are clamped. Throws a TypeError that names the field, and sets nothing, if there is none of that name or if a value is
   * not of its type: NaN or a missing part of a vector, a fraction for an integer, an unknown variant. Throws one as well if this
   * client is a spectator.
   *
   * @param {Partial<Game["input"]>} values
   */
  input(values) {
    this.#own(this.inputs, "inputs").write(values);
  }

  /**
   * Counts one press of a one-shot action, such as a jump. It goes out with the next input and takes effect once, even if it is
   * over before that input, or inputs are lost. Throws a TypeError if the input has no such presses, or if this client is a
   * spectator.
   *
   * @param {Game["presses"]} name of the input's field
   */
  press(name) {
    this.#own(this.inputs, "inputs").press(name);
  }

  /**
   * The world to draw: a little in the past, interpolated between snapshots, with the predicted entities in the present. The
   * handlers of {@link track} are called before it returns.
   *
   * @param {number} [now] in milliseconds, such as the argument of `requestAnimationFrame`
   * @returns {Shown<Game>}
   */
  view(now = this.#clock.now()) {
    this.inputs.advance(now);
    const shown = this.#predictions.show(this.#view.at(now), now);
    this.#tracks.show(shown.tables);
    return /** @type {any} */ (shown);
  }

  /**
   * Follows the lives of a table's entities as {@link view} shows them. It calls the handlers before it returns: first `remove`,
   * then `add` and `update` in the table's order. Entities that the last frame has shown are added at once, so that a late caller
   * misses nothing. An entity stays the same as long as its id does: over keyframes, over a resumed connection, and when its
   * prediction begins. One that comes and goes between two frames is never shown. A single is added once, and never removed.
   *
   * If a handler throws, the error is reported as unhandled, the handler is not called again for the same news, and nothing else
   * is affected. Throws a TypeError if there is no such table or handler.
   *
   *     const stop = room.track("ships", {
   *       add: (ship) => sprites.set(ship.id, scene.add.image(ship.position.x, ship.position.y, "ship")),
   *       update: (ship) => sprites.get(ship.id).setPosition(ship.position.x, ship.position.y),
   *       remove: (ship) => sprites.get(ship.id).destroy(),
   *     });
   *
   * @template {ShownName<Game>} Name
   * @param {Name} table
   * @param {TrackHandlers<ShownOf<Game, Name>>} handlers
   * @returns {() => void} stops it: no handler is called any more, not even `remove`
   */
  track(table, handlers) {
    return this.#tracks.add(table, handlers);
  }

  /**
   * Predicts an entity from now on: {@link view} shows the effect of inputs on it at once.
   *
   * @template {TableName<Game>} Table
   * @template {object} [Extra={}]
   * @param {PredictOptions<Game, Table, Extra>} options
   */
  predict(options) {
    this.#predictions.add(/** @type {any} */ (options));
    // Without a state to predict from, an entity that is in view already would disappear until the next snapshot.
    this.#predictions.reconcile(this.#tick, /** @type {RoomTables} */ (this.tables));
  }

  /**
   * Calls `handler` for every event of a name, from the next one on. If it throws, the error is reported as unhandled, and
   * nothing else is affected. Throws a TypeError if there is no such event.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {(...args: RoomEvents<Game>[Name]) => void} handler
   * @returns {() => void} removes the handler
   */
  on(name, handler) {
    return this.#events.add(name, /** @type {any} */ (handler));
  }

  /**
   * Calls `handler` for the next event of a name, and then removes it.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {(...args: RoomEvents<Game>[Name]) => void} handler
   * @returns {() => void} removes the handler before that
   */
  once(name, handler) {
    return this.#events.add(name, /** @type {any} */ (handler), true);
  }

  /**
   * Sends a command to the game: a value of its command type, such as `{ type: "emote", emote: "Wave" }`. Commands and chat
   * messages are executed in order and exactly once, and their replies arrive, over lost connections too. The promise is rejected
   * with a {@link RequestError} if the reply takes too long (the command may be executed yet), if 256 commands wait already, or
   * if the room ends before; and with a TypeError if the game has no such command, or if this client is a spectator.
   *
   * @param {Game["command"]} command
   * @param {{ timeout?: number }} [options] the time that the reply may take, in milliseconds; ten seconds by default
   * @returns {Promise<Game["reply"]>} the reply
   */
  async command(command, { timeout } = {}) {
    return this.#own(this.#requests, "commands").command(command, timeout);
  }

  /**
   * Sends a command for which no reply is wanted. While there is no connection it waits for the next one. Throws a TypeError if
   * the game has no such command, or if this client is a spectator.
   *
   * @param {Game["command"]} command
   * @returns {boolean} false if it will not be sent: 256 commands wait already, or the room is over
   */
  send(command) {
    return this.#own(this.#requests, "commands").send(command);
  }

  /**
   * Sends a chat message to all players of the room, or to the own team. All of them, this client too, receive the event `chat`.
   *
   * @param {string} text
   * @param {{ team?: boolean }} [options]
   * @returns {Promise<void>} resolved when the server has accepted the message; rejected with a {@link RequestError}, whose
   *   `code` is the reason: too_long, too_fast, bad_text, not_allowed, no_chat, no_team, timeout, …; and with a TypeError if this
   *   client is a spectator
   */
  async chat(text, { team = false } = {}) {
    return this.#own(this.#requests, "chat").chat(text, team ? "team" : "room");
  }

  /**
   * Leaves the room: the seat is free at once, and a stored session is removed. The event `close` follows when the server has
   * answered, or at once if there is no connection.
   *
   * @returns {Promise<void>} resolved at that event
   */
  leave() {
    return this.abandon(CLOSE_NORMAL);
  }

  /**
   * Closes the connection for good. After a close code that does not end the session, a page may yet come back to it.
   *
   * @internal
   * @param {number} code
   * @param {string} [reason]
   */
  abandon(code, reason) {
    this.#stop();
    return this.#connection.end(code, reason);
  }

  /** @param {Uint8Array} message */
  #receive(message) {
    this.#entry.release();
    this.stats.countMessage(message.length);
    try {
      const kind = kindOf(message);
      if (kind === KIND_DELTA || kind === KIND_KEYFRAME) {
        this.#receiveSnapshot(message);
      } else if (kind === KIND_FRAGMENT) {
        this.#mail.takeFragment(message);
      } else {
        this.#mail.take(message);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw error;
      }
      void this.abandon(CLOSE_MALFORMED, error.code);
    }
  }

  /** @param {Welcome} welcome @param {number} ms */
  #resume(welcome, ms) {
    const now = this.#clock.now();
    const sameEpoch = welcome.epoch === this.#epoch;
    const lost = this.#mail.resume(welcome, sameEpoch);
    if (!sameEpoch) {
      this.#restart(welcome);
    }
    this.stats.resumes++;
    this.stats.resumeMs = ms;
    this.inputs.reconnected();
    this.#resync.resumed(now);
    // The server keeps the old token until the first message on the new connection: it shows that the new token has arrived.
    this.#sendPing(now);
    this.#requests.resume(welcome, sameEpoch);
    this.#events.emit("resumed", { ms });
    if (lost > 0) {
      this.#events.emit("lost", { count: lost });
    }
  }

  /**
   * Starts over in another epoch of the room, which has gone on from an earlier state. The view stays until the keyframe.
   *
   * @param {Welcome} welcome
   */
  #restart(welcome) {
    this.#epoch = welcome.epoch;
    this.#tick = welcome.tick;
    this.#mirror.drop();
    this.#view.restart();
    this.#predictions.restart();
    this.#resync.end();
    this.inputs.restart(welcome);
  }

  /** @param {Pong} pong */
  #receivePong({ nonce, tick }) {
    const now = this.#clock.now();
    const sentAt = this.#pings.pong(nonce, now);
    if (sentAt !== undefined) {
      this.stats.pingMs = now - sentAt;
      this.stats.leastPingMs = this.#pings.leastMs;
      this.inputs.pong(tick, sentAt);
    }
  }

  /** @param {Uint8Array} message */
  #receiveSnapshot(message) {
    const now = this.#clock.now();
    if (this.#resync.waits && kindOf(message) === KIND_DELTA) {
      // The delta was sent before the server received the request for a keyframe, or the request was lost.
      this.#resync.repeat(now);
      return;
    }
    let applied;
    try {
      applied = this.#mirror.apply(message);
    } catch (error) {
      if (!(error instanceof HashMismatch || error instanceof DecodeError)) {
        throw error;
      }
      this.stats.mismatches++;
      this.#resync.start(error instanceof HashMismatch ? error.tick : this.#tick, now);
      return;
    }
    this.#resync.end();
    this.#tick = applied.tick;
    this.#timeline.arrived(applied.tick, now);
    this.inputs.acknowledge(applied.ack, applied.tick, now, this.#timeline.jitterMs);
    this.#view.push(this.#mirror.current);
    this.stats.countSnapshot(applied, now);
    this.#predictions.reconcile(applied.tick, /** @type {RoomTables} */ (this.tables));
    this.stats.measure(this.#timeline, this.#playhead, this.inputs, this.#predictions, now);
    this.#acks.applied(applied.tick, now);
    if (!this.#entry.applied()) {
      this.#events.emitSnapshot(applied, this.#structs, this.#mirror);
    }
  }

  /**
   * A part of the client that spectators do not have.
   *
   * @template Part
   * @param {Part} part
   * @param {string} name
   */
  #own(part, name) {
    if (this.spectator) {
      throw new TypeError(`a spectator has no ${name}`);
    }
    return part;
  }

  /** @param {number} now */
  #sendPing(now) {
    this.stats.updateRates(now);
    if (this.connected) {
      this.#resync.repeat(now);
      this.#connection.send(this.#pings.ping(now));
    }
  }

  #stop() {
    this.inputs.stop();
    this.#stopPings();
  }
}
