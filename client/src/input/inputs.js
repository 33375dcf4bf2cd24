/** The inputs of a player: one for each tick, each sent when the clock of inputs passes its tick. */

/** @import { Clock } from "../base/timers.js" */
/** @import { InputAck } from "../codec/snapshot.js" */
/** @import { Struct } from "../view/struct.js" */

import { MAX_REPEAT_TICKS } from "../base/limits.js";
import { Lead } from "../clock/lead.js";
import { SteadyClock } from "../clock/steady.js";

/** How fast the clock of inputs may be corrected: who is too late hurries more than who is too early waits. */
const SLEW = { slower: 0.1, faster: 0.25, easeMs: 150 };
/** Ticks whose inputs are kept. */
const KEPT_TICKS = 128;
/** A clock that has all but passed a tick has passed it: timers and sums are not exact. */
const ROUNDING_TICKS = 1e-6;
/** Timers are not set shorter than this. */
const MIN_WAIT_MS = 1;

/**
 * Owns a player's input, its numbering, and the clock of inputs. That clock runs ahead of the ticks that arrive, by so much that
 * what is sent when it passes a tick reaches the server just before that tick. It is continuous and never goes back.
 */
export class Inputs {
  /** @type {((tick: number, row: Uint32Array) => void) | undefined} Told of every tick and its input, one after another. */
  onTick;
  #struct;
  #clock;
  #transmit;
  #tickMs;
  #steady;
  #lead;
  #row;
  #neutral;
  #number = 0;
  #tick;
  /** What was sent, by tick: a ring. */
  #keptTicks = new Float64Array(KEPT_TICKS).fill(-1);
  #keptRows;
  /** @type {any} */
  #timer;
  /** Whether nothing is sent, for now or for good. */
  #paused = false;

  /**
   * @param {Struct} struct the input's
   * @param {number} tickRateHz
   * @param {Clock} clock
   * @param {number} tick that has just arrived
   * @param {(number: number, tick: number, row: Uint32Array, now: number) => void} transmit sends an input
   */
  constructor(struct, tickRateHz, clock, tick, transmit) {
    const now = clock.now();
    this.#struct = struct;
    this.#clock = clock;
    this.#transmit = transmit;
    this.#tickMs = 1000 / tickRateHz;
    this.#steady = new SteadyClock(tickRateHz, SLEW);
    this.#lead = new Lead(tickRateHz, tick, now);
    this.#row = struct.neutralRow();
    this.#neutral = struct.neutralRow();
    this.#keptRows = Array.from({ length: KEPT_TICKS }, () => struct.neutralRow());
    this.#tick = Math.floor(this.tickAt(now) + ROUNDING_TICKS);
    this.#wait(now);
  }

  /** The newest input: its tick, and its number. Before the first one the number is 0. */
  get newest() {
    return { tick: this.#tick, number: this.#number };
  }

  /** The input as it is set now, to be sent with the next tick. */
  get row() {
    return this.#row;
  }

  /** Inputs that were late for their ticks, or never taken. */
  get missed() {
    return this.#lead.missed;
  }

  /**
   * The clock of inputs: the tick whose input was sent last, and how far it is to the next one.
   *
   * @param {number} now in milliseconds
   */
  tickAt(now) {
    return this.#steady.read(now, now / this.#tickMs + this.#lead.offset);
  }

  /**
   * The input of a tick, as it was sent; of a tick that was skipped, as the server repeats what it has. Undefined if it is not
   * known, or too long ago. The row is overwritten after {@link KEPT_TICKS} ticks.
   *
   * @param {number} tick
   * @returns {Uint32Array | undefined}
   */
  at(tick) {
    const at = tick % KEPT_TICKS;
    return this.#keptTicks[at] === tick ? this.#keptRows[at] : undefined;
  }

  /**
   * Sets fields of the input. A field keeps its value until it is set again.
   *
   * @param {Record<string, any>} values
   */
  write(values) {
    this.#struct.write(values, this.#row);
  }

  /**
   * Sends what is due: nothing, or one input. Ticks that were missed, as in a hidden page, are skipped.
   *
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
    const row = this.#keep(tick, this.#row);
    this.#transmit(this.#number, tick, row, now);
    this.onTick?.(tick, row);
    this.#wait(now);
  }

  /**
   * Takes a snapshot's word on the inputs.
   *
   * @param {InputAck | undefined} ack
   * @param {number} tick the snapshot's
   * @param {number} now
   * @param {number} jitterMs by how much the arrival of snapshots varies
   */
  heard(ack, tick, now, jitterMs) {
    this.#lead.heard(ack, tick, now, jitterMs);
  }

  /**
   * Takes the answer to a ping.
   *
   * @param {number} tick the pong's
   * @param {number} sentAt when the ping was sent
   */
  pong(tick, sentAt) {
    if (this.#lead.pong(tick, sentAt)) {
      this.#steady.mayLeap();
    }
  }

  /** The connection is lost: nothing is sent until another has taken its place, and the ticks until then are skipped. */
  pause() {
    this.#paused = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /** Another connection has taken the place of one that was lost: what was under way will not be heard of. */
  reconnected() {
    this.#paused = false;
    this.#lead.forgetOpen();
    this.#wait(this.#clock.now());
  }

  /** Sends nothing more. */
  stop() {
    this.pause();
  }

  /**
   * Fills the ticks before one with what the server repeats.
   *
   * @param {number} tick
   */
  #skipTo(tick) {
    const last = this.#tick;
    const row = this.at(last) ?? this.#neutral;
    for (let skipped = Math.max(last + 1, tick - KEPT_TICKS + 1); skipped < tick; skipped++) {
      const kept = this.#keep(skipped, skipped - last <= MAX_REPEAT_TICKS ? row : this.#neutral);
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
   * Waits for the next tick to pass.
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
        // The clock goes more slowly than time.
        this.#wait(now);
      }
    }, Math.max(ms, MIN_WAIT_MS));
  }
}
