/** The inputs of a player: one for each tick, each sent when the input clock passes its tick. */

/** @import { Clock } from "../base/timers.js" */
/** @import { InputAck } from "../codec/snapshot.js" */
/** @import { Welcome } from "../messages/welcome.js" */
/** @import { InputStruct } from "./input-struct.js" */

import { repeatTicks } from "../base/limits.js";
import { Lead } from "../clock/lead.js";
import { SteadyClock } from "../clock/steady.js";

/** How fast the input clock may be corrected. It gains faster than it loses: late inputs do more harm than early ones. */
const SLEW = { slower: 0.1, faster: 0.25, easeMs: 150 };
/** Ticks whose inputs are kept. */
const KEPT_TICKS = 128;
/** A clock that is so close to a tick has passed it: timers and sums are not exact. */
const ROUNDING_TICKS = 1e-6;
/** The shortest time of a timer. */
const MIN_WAIT_MS = 1;

/**
 * Holds a player's input, numbers and sends it, and runs the input clock. That clock runs ahead of the arriving ticks, by so much
 * that an input sent when it passes a tick reaches the server just before that tick. It is continuous and never goes back.
 */
export class Inputs {
  /**
   * @internal
   * @type {((tick: number, row: Uint32Array) => void) | undefined} Called for every tick with its input, in order.
   */
  onTick;
  #struct;
  #clock;
  #transmit;
  #tickRateHz;
  #tickMs;
  #steady;
  #lead;
  #row;
  #number;
  #tick;
  /** The tick of the first input, and the row before it. */
  #firstTick;
  #start;
  /** A ring of the inputs sent, by tick. */
  #keptTicks = new Float64Array(KEPT_TICKS).fill(-1);
  #keptRows;
  /** @type {any} */
  #timer;
  /** True while nothing is sent. */
  #paused = false;

  /**
   * @internal
   * @param {InputStruct} struct of the input
   * @param {Uint32Array} row the input at first: the neutral row, with the presses so far
   * @param {number} tickRateHz
   * @param {Clock} clock
   * @param {Pick<Welcome, "tick" | "lastInput">} welcome that has just arrived
   * @param {(number: number, tick: number, row: Uint32Array, now: number) => void} transmit sends an input
   */
  constructor(struct, row, tickRateHz, clock, { tick, lastInput }, transmit) {
    const now = clock.now();
    this.#struct = struct;
    this.#clock = clock;
    this.#transmit = transmit;
    this.#tickRateHz = tickRateHz;
    this.#tickMs = 1000 / tickRateHz;
    this.#steady = new SteadyClock(tickRateHz, SLEW);
    this.#lead = new Lead(tickRateHz, tick, lastInput, now);
    this.#number = lastInput;
    this.#row = row;
    this.#start = row.slice();
    this.#keptRows = Array.from({ length: KEPT_TICKS }, () => row.slice());
    this.#tick = Math.floor(this.tickAt(now) + ROUNDING_TICKS);
    this.#firstTick = this.#tick + 1;
    this.#wait(now);
  }

  /** The tick and the number of the newest input. Before the first one the number is that of the seat's last input, or 0. */
  get newest() {
    return { tick: this.#tick, number: this.#number };
  }

  /**
   * The row of the input as it is set now. It is sent at the next tick.
   *
   * @internal
   */
  get row() {
    return this.#row;
  }

  /** The number of inputs that were late for their ticks, or never consumed. */
  get missed() {
    return this.#lead.missed;
  }

  /**
   * The input clock: the tick whose input was sent last, and the fraction of the way to the next.
   *
   * @param {number} now in milliseconds
   */
  tickAt(now) {
    return this.#steady.read(now, now / this.#tickMs + this.#lead.offset);
  }

  /**
   * The input of a tick: as it was sent, or, if the tick was skipped, as the server repeats it. Undefined if the tick is too old
   * or has not come. The row is overwritten after {@link KEPT_TICKS} ticks.
   *
   * @internal
   * @param {number} tick
   * @returns {Uint32Array | undefined}
   */
  at(tick) {
    const at = tick % KEPT_TICKS;
    return this.#keptTicks[at] === tick ? this.#keptRows[at] : undefined;
  }

  /**
   * The input of a tick as the game gets it: see {@link InputStruct.read}.
   *
   * @internal
   * @param {number} tick
   * @returns {Record<string, any> | undefined} as {@link at}
   */
  read(tick) {
    const row = this.at(tick);
    return row && this.#struct.read(row, this.at(tick - 1) ?? (tick === this.#firstTick ? this.#start : row));
  }

  /**
   * The input as it is set now, as the game will get it if it is sent so.
   *
   * @internal
   */
  readNext() {
    return this.#struct.read(this.#row, this.at(this.#tick) ?? this.#start);
  }

  /**
   * Sets fields of the input. A field keeps its value until it is set again.
   *
   * @internal
   * @param {Record<string, any>} values
   */
  write(values) {
    this.#struct.write(values, this.#row);
  }

  /**
   * Counts one press of an action.
   *
   * @internal
   * @param {string} name of its field
   */
  press(name) {
    this.#struct.press(name, this.#row);
  }

  /**
   * Sends the input that is due, if any. Ticks that were missed, as in a hidden page, are skipped: inputs never come in bursts.
   *
   * @internal
   * @param {number} now
   */
  advance(now) {
    const clock = this.tickAt(now);
    const tick = Math.floor(clock + ROUNDING_TICKS);
    if (tick <= this.#tick || this.#paused) {
      return;
    }
    this.#skipTo(tick);
    this.#tick = tick;
    this.#number++;
    this.#lead.sent(this.#number, tick, clock - now / this.#tickMs);
    // The next tick is waited for first: no error on the way may stop the input clock.
    this.#wait(now);
    const row = this.#keep(tick, this.#row);
    this.#transmit(this.#number, tick, row, now);
    this.onTick?.(tick, row);
  }

  /**
   * Records the acknowledgement in a snapshot.
   *
   * @internal
   * @param {InputAck | undefined} ack
   * @param {number} tick of the snapshot
   * @param {number} now
   * @param {number} jitterMs how much the arrival of snapshots varies
   */
  acknowledge(ack, tick, now, jitterMs) {
    this.#lead.acknowledge(ack, tick, now, jitterMs);
  }

  /**
   * Records a pong.
   *
   * @internal
   * @param {number} tick of the pong
   * @param {number} sentAt when the ping was sent
   */
  pong(tick, sentAt) {
    if (this.#lead.pong(tick, sentAt)) {
      // The clock started from a guess. It must not take seconds to reach the first measurement.
      this.#steady.mayLeap();
    }
  }

  /**
   * Stops sending, because the connection is lost. Ticks are skipped until {@link reconnected}.
   *
   * @internal
   */
  pause() {
    this.#paused = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /**
   * Sends again, on a new connection. Inputs that are unacknowledged may have been lost with the old one.
   *
   * @internal
   */
  reconnected() {
    this.#paused = false;
    this.#lead.ignoreOpen();
    this.#wait(this.#clock.now());
  }

  /**
   * Starts over in another epoch of the room: its ticks, and the inputs that it knows, may be earlier ones. Called while paused.
   *
   * @internal
   * @param {Pick<Welcome, "tick" | "lastInput">} welcome
   */
  restart({ tick, lastInput }) {
    const now = this.#clock.now();
    const { missed } = this.#lead;
    this.#steady.reset();
    this.#lead = new Lead(this.#tickRateHz, tick, lastInput, now);
    this.#lead.missed = missed;
    this.#number = lastInput;
    this.#tick = Math.floor(this.tickAt(now) + ROUNDING_TICKS);
    this.#firstTick = this.#tick + 1;
    this.#start = this.#row.slice();
    this.#keptTicks.fill(-1);
  }

  /**
   * Stops sending for good.
   *
   * @internal
   */
  stop() {
    this.pause();
  }

  /**
   * Records the ticks before one as skipped, with the inputs that the server repeats for them.
   *
   * @param {number} tick
   */
  #skipTo(tick) {
    const last = this.#tick;
    const row = this.at(last) ?? this.#start;
    const neutral = this.#struct.neutralAfter(row);
    for (let skipped = Math.max(last + 1, tick - KEPT_TICKS + 1); skipped < tick; skipped++) {
      const kept = this.#keep(skipped, skipped - last <= repeatTicks(this.#tickRateHz) ? row : neutral);
      this.onTick?.(skipped, kept);
    }
  }

  /**
   * @param {number} tick
   * @param {Uint32Array} row
   */
  #keep(tick, row) {
    const at = tick % KEPT_TICKS;
    this.#keptTicks[at] = tick;
    this.#keptRows[at].set(row);
    return this.#keptRows[at];
  }

  /**
   * Sets the timer for the next tick.
   *
   * @param {number} now
   */
  #wait(now) {
    this.#clock.clearTimeout(this.#timer);
    const ms = (this.#tick + 1 - this.tickAt(now)) * this.#tickMs;
    this.#timer = this.#clock.setTimeout(() => {
      const now = this.#clock.now();
      const before = this.#tick;
      this.advance(now);
      if (this.#tick === before) {
        // The clock runs more slowly than time, and has not reached the tick yet.
        this.#wait(now);
      }
    }, Math.max(ms, MIN_WAIT_MS));
  }
}
