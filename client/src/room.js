/** A seat in a room: the mirror of its world, inputs on their way, and news. */

/** @import { Applied } from "./mirror.js" */
/** @import { Pong, Welcome } from "./messages.js" */
/** @import { Clock } from "./pace.js" */
/** @import { Entity } from "./tables.js" */
/** @import { Shown } from "./view.js" */

import { DecodeError, HashMismatch } from "./errors.js";
import { writeInput } from "./input.js";
import { Inputs } from "./inputs.js";
import { worldLayout } from "./layout.js";
import { readControl, writeAck, writeResync } from "./messages.js";
import { Mirror } from "./mirror.js";
import { pace } from "./pace.js";
import { Pings } from "./ping.js";
import { Playhead } from "./playhead.js";
import { KIND_DELTA, KIND_KEYFRAME, kindOf } from "./snapshot.js";
import { Stats } from "./stats.js";
import { Struct, allParts, tableStructs } from "./struct.js";
import { mirrorTables, population } from "./tables.js";
import { Timeline } from "./timeline.js";
import { View } from "./view.js";

/** Close code: the peer's bytes are no Drumline messages. */
export const CLOSE_MALFORMED = 4001;

/** Close code: goodbye. */
export const CLOSE_NORMAL = 1000;
/** `WebSocket.OPEN`. */
const SOCKET_OPEN = 1;
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
 * @property {[event: { tick: number, name: string, text: string }]} event something the game tells everyone once
 * @property {[snapshot: { tick: number, keyframe: boolean }]} snapshot the mirror shows a new tick
 * @property {[close: { code: number, reason: string, clean: boolean }]} close the connection is over
 */

/** A joined room. */
export class Room {
  /** The room's id. */
  id;
  /** The game's name. */
  game;
  /** This client's seat; the game's structs name players by it. */
  player;
  /** Seats in the room. */
  maxPlayers;
  /** Ticks a second. */
  tickRateHz;
  /** The schema's hash, 16 hex digits. */
  schemaHash;
  /** The newest snapshot's world: for each table by its name an `EntityTable`, or a single's object. */
  tables;
  /** What the connection has done. */
  stats;
  /** The player's inputs, by their ticks, and the clock that they are on. */
  inputs;

  #socket;
  #clock;
  #structs;
  #mirror;
  #timeline;
  #view;
  #playhead;
  #pings = new Pings();
  #tick;
  /** When the server was last told which tick has been received. */
  #ackedAt;
  /** @type {{ tick: number, reportedAt: number } | undefined} Set while the mirror waits for a keyframe. */
  #mismatch;
  /** @type {{ [Name in keyof RoomEvents]: Set<(...args: RoomEvents[Name]) => void> }} */
  #handlers = { spawn: new Set(), despawn: new Set(), event: new Set(), snapshot: new Set(), close: new Set() };
  #stopPings;

  /**
   * @param {WebSocket} socket open, its first message read
   * @param {Welcome} welcome that message
   * @param {Clock} clock
   */
  constructor(socket, welcome, clock) {
    const { schema, tickRateHz } = welcome;
    const now = clock.now();
    this.id = welcome.room;
    this.game = welcome.game;
    this.player = welcome.player;
    this.maxPlayers = welcome.maxPlayers;
    this.tickRateHz = tickRateHz;
    this.schemaHash = welcome.schemaHash;
    this.stats = new Stats(now);
    this.#socket = socket;
    this.#clock = clock;
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
      this.#send(writeInput(input.layout, header, row));
    });
    this.#stopPings = pace(clock, PING_PERIOD_MS + PING_SHIFT * (1000 / tickRateHz), (now) => this.#sendPing(now));
    // The first one at once: with its answer inputs are in time.
    this.#sendPing(now);
    socket.addEventListener("message", ({ data }) => this.#receive(new Uint8Array(data)));
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      this.#stop();
      this.#emit("close", { code, reason, clean: wasClean });
    });
  }

  /** The newest snapshot's tick; before the first one the tick of the welcome. */
  get tick() {
    return this.#tick;
  }

  /**
   * Sets fields of the input, which is sent on every tick. A field keeps its value until it is set again.
   *
   * @param {Record<string, any>} values
   */
  input(values) {
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
    return this.#view.at(now);
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

  /** Says goodbye. `close` follows when the server has answered. */
  leave() {
    this.#stop();
    this.#socket.close(CLOSE_NORMAL);
  }

  /** @param {Uint8Array} message */
  #receive(message) {
    this.stats.countMessage(message.length);
    try {
      const kind = kindOf(message);
      if (kind === KIND_DELTA || kind === KIND_KEYFRAME) {
        this.#receiveSnapshot(message);
      } else {
        this.#receiveControl(message);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw error;
      }
      this.#stop();
      this.#socket.close(CLOSE_MALFORMED, error.code);
    }
  }

  /** @param {Uint8Array} message */
  #receiveControl(message) {
    const control = readControl(message);
    if (control.type === "event") {
      const { tick, name, text } = control;
      this.#emit("event", { tick, name, text });
    } else if (control.type === "pong") {
      this.#receivePong(control);
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
    this.#describe(now);
    if (now - this.#ackedAt >= ACK_PERIOD_MS) {
      this.#ackedAt = now;
      this.#send(writeAck(applied.tick));
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
    this.#send(writeResync(tick));
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
  }

  /** How far what the player sees lies behind the newest snapshot. */
  get #viewEighths() {
    const { tick } = this.#view;
    return Number.isNaN(tick) ? 0 : (this.#tick - tick) * 8;
  }

  /** @param {number} now */
  #sendPing(now) {
    this.stats.updateRates(now);
    this.#repeatResync(now);
    this.#send(this.#pings.ping(now));
  }

  /**
   * Sends while that can be: a socket on its way down takes nothing more, and says so on the console for each attempt.
   *
   * @param {Uint8Array<ArrayBuffer>} message
   */
  #send(message) {
    if (this.#socket.readyState === SOCKET_OPEN) {
      this.#socket.send(message);
    }
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
