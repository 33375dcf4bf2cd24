/** The lead of inputs: how far ahead of the arriving ticks they are sent, so that each is just in time for its tick. */

/** @import { InputAck } from "../codec/snapshot.js" */

import { Samples } from "./samples.js";

/** The lead before anything is measured: enough on a local network. */
const START_TICKS = 2;
/** Time for which the slack of an input counts. */
const WINDOW_MS = 8000;
/** The fraction of the inputs that may be late: those that a stall holds up. */
const OUTLIERS = 0.015;
/** How much earlier than necessary inputs should arrive. */
const MARGIN_TICKS = 0.25;
/** How much more the way to the server may vary than the way back, as a fraction. */
const MORE_JITTER = 0.3;
/** An error that is not worth a correction. */
const HARDLY_TICKS = 0.15;
/** Time for which the lead is not reduced on a guess after inputs were late. */
const CAUTION_MS = 60_000;
/** Pings that count. */
const PINGS = 16;
/** Inputs that may be unacknowledged: acknowledgements carry eight bits of their numbers. */
const OPEN = 256;

/**
 * Learns from the slack that the server returns which tick an input can be in time for. The *reach* of an input is the tick for
 * which it would have been just in time if it had been sent at local time 0. It varies as much as the way to the server does.
 * Inputs are sent for the reach that all but a few had: a stall is one outlier, however many inputs it held up, and a lasting
 * change of the network fills the window and is followed. Only local times of sending and the server's ticks enter the estimate,
 * so that jitter of snapshots does not disturb it.
 *
 * A slack is a whole number of ticks, so it shows a reach only to a tick: with a least slack of zero, up to a tick may be spare.
 * Pings are sent at all times between two ticks, so the least of them shows the shortest way exactly. How much of the spare
 * tick can be given up is a guess: that the way there varies as much as the way back, which is measured exactly. If inputs are
 * late then, the guess was wrong, and is not tried again for a while.
 */
export class Lead {
  /** The tick that the input clock should show at local time 0. It jumps; the clock itself follows it slowly. */
  offset;
  /** Inputs that were late for their ticks, or never consumed. */
  missed = 0;
  #tickMs;
  #patienceTicks;
  /** The greatest reach that each input may have had; the real one is at most one tick less. */
  #reaches;
  /** The same for pings. */
  #pingReaches;
  #pingReach = NaN;
  #cautiousUntil = -Infinity;
  /** For each input that may be unacknowledged its tick, and the offset that it was sent with. */
  #ticks = new Float64Array(OPEN);
  #offsets = new Float64Array(OPEN);
  /** The newest input sent. */
  #sent;
  /** The newest input known to be consumed, and the tick of the snapshot that acknowledged it. */
  #acked;
  #ackedTick;
  /** The newest input known to be late. */
  #late;
  /** The newest input that is ignored, because it may have been lost with a connection. */
  #forgotten;
  /** The tick of the last snapshot. */
  #tick;

  /**
   * @param {number} tickRateHz
   * @param {number} tick that has just arrived
   * @param {number} number of the last input before the next one; 0 if that is the first
   * @param {number} now in milliseconds
   */
  constructor(tickRateHz, tick, number, now) {
    this.#tickMs = 1000 / tickRateHz;
    this.#patienceTicks = tickRateHz;
    this.#reaches = new Samples(WINDOW_MS, Math.ceil((WINDOW_MS / 1000) * tickRateHz));
    this.#pingReaches = new Samples(WINDOW_MS, PINGS);
    this.offset = tick + START_TICKS - now / this.#tickMs;
    this.#tick = tick;
    this.#ackedTick = tick;
    this.#sent = number;
    this.#acked = number;
    this.#late = number;
    this.#forgotten = number;
  }

  /**
   * Records an input that was sent.
   *
   * @param {number} number
   * @param {number} tick of the input
   * @param {number} offset of the input clock when it was sent
   */
  sent(number, tick, offset) {
    this.#sent = number;
    this.#ticks[number % OPEN] = tick;
    this.#offsets[number % OPEN] = offset;
  }

  /**
   * Records a pong. Until the first input is consumed it alone decides the offset.
   *
   * @param {number} tick of the pong
   * @param {number} sentAt when the ping was sent
   * @returns {boolean} true if this is the first measurement of the way to the server
   */
  pong(tick, sentAt) {
    const first = this.#reaches.length === 0 && Number.isNaN(this.#pingReach);
    // An input that had arrived with the ping would have been in time for the next tick.
    this.#pingReach = tick + 1 - sentAt / this.#tickMs;
    this.#pingReaches.add(this.#pingReach, sentAt);
    if (this.#reaches.length === 0) {
      this.offset = this.#pingReach + MARGIN_TICKS;
    }
    return first;
  }

  /**
   * Records the acknowledgement in a snapshot.
   *
   * @param {InputAck | undefined} ack
   * @param {number} tick of the snapshot
   * @param {number} now
   * @param {number} jitterMs how much the arrival of snapshots varies
   */
  acknowledge(ack, tick, now, jitterMs) {
    const number = ack === undefined ? 0 : this.#sent - ((this.#sent - ack.number) & 0xff);
    if (ack !== undefined && number > this.#acked) {
      this.#learn(number, ack.slackTicks, now);
      this.#steer(now, jitterMs / this.#tickMs);
      this.#acked = number;
      this.#ackedTick = tick;
    } else if (tick - this.#ackedTick > this.#patienceTicks && this.#sent > this.#acked) {
      this.#startOver(tick);
    }
    this.#countMissed(tick);
    this.#tick = tick;
  }

  /** Ignores the inputs that are unacknowledged: they were lost with a connection. */
  ignoreOpen() {
    this.#forgotten = this.#sent;
  }

  /**
   * @param {number} number of the input that has been consumed
   * @param {number} slackTicks
   * @param {number} now
   */
  #learn(number, slackTicks, now) {
    const first = Math.max(this.#acked, this.#forgotten, this.#sent - OPEN) + 1;
    if (first > number) {
      return;
    }
    if (first <= this.#late) {
      // Inputs that had missed the last snapshot's tick, and have arrived since: the same stall held them up, so they count once.
      const at = first % OPEN;
      this.#reaches.add(this.#offsets[at] + this.#tick + 1 - this.#ticks[at], now);
    }
    if (number > this.#late) {
      this.missed += Number(slackTicks < 0);
      this.#reaches.add(this.#offsets[number % OPEN] - slackTicks, now);
    }
  }

  /**
   * @param {number} now
   * @param {number} jitterTicks
   */
  #steer(now, jitterTicks) {
    if (this.#reaches.length === 0) {
      return;
    }
    const enough = this.#reaches.greatest(OUTLIERS) + MARGIN_TICKS;
    const tooLittle = enough - 1;
    const least = Math.min(this.#reaches.least(), this.#pingReaches.least());
    const likely = least + jitterTicks * (1 + MORE_JITTER) + MARGIN_TICKS;
    if (this.offset < tooLittle) {
      this.offset = tooLittle + 0.5;
      this.#cautiousUntil = now + CAUTION_MS;
      return;
    }
    const guess = now > this.#cautiousUntil ? Math.max(likely, tooLittle) : this.offset;
    const offset = Math.min(guess, enough);
    // Smaller corrections would only keep the clock from running steadily.
    if (Math.abs(offset - this.offset) > HARDLY_TICKS) {
      this.offset = offset;
    }
  }

  /**
   * Drops the measurements. The server consumes inputs that are late, but not those that are far too early, as all inputs are
   * after it has stood still. If it consumes none for long, the measurements are wrong.
   *
   * @param {number} tick
   */
  #startOver(tick) {
    this.#ackedTick = tick;
    this.ignoreOpen();
    if (!Number.isNaN(this.#pingReach)) {
      this.#reaches.clear();
      this.offset = this.#pingReach + MARGIN_TICKS;
    }
  }

  /**
   * Counts the inputs whose tick has passed without an acknowledgement of them or of a newer one.
   *
   * @param {number} tick that has passed
   */
  #countMissed(tick) {
    let number = Math.max(this.#acked, this.#late, this.#forgotten, this.#sent - OPEN) + 1;
    for (; number <= this.#sent && this.#ticks[number % OPEN] <= tick; number++) {
      this.#late = number;
      this.missed++;
    }
  }
}
