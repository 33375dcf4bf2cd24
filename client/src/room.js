/** A seat in a room: the mirror of its world, inputs on their way, and news. */

/** @import { Close } from "./base/close.js" */
/** @import { JoinError } from "./base/errors.js" */
/** @import { Network } from "./connection/dial.js" */
/** @import { Waiting } from "./connection/redial.js" */
/** @import { Chat, Pong, Welcome } from "./messages/control.js" */
/** @import { Applied } from "./mirror/mirror.js" */
/** @import { PredictOptions } from "./prediction/prediction.js" */
/** @import { Entity } from "./view/tables.js" */
/** @import { Shown } from "./view/view.js" */

import { CLOSE_MALFORMED, CLOSE_NORMAL } from "./base/close.js";
import { DecodeError, HashMismatch } from "./base/errors.js";
import { pace } from "./base/timers.js";
import { Pings } from "./clock/ping.js";
import { Playhead } from "./clock/playhead.js";
import { Timeline } from "./clock/timeline.js";
import { worldLayout } from "./codec/layout.js";
import { KIND_DELTA, KIND_KEYFRAME, kindOf } from "./codec/snapshot.js";
import { Connection } from "./connection/connection.js";
import { writeInput } from "./input/encode.js";
import { Inputs } from "./input/inputs.js";
import { readControl, writeAck, writeResync } from "./messages/control.js";
import { Assembler, KIND_FRAGMENT } from "./messages/fragments.js";
import { Talk } from "./messages/requests.js";
import { Mirror } from "./mirror/mirror.js";
import { Predictions } from "./prediction/predictions.js";
import { readEventOf } from "./schema/values.js";
import { Stats } from "./stats.js";
import { Struct, allParts, tableStructs } from "./view/struct.js";
import { mirrorTables, population } from "./view/tables.js";
import { View } from "./view/view.js";
import { BincodeReader } from "./wire/bincode.js";

const PING_PERIOD_MS = 1000;
/** A part of a tick that is added to that: so pings come at all times between two ticks. */
const PING_SHIFT = 0.38;
const RESYNC_PERIOD_MS = 1000;
/** Without an input for so long, snapshots are acknowledged on their own: a hidden page's timers hardly run. */
const ACK_PERIOD_MS = 250;

/**
 * What can be listened for, with the handlers' arguments.
 *
 * @typedef {object} RoomEvents
 * @property {[table: string, entity: Entity]} spawn an entity has come into view: it was not in the snapshot before
 * @property {[table: string, entity: Entity]} despawn the reverse, with its last state: it has died or left the view
 * @property {[event: { tick: number, [field: string]: any }]} event something the game tells, with its tick
 * @property {[snapshot: { tick: number, keyframe: boolean }]} snapshot the mirror shows a new tick
 * @property {[said: ChatMessage]} chat a player has said something, this one too
 * @property {[draining: { seconds: number }]} draining the server is about to stop, and the room ends by then
 * @property {[waiting: Waiting]} reconnecting the connection is lost, and an attempt to get it back follows; told before each
 * @property {[resumed: { ms: number }]} resumed it is back, so long after it was lost; all goes on
 * @property {[close: Close & { error?: JoinError }]} close it is over; `error` says why it could not come back, if that was tried
 */

/** @typedef {RoomEvents["event"][0]} RoomEvent something the game tells: but for `tick` it is as the game has it */

/** @typedef {Omit<Chat, "type">} ChatMessage what a player has said, to whom, and the tick that it came with */

/** A joined room. */
export class Room {
  /** The room's id. */
  id;
  /** The game's name. */
  game;
  /** In which of its modes it is played; empty if it has none. */
  mode;
  /** This client's seat; the game's structs name players by it. */
  player;
  /** Whether this client only watches, without a seat. */
  spectator;
  /** Whether players may chat here. */
  chats;
  /** Seats in the room. */
  maxPlayers;
  /** Ticks a second. */
  tickRateHz;
  /** The game's tables and input, as the server has described them. */
  schema;
  /** The schema's hash, 16 hex digits. */
  schemaHash;
  /** The newest snapshot's world: for each table by its name an `EntityTable`, or a single's object. */
  tables;
  /** What the connection has done. */
  stats;
  /** The player's inputs, by their ticks, and the clock that they are on. */
  inputs;

  #connection;
  #clock;
  #messages;
  #talk;
  #assembler = new Assembler();
  #structs;
  #mirror;
  #timeline;
  #view;
  #playhead;
  #pings = new Pings();
  #predictions;
  #tick;
  /** When the server was last told which tick has been received. */
  #ackedAt;
  /** @type {{ tick: number, reportedAt: number } | undefined} Set while the mirror waits for a keyframe. */
  #mismatch;
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
  #stopPings;

  /**
   * @param {WebSocket} socket open, its first message read
   * @param {Welcome} welcome that message
   * @param {Network} network
   */
  constructor(socket, welcome, network) {
    const { clock } = network;
    const { schema, tickRateHz } = welcome;
    const now = clock.now();
    this.id = welcome.room;
    this.game = welcome.game;
    this.mode = welcome.mode;
    this.player = welcome.player;
    this.spectator = welcome.spectator;
    this.chats = welcome.chat;
    this.maxPlayers = welcome.maxPlayers;
    this.tickRateHz = tickRateHz;
    this.schema = schema;
    this.schemaHash = welcome.schemaHash;
    this.stats = new Stats(now);
    this.#clock = clock;
    this.#messages = schema.messages;
    this.#talk = new Talk(schema.messages, clock, (message) => this.#connection.send(message));
    this.#structs = tableStructs(schema);
    this.#mirror = new Mirror(worldLayout(allParts(this.#structs)));
    this.tables = mirrorTables(this.#structs, this.#mirror);
    this.#timeline = new Timeline(tickRateHz);
    this.#timeline.arrived(welcome.tick, now);
    this.#playhead = new Playhead(this.#timeline, tickRateHz);
    this.#view = new View(this.#structs, tickRateHz, this.#playhead);
    this.#tick = welcome.tick;
    this.#ackedAt = now;
    const input = new Struct(schema.input);
    this.inputs = new Inputs(input, tickRateHz, clock, welcome.tick, (number, tick, row, now) => {
      const header = { number, ackedTick: this.#tick, tick, viewEighths: this.#viewEighths };
      this.stats.inputsSent = number;
      this.#ackedAt = now;
      this.#connection.send(writeInput(input.layout, header, row));
    });
    if (this.spectator) {
      this.inputs.stop();
    }
    this.#predictions = new Predictions(schema, tickRateHz, this.inputs, input);
    this.#stopPings = pace(clock, PING_PERIOD_MS + PING_SHIFT * (1000 / tickRateHz), (now) => this.#sendPing(now));
    this.#connection = new Connection(socket, welcome, network, {
      message: (message) => this.#receive(message),
      check: () => this.#sendPing(clock.now()),
      tick: () => (this.stats.snapshots > 0 && this.#mismatch === undefined ? this.#tick : undefined),
      lost: () => {
        this.inputs.pause();
        this.#assembler.reset();
        this.#talk.end("lost");
      },
      reconnecting: (waiting) => this.#emit("reconnecting", waiting),
      resumed: (resumed) => this.#resume(resumed),
      closed: (close) => {
        this.#stop();
        this.#talk.end("closed");
        this.#emit("close", close);
      },
    });
    // The first one at once: with its answer inputs are in time.
    this.#sendPing(now);
  }

  /** Whether there is a connection now: not while a lost one may yet come back, and not once it is over. */
  get connected() {
    return this.#connection.connected;
  }

  /** The newest snapshot's tick; before the first one the tick of the welcome. */
  get tick() {
    return this.#tick;
  }

  /**
   * Sets fields of the input, which is sent on every tick. A field keeps its value until it is set again. A spectator has none.
   *
   * @param {Record<string, any>} values
   */
  input(values) {
    if (this.spectator) {
      throw new TypeError("a spectator has no inputs");
    }
    this.inputs.write(values);
  }

  /**
   * The world to draw: a little in the past, moving evenly between snapshots.
   *
   * @param {number} [now] in milliseconds; `requestAnimationFrame` gives a fitting one
   * @returns {Shown}
   */
  view(now = this.#clock.now()) {
    this.inputs.advance(now);
    return this.#predictions.show(this.#view.at(now), now);
  }

  /**
   * Has an entity answer to inputs at once: from now on {@link view} shows it as it is going to be.
   *
   * @param {PredictOptions} options
   */
  predict(options) {
    this.#predictions.add(options);
  }

  /**
   * Calls `handler` whenever it happens.
   *
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {(...args: RoomEvents[Name]) => void} handler
   * @returns {() => void} ends it
   */
  on(name, handler) {
    const handlers = this.#handlers[name];
    if (handlers === undefined) {
      throw new TypeError(`there is no ${name} to listen for, only ${Object.keys(this.#handlers).join(", ")}`);
    }
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
    };
  }

  /**
   * Asks something of the game, beside the input: a value of its type of commands, such as `{ type: "emote", emote: "Wave" }`.
   * It is carried out once, or not at all: it is never sent again. The promise is rejected with a {@link RequestError} that says
   * why if no reply comes, and with a TypeError if the game has no such command.
   *
   * @param {any} command
   * @param {{ timeout?: number }} [options] how long the reply may take, in milliseconds; ten seconds unless told otherwise
   * @returns {Promise<any>} the reply
   */
  command(command, { timeout } = {}) {
    return this.#talk.command(command, timeout);
  }

  /**
   * As {@link command}, where no reply is wanted.
   *
   * @param {any} command
   * @returns {boolean} whether there was a connection to send it on
   */
  send(command) {
    return this.#talk.send(command);
  }

  /**
   * Says something to all players of the room, or to those of the own team. They hear it, this client too, as `chat`.
   *
   * @param {string} text
   * @param {{ team?: boolean }} [options]
   * @returns {Promise<void>} that it is told; rejected with a {@link RequestError} if it is not, for its `code` as a reason:
   *   too_long, too_fast, bad_text, not_allowed, no_chat, no_team, lost, …
   */
  chat(text, { team = false } = {}) {
    return this.#talk.chat(text, team ? "team" : "room");
  }

  /** Says goodbye. `close` follows when the server has answered; it comes at once if the connection is lost. */
  leave() {
    this.#stop();
    this.#connection.end(CLOSE_NORMAL);
  }

  /** @param {Uint8Array} message */
  #receive(message) {
    this.stats.countMessage(message.length);
    try {
      const kind = kindOf(message);
      if (kind === KIND_DELTA || kind === KIND_KEYFRAME) {
        this.#receiveSnapshot(message);
      } else if (kind === KIND_FRAGMENT) {
        const whole = this.#assembler.take(message);
        if (whole !== undefined) {
          this.#receiveControl(whole);
        }
      } else {
        this.#receiveControl(message);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw error;
      }
      this.#stop();
      this.#connection.end(CLOSE_MALFORMED, error.code);
    }
  }

  /** @param {{ ms: number }} resumed */
  #resume({ ms }) {
    this.stats.resumes++;
    this.stats.resumeMs = ms;
    this.inputs.reconnected();
    if (this.#mismatch !== undefined) {
      // It had no tick to go on from: the keyframe comes without being asked for again.
      this.#mismatch.reportedAt = this.#clock.now();
    }
    // The first message on the new connection tells the server that the welcome, and so the new token, has been received.
    this.#sendPing(this.#clock.now());
    this.#emit("resumed", { ms });
  }

  /** @param {Uint8Array} message */
  #receiveControl(message) {
    const control = readControl(message);
    switch (control.type) {
      case "event":
        this.#emit("event", readEventOf(this.#messages.event, control.tick, new BincodeReader(control.body)));
        break;
      case "pong":
        this.#receivePong(control);
        break;
      case "reply":
        this.#talk.answer(control);
        break;
      case "chat": {
        const { type, ...said } = control;
        this.#emit("chat", said);
        break;
      }
      case "draining":
        this.#emit("draining", { seconds: control.seconds });
        break;
    }
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
    if (this.#mismatch !== undefined && kindOf(message) === KIND_DELTA) {
      // Sent before the server knew; or the server has not taken notice.
      this.#repeatResync(now);
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
      this.#resync(error instanceof HashMismatch ? error.tick : this.#tick, now);
      return;
    }
    this.#mismatch = undefined;
    this.#tick = applied.tick;
    this.#timeline.arrived(applied.tick, now);
    this.inputs.heard(applied.ack, applied.tick, now, this.#timeline.jitterMs);
    this.#view.push(this.#mirror.current);
    this.stats.countSnapshot(applied, now);
    this.#predictions.reconcile(applied.tick, this.tables);
    this.#describe(now);
    if (now - this.#ackedAt >= ACK_PERIOD_MS) {
      this.#ackedAt = now;
      this.#connection.send(writeAck(applied.tick));
    }
    this.#announce(applied);
  }

  /** @param {Applied} applied */
  #announce({ tick, keyframe }) {
    if (this.#handlers.spawn.size + this.#handlers.despawn.size > 0) {
      const { previous, current } = this.#mirror;
      const { spawned, despawned } = population(this.#structs, previous, current);
      despawned.forEach(([table, entity]) => this.#emit("despawn", table, entity));
      spawned.forEach(([table, entity]) => this.#emit("spawn", table, entity));
    }
    this.#emit("snapshot", { tick, keyframe });
  }

  /**
   * @param {number} tick the snapshot's that did not match
   * @param {number} now
   */
  #resync(tick, now) {
    this.#mismatch = { tick, reportedAt: now };
    this.#connection.send(writeResync(tick));
  }

  /** @param {number} now */
  #repeatResync(now) {
    if (this.#mismatch !== undefined && now - this.#mismatch.reportedAt >= RESYNC_PERIOD_MS) {
      this.#resync(this.#mismatch.tick, now);
    }
  }

  /** How the clocks of what is shown and of inputs are doing. @param {number} now */
  #describe(now) {
    const { stats } = this;
    const due = this.#timeline.tickAt(now);
    stats.jitterMs = this.#timeline.jitterMs;
    stats.interpolationDelayMs = (this.#playhead.delayTicks * 1000) / this.tickRateHz;
    stats.leadTicks = this.inputs.tickAt(now) - due;
    stats.inputsMissed = this.inputs.missed;
    stats.predictionError = this.#predictions.error;
  }

  /** How far what the player sees lies behind the newest snapshot. */
  get #viewEighths() {
    const { tick } = this.#view;
    return Number.isNaN(tick) ? 0 : (this.#tick - tick) * 8;
  }

  /** @param {number} now */
  #sendPing(now) {
    this.stats.updateRates(now);
    if (!this.connected) {
      return;
    }
    this.#repeatResync(now);
    this.#connection.send(this.#pings.ping(now));
  }

  #stop() {
    this.inputs.stop();
    this.#stopPings();
  }

  /**
   * @template {keyof RoomEvents} Name
   * @param {Name} name
   * @param {RoomEvents[Name]} args
   */
  #emit(name, ...args) {
    this.#handlers[name].forEach((handler) => handler(...args));
  }
}

/**
 * Has a room predict an entity: the own one, as a rule. It is simulated as inputs are given, by the same rules as on the server,
 * set right by each snapshot, and shown by {@link Room.view} in place of the server's.
 *
 * @param {Room} room
 * @param {PredictOptions} options
 */
export function predict(room, options) {
  room.predict(options);
}
