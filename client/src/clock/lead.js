/** How far ahead inputs are meant, so that each reaches the server just before its tick. */

/** @import { InputAck } from "../codec/snapshot.js" */

import { Samples } from "./samples.js";

/** Ahead of the arriving ticks before anything is known: enough on a local network. */
const START_TICKS = 2;
/** How long an input's fate counts. */
const WINDOW_MS = 8000;
/** The part of the inputs that may be late: those that a stall holds up. */
const OUTLIERS = 0.015;
/** How much earlier than they must inputs are to arrive. */
const MARGIN_TICKS = 0.25;
/** By how much the way there may vary more than the way back. */
const MORE_JITTER = 0.3;
/** What is not worth a correction. */
const HARDLY_TICKS = 0.15;
/** How long nothing is dared after inputs have come too late. */
const CAUTION_MS = 60_000;
/** Pings that count. */
const PINGS = 16;
/** Inputs whose fate may be open: acknowledgements name them by eight bits. */
const OPEN = 256;

/**
 * Learns from the slack that the server returns which tick an input can be in time for: its *reach*, as the tick that one sent at
 * local time 0 would be in time for. It differs from input to input by as much as the way there varies. Inputs are meant for the
 * reach that all but a few had. As nothing but local times of sending and the server's ticks go into it, it makes no
 * difference how snapshots come.
 *
 * A slack is a whole number of ticks, so it tells a reach to a tick only, and the least slack may be zero with up to a tick to
 * spare. How much of that to give up is a guess: that the way there varies as much as the way back, which is known to the
 * millisecond. If inputs come too late then, the guess was wrong, and is not tried again for a while.
 */
export class Lead {
  /** The tick that the clock of inputs should show at local time 0. It changes at once; the clock itself follows slowly. */
  offset;
  /** Inputs that came too late for their ticks. */
  missed = 0;
  #tickMs;
  #patienceTicks;
  /** The greatest reach that each input may have had: it is at most one tick less. */
  #reaches;
  /** The same of pings, which are sent at any time between two ticks: the least is exact. */
  #pingReaches;
  #pingReach = NaN;
  #cautiousUntil = -Infinity;
  /** Of each input whose fate may be open: its tick, and the offset that it was sent with. */
  #ticks = new Float64Array(OPEN);
  #offsets = new Float64Array(OPEN);
  /** The newest input sent. */
  #sent = 0;
  /** The newest input known to be consumed, and the tick of the snapshot that told. */
  #acked = 0;
  #ackedTick;
  /** The newest input known to be late. */
  #late = 0;
  /** The newest input that nothing is to be learned from. */
  #forgotten = 0;
  /** The tick of the last snapshot. */
  #tick;

  /**
   * @param {number} tickRateHz
   * @param {number} tick that has just arrived
   * @param {number} now in milliseconds
   */
  constructor(tickRateHz, tick, now) {
    this.#tickMs = 1000 / tickRateHz;
    this.#patienceTicks = tickRateHz;
    this.#reaches = new Samples(WINDOW_MS, Math.ceil((WINDOW_MS / 1000) * tickRateHz));
    this.#pingReaches = new Samples(WINDOW_MS, PINGS);
    this.offset = tick + START_TICKS - now / this.#tickMs;
    this.#tick = tick;
    this.#ackedTick = tick;
  }

  /**
   * Takes note of an input that is sent, if only as one that should have been.
   *
   * @param {number} number
   * @param {number} tick that it is meant for
   * @param {number} offset that the clock of inputs had
   */
  sent(number, tick, offset) {
    this.#sent = number;
    this.#ticks[number % OPEN] = tick;
    this.#offsets[number % OPEN] = offset;
  }

  /**
   * Takes the answer to a ping. It counts until the first input is consumed.
   *
   * @param {number} tick the pong's
   * @param {number} sentAt when the ping was sent
   * @returns {boolean} whether it is the first that is known of the way there
   */
  pong(tick, sentAt) {
    const first = this.#reaches.length === 0 && Number.isNaN(this.#pingReach);
    // What arrived with the ping was in time for the next tick.
    this.#pingReach = tick + 1 - sentAt / this.#tickMs;
    this.#pingReaches.add(this.#pingReach, sentAt);
    if (this.#reaches.length === 0) {
      this.offset = this.#pingReach + MARGIN_TICKS;
    }
    return first;
  }

  /**
   * Takes a snapshot's word on the inputs.
   *
   * @param {InputAck | undefined} ack
   * @param {number} tick the snapshot's
   * @param {number} now
   * @param {number} jitterMs by how much the way back varies
   */
  heard(ack, tick, now, jitterMs) {
    const number = ack === undefined ? 0 : this.#sent - ((this.#sent - ack.number) & 0xff);
    if (ack !== undefined && number > this.#acked) {
      this.#learn(number, ack.slackTicks, now);
      this.#steer(now, jitterMs / this.#tickMs);
      this.#acked = number;
      this.#ackedTick = tick;
    } else if (tick - this.#ackedTick > this.#patienceTicks && this.#sent > this.#acked) {
      this.#beginAnew(tick);
    }
    this.#countMissed(tick);
    this.#tick = tick;
  }

  /** Forgets the inputs whose fate is open: they were lost with a connection. */
  forgetOpen() {
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
      // They had not arrived for the last snapshot's tick, but have since. All have waited for the same thing: they count once.
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
    // Else the clock would never be quite steady.
    if (Math.abs(offset - this.offset) > HARDLY_TICKS) {
      this.offset = offset;
    }
  }

  /**
   * The server takes what is late, but not what is far too early, as all inputs are after it has stood still. When it takes none
   * for long, what was learned is wrong.
   *
   * @param {number} tick
   */
  #beginAnew(tick) {
    this.#ackedTick = tick;
    this.forgetOpen();
    if (!Number.isNaN(this.#pingReach)) {
      this.#reaches.clear();
      this.offset = this.#pingReach + MARGIN_TICKS;
    }
  }

  /**
   * Counts the inputs whose tick is over though none so new has been consumed.
   *
   * @param {number} tick that is over
   */
  #countMissed(tick) {
    let number = Math.max(this.#acked, this.#late, this.#forgotten, this.#sent - OPEN) + 1;
    for (; number <= this.#sent && this.#ticks[number % OPEN] <= tick; number++) {
      this.#late = number;
      this.missed++;
    }
  }
}
