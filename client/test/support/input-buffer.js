/** The server's rules for inputs, as server/room/src/input_buffer.rs has them. */

const BUFFER_TICKS = 32;
const MAX_LATE_TICKS = 64;
const MAX_REPEAT_TICKS = 15;
const MAX_INPUTS_PER_TICK = 64;

/** @typedef {{ number: number, tick: number, row: number[] }} Input */

/** One player's inputs on the server. For each tick any number of {@link receive}, then one {@link consume}. */
export class InputBuffer {
  /** @type {{ number: number, slackTicks: number } | undefined} The acknowledgement, with the whole number. */
  ack;
  /** The numbers of inputs, by outcome. */
  counts = { accepted: 0, late: 0, flood: 0, duplicate: 0, future: 0, stale: 0, repeated: 0, neutral: 0 };
  /** @type {(Input & { slackTicks: number } | undefined)[]} */
  #slots = new Array(BUFFER_TICKS).fill(undefined);
  #last;
  #neutral;
  #lastNumber = 0;
  #received = 0;
  #without = 0;

  /** @param {number[]} neutral */
  constructor(neutral) {
    this.#neutral = neutral;
    this.#last = neutral;
  }

  /**
   * Receives an input before tick `next`.
   *
   * @param {Input} input
   * @param {number} next
   */
  receive(input, next) {
    const verdict = this.#judge(input, next);
    this.counts[verdict]++;
    if (verdict === "accepted" || verdict === "late") {
      const slackTicks = Math.max(Math.min(input.tick - next, 127), -127);
      this.#slots[Math.max(input.tick, next) % BUFFER_TICKS] = { ...input, slackTicks };
    }
  }

  /**
   * @param {Input} input
   * @param {number} next
   */
  #judge({ number, tick }, next) {
    this.#received++;
    if (this.#received > MAX_INPUTS_PER_TICK) {
      return "flood";
    }
    if (number <= this.#lastNumber) {
      return "duplicate";
    }
    this.#lastNumber = number;
    return tick >= next + BUFFER_TICKS ? "future" : tick + MAX_LATE_TICKS < next ? "stale" : tick < next ? "late" : "accepted";
  }

  /**
   * The row for a tick: its input, or the one that replaces it.
   *
   * @param {number} tick
   */
  consume(tick) {
    this.#received = 0;
    const slot = this.#slots[tick % BUFFER_TICKS];
    this.#slots[tick % BUFFER_TICKS] = undefined;
    if (slot !== undefined && slot.number > (this.ack?.number ?? 0)) {
      this.#last = slot.row;
      this.ack = { number: slot.number, slackTicks: slot.slackTicks };
      this.#without = 0;
    } else if (this.ack !== undefined && ++this.#without <= MAX_REPEAT_TICKS) {
      this.counts.repeated++;
    } else {
      this.#last = this.#neutral;
      this.counts.neutral++;
    }
    return this.#last;
  }
}
