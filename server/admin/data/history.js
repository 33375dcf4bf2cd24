/**
 * Samples of the last hour, computed from successive overviews.
 * @module
 */

/** @typedef {import("./api.js").Overview} Overview */

const MAX_SAMPLES = 3600;

/**
 * The server's figures at one time. Counters are given as rates per second, NaN if unknown.
 *
 * @typedef {object} Sample
 * @property {number} at in milliseconds
 * @property {number} players
 * @property {number} spectators
 * @property {number} held
 * @property {number} memory in bytes
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {number} joins
 * @property {Record<string, number>} refusals
 * @property {Record<string, number>} closes
 * @property {{ p50: number, p99: number }[]} lateness by shard, in microseconds
 */

export class History {
  /** @type {Sample[]} By ascending time. */
  samples = [];
  /** @type {{ at: number, overview: Overview } | undefined} */
  #last;

  /** @returns {Sample | undefined} */
  get newest() {
    return this.samples.at(-1);
  }

  /**
   * @param {Overview} overview
   * @param {number} at
   */
  add(overview, at) {
    const last = this.#last;
    this.#last = { at, overview };
    if (last && overview.uptime_seconds < last.overview.uptime_seconds) {
      // The server has restarted: its counters are not comparable with the previous ones.
      this.samples.length = 0;
      return;
    }
    const seconds = last ? (at - last.at) / 1000 : 0;
    const before = last?.overview;
    /** @type {(now: number, then: number | undefined) => number} */
    const rate = (now, then) => (seconds > 0 && then !== undefined ? Math.max(0, now - then) / seconds : NaN);
    /** @type {(now: Record<string, number>, then: Record<string, number> | undefined) => Record<string, number>} */
    const rates = (now, then) =>
      Object.fromEntries(Object.entries(now).map(([cause, value]) => [cause, then ? rate(value, then[cause] ?? 0) : NaN]));
    /** @type {(read: (room: Overview["rooms"][number]) => number) => number} */
    const sum = (read) => overview.rooms.reduce((total, room) => total + read(room), 0);
    this.samples.push({
      at,
      players: sum(({ players }) => players),
      spectators: sum(({ spectators }) => spectators),
      held: sum(({ held_seats }) => held_seats),
      memory: overview.memory_bytes,
      bytesIn: rate(overview.bytes_in, before?.bytes_in),
      bytesOut: rate(overview.bytes_out, before?.bytes_out),
      joins: rate(overview.joins, before?.joins),
      refusals: rates(overview.refusals, before?.refusals),
      closes: rates(overview.closes, before?.closes),
      lateness: overview.shards.map(({ recent }) => ({ p50: recent.lateness_us_p50, p99: recent.lateness_us_p99 })),
    });
    if (this.samples.length > MAX_SAMPLES) this.samples.shift();
  }
}
