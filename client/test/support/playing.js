/** A player's inputs to a server and the acknowledgements back, over a simulated network and on a fake clock. */

import { Timeline } from "../../src/clock/timeline.js";
import { InputStruct } from "../../src/input/input-struct.js";
import { Inputs } from "../../src/input/inputs.js";
import { Link } from "../../src/network/link.js";
import { parseNetwork } from "../../src/network/profile.js";
import { ALL, SMOOTH } from "../../src/schema/field.js";
import { FakeClock } from "./fake-clock.js";
import { InputBuffer } from "./input-buffer.js";

export const TICK_RATE_HZ = 30;
export const TICK_MS = 1000 / TICK_RATE_HZ;
const MESSAGE_BYTES = 30;

/** @type {import("../../src/schema/kinds.js").FieldKind} Its column is its value. */
const kind = { type: "Int", min: 0n, span: 1_000_000n, wide: false, big: false };
const value = { name: "value", kind, linear: false, interpolate: SMOOTH, audience: ALL };

/** One direction of a network whose profile changes. */
export class ChangingLink {
  #seed;
  #link;
  #arrival = 0;

  /**
   * @param {string} profile
   * @param {number} seed
   * @param {number} now
   */
  constructor(profile, seed, now) {
    this.#seed = seed;
    this.#link = new Link(parseNetwork(profile), seed, now);
  }

  /**
   * @param {string} profile
   * @param {number} now
   */
  change(profile, now) {
    this.#link = new Link(parseNetwork(profile), ++this.#seed, now);
  }

  /**
   * @param {number} now
   * @param {number} bytes
   */
  send(now, bytes) {
    this.#arrival = Math.max(this.#arrival, this.#link.send(now, bytes));
    return this.#arrival;
  }
}

/** @typedef {{ number: number, tick: number, sentAt: number, arrivesAt: number }} Sent */

/** A client that plays, and its server. Times are those of the clock; the server's ticks are at whole ticks and a bit. */
export class Playing {
  /** When it begins. */
  static START = 1000;
  clock = new FakeClock();
  buffer = new InputBuffer([0]);
  timeline = new Timeline(TICK_RATE_HZ);
  inputs;
  /** @type {Sent[]} All inputs. */
  sent = [];
  /** @type {Map<number, number>} For each tick that has been, the input that was taken for it. */
  taken = new Map();
  /** Called for each snapshot that arrives. @type {(tick: number, now: number) => void} */
  onSnapshot = () => {};
  up;
  down;
  /** The server's tick, the next one's time, and the first one's. */
  tick = 100;
  #tickAt;
  #start;
  /** @type {Sent[]} */
  #underWay = [];
  /** @type {{ arrivesAt: number, sentAt: number }[]} */
  #pings = [];

  /**
   * @param {string} profile of both directions
   * @param {number} seed
   */
  constructor(profile, seed) {
    const now = this.clock.now();
    this.up = new ChangingLink(profile, seed * 2, now);
    this.down = new ChangingLink(profile, seed * 2 + 1, now);
    // The client has just received a tick; the phase of the server's ticks is random.
    const { delayMs } = parseNetwork(profile);
    this.#start = now - delayMs - ((seed * 7) % 10) * 0.1 * TICK_MS - this.tick * TICK_MS;
    while (this.timeOf(this.tick + 1) <= now) {
      this.tick++;
    }
    this.#tickAt = this.timeOf(this.tick + 1);
    const struct = new InputStruct({ fields: [value], neutral: Uint32Array.of(0) });
    const welcome = { tick: this.tick - 1, lastInput: 0 };
    this.inputs = new Inputs(struct, struct.start([]), TICK_RATE_HZ, this.clock, welcome, (number, tick, row, now) => {
      const input = { number, tick, sentAt: now, arrivesAt: this.up.send(now, MESSAGE_BYTES) };
      this.sent.push(input);
      this.#underWay.push(input);
    });
    this.#ping();
    this.clock.setTimeout(() => this.#run(), this.#tickAt - now);
  }

  /** The time of a tick of the server. @param {number} tick */
  timeOf(tick) {
    return this.#start + tick * TICK_MS;
  }

  /** Lets the server stand still: its ticks come later from now on. @param {number} ticks */
  stall(ticks) {
    this.#start += ticks * TICK_MS;
  }

  #ping() {
    const now = this.clock.now();
    this.#pings.push({ sentAt: now, arrivesAt: this.up.send(now, 6) });
    this.clock.setTimeout(() => this.#ping(), 1000 + 0.38 * TICK_MS);
  }

  /** Runs a tick. */
  #run() {
    const now = this.clock.now();
    const next = this.timeOf(this.tick + 1);
    if (now < next - 1e-6) {
      this.clock.setTimeout(() => this.#run(), next - now);
      return;
    }
    while (this.#underWay.length > 0 && this.#underWay[0].arrivesAt <= now) {
      const [{ number, tick }] = this.#underWay.splice(0, 1);
      this.buffer.receive({ number, tick, row: [number] }, this.tick + 1);
    }
    const pings = this.#pings.filter(({ arrivesAt }) => arrivesAt <= now);
    this.#pings = this.#pings.filter(({ arrivesAt }) => arrivesAt > now);
    const pongs = this.tick;
    this.tick++;
    const before = this.buffer.ack?.number;
    this.buffer.consume(this.tick);
    const { tick, buffer: { ack } } = this;
    if (ack !== undefined && ack.number !== before) {
      this.taken.set(tick, ack.number);
    }
    for (const { sentAt } of pings) {
      this.#arrive(6, () => this.inputs.pong(pongs, sentAt));
    }
    const acknowledged = ack && { number: ack.number & 0xff, slackTicks: ack.slackTicks };
    this.#arrive(MESSAGE_BYTES, () => {
      const now = this.clock.now();
      this.timeline.arrived(tick, now);
      this.inputs.acknowledge(acknowledged, tick, now, this.timeline.jitterMs);
      this.onSnapshot(tick, now);
    });
    this.clock.setTimeout(() => this.#run(), this.timeOf(this.tick + 1) - now);
  }

  /**
   * @param {number} bytes
   * @param {() => void} action
   */
  #arrive(bytes, action) {
    const now = this.clock.now();
    this.clock.setTimeout(action, this.down.send(now, bytes) - now);
  }
}
