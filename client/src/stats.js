/** The statistics of a room's connection. */

/** @import { Playhead } from "./clock/playhead.js" */
/** @import { Timeline } from "./clock/timeline.js" */
/** @import { Inputs } from "./input/inputs.js" */
/** @import { Applied } from "./mirror/mirror.js" */
/** @import { Predictions } from "./prediction/predictions.js" */

/** Counters of one room, and rates over the last second. */
export class Stats {
  /** The last round trip, and the least of the last seconds; zero before the first. */
  pingMs = 0;
  leastPingMs = 0;
  /** How much the arrival of snapshots varies. */
  jitterMs = 0;
  /** The delay from the tick that is due to the tick that is shown. */
  interpolationDelayMs = 0;
  /** Bytes received. */
  bytes = 0;
  /** Bytes received in the last second. */
  bytesPerS = 0;
  /** Snapshots received in the last second. */
  updatesPerS = 0;
  /** Snapshots applied. */
  snapshots = 0;
  /** Ticks without a snapshot, because the connection lagged. */
  ticksSkipped = 0;
  /** Hashes of areas that matched. */
  hashesChecked = 0;
  /** Hashes that did not match, and snapshots that could not be decoded. */
  mismatches = 0;
  /** Snapshots that were keyframes. */
  keyframes = 0;
  /** Areas in view. */
  areas = 0;
  /** Areas in view that the last snapshot skipped, because they did not fit its budget. */
  areasSkipped = 0;
  /** Ticks that the last consumed input waited for its tick; negative if it was late. */
  slackTicks = 0;
  /** Time between the last two snapshots. */
  lastIntervalMs = 0;
  /** How far the input clock is ahead of the tick that is due. */
  leadTicks = 0;
  /** Inputs sent. */
  inputsSent = 0;
  /** Inputs that were late for their ticks, or never consumed. */
  inputsMissed = 0;
  /** The error of the prediction for the newest snapshot's tick, in the units of the predicted fields. */
  predictionError = 0;
  /** Times that the session was resumed. */
  resumes = 0;
  /** Time without a connection before the last resume. */
  resumeMs = 0;
  #since;
  #bytes = 0;
  #updates = 0;
  #snapshotAt = NaN;

  /**
   * @internal
   * @param {number} now
   */
  constructor(now) {
    this.#since = now;
  }

  /**
   * Counts a message that was received.
   *
   * @internal
   * @param {number} bytes
   */
  countMessage(bytes) {
    this.bytes += bytes;
    this.#bytes += bytes;
  }

  /**
   * Counts a snapshot that was applied.
   *
   * @internal
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
   * Measures the clocks and the predictions.
   *
   * @internal
   * @param {Timeline} timeline
   * @param {Playhead} playhead
   * @param {Inputs} inputs
   * @param {Predictions} predictions
   * @param {number} now
   */
  measure(timeline, playhead, inputs, predictions, now) {
    this.jitterMs = timeline.jitterMs;
    this.interpolationDelayMs = playhead.delayMs;
    this.leadTicks = inputs.tickAt(now) - timeline.tickAt(now);
    this.inputsMissed = inputs.missed;
    this.predictionError = predictions.error;
  }

  /**
   * Updates the rates, over the time since the last update.
   *
   * @internal
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
