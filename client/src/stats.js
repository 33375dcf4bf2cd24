/** What a connection has done, for a debug display. */

/** @import { Applied } from "./mirror/mirror.js" */

/** Counters of one room, and rates over the last second. */
export class Stats {
  /** The last measured round trip, and the least of the last seconds; zero before the first. */
  pingMs = 0;
  leastPingMs = 0;
  /** By how much the arrival of snapshots varies. */
  jitterMs = 0;
  /** How far what is shown lies behind what arrives. */
  interpolationDelayMs = 0;
  /** Bytes received. */
  bytes = 0;
  /** Bytes received in the last second. */
  bytesPerS = 0;
  /** Snapshots received in the last second. */
  updatesPerS = 0;
  /** Snapshots applied. */
  snapshots = 0;
  /** Ticks of which none was sent, because the connection lagged. */
  ticksSkipped = 0;
  /** Hashes of areas that they carried, which matched. */
  hashesChecked = 0;
  /** Hashes that did not. */
  mismatches = 0;
  /** Snapshots that were keyframes. */
  keyframes = 0;
  /** Areas in view. */
  areas = 0;
  /** Those that the last snapshot had no room for. */
  areasSkipped = 0;
  /** How many ticks the last consumed input waited for its tick; negative if it came late. */
  slackTicks = 0;
  /** Time between the last two snapshots. */
  lastIntervalMs = 0;
  /** How far inputs are meant ahead of the ticks that arrive. */
  leadTicks = 0;
  /** Inputs sent. */
  inputsSent = 0;
  /** Inputs that were late for their ticks, or never taken. */
  inputsMissed = 0;
  /** How far off the prediction of the newest snapshot's tick was, in the units of what is predicted. */
  predictionError = 0;
  /** Times that a lost connection has come back. */
  resumes = 0;
  /** How long it was lost the last time. */
  resumeMs = 0;
  #since;
  #bytes = 0;
  #updates = 0;
  #snapshotAt = NaN;

  /** @param {number} now */
  constructor(now) {
    this.#since = now;
  }

  /**
   * Counts a message received.
   *
   * @param {number} bytes
   */
  countMessage(bytes) {
    this.bytes += bytes;
    this.#bytes += bytes;
  }

  /**
   * Counts a snapshot applied.
   *
   * @param {Applied} applied
   * @param {number} now
   */
  countSnapshot(applied, now) {
    this.snapshots++;
    this.#updates++;
    this.ticksSkipped += Math.max(applied.ticks - 1, 0);
    this.keyframes += Number(applied.keyframe);
    this.hashesChecked += applied.hashesChecked;
    this.areas = applied.areas;
    this.areasSkipped = applied.areasSkipped;
    this.slackTicks = applied.ack?.slackTicks ?? this.slackTicks;
    this.lastIntervalMs = this.snapshots > 1 ? now - this.#snapshotAt : 0;
    this.#snapshotAt = now;
  }

  /**
   * Works out the rates since it last did.
   *
   * @param {number} now
   */
  updateRates(now) {
    const seconds = (now - this.#since) / 1000;
    if (seconds > 0) {
      this.bytesPerS = this.#bytes / seconds;
      this.updatesPerS = this.#updates / seconds;
      this.#since = now;
      this.#bytes = 0;
      this.#updates = 0;
    }
  }
}
