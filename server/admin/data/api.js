/**
 * The server's side: what it tells operators, and what they tell it.
 * @module
 */

/**
 * How a shard's ticks were; times in microseconds.
 *
 * @typedef {object} TickFigures
 * @property {number} busy the share of its time that the shard spent in them
 * @property {number} lateness_us_p50
 * @property {number} lateness_us_p99
 * @property {number} lateness_us_max
 * @property {number} duration_us_p50
 * @property {number} duration_us_p99
 * @property {number} duration_us_max
 */

/** @typedef {{ rooms: number, ticks: number, skipped_ticks: number, recent: TickFigures }} Shard */

/**
 * @typedef {object} RoomLine
 * @property {string} id
 * @property {string} game
 * @property {string} mode
 * @property {string} state
 * @property {boolean} private
 * @property {number} players
 * @property {number} spectators
 * @property {number} held_seats
 * @property {number} max_players
 * @property {number} tick
 * @property {number} tick_rate_hz
 * @property {number} resumes
 * @property {number} snapshots_coalesced
 * @property {number} inputs_dropped
 * @property {number} mismatches_reported
 */

/**
 * @typedef {object} PlayerLine
 * @property {number} player
 * @property {string} name
 * @property {boolean} connected
 * @property {number | null} slack_ticks
 * @property {number} accepted
 * @property {number} late
 * @property {number} dropped
 * @property {number} repeated
 * @property {number} neutral
 * @property {number} unacked_ticks
 * @property {number} budget_bytes
 */

/** @typedef {Omit<RoomLine, "players"> & { players: PlayerLine[] }} RoomDetails */

/**
 * Counters count from the server's start.
 *
 * @typedef {object} Overview
 * @property {string} version
 * @property {number} uptime_seconds
 * @property {number | null} draining_seconds how long a drain still lasts, if one is under way
 * @property {number} connections
 * @property {number} max_connections
 * @property {number} memory_bytes
 * @property {number} joins
 * @property {number} bytes_in
 * @property {number} bytes_out
 * @property {Record<string, number>} refusals by cause
 * @property {Record<string, number>} closes by cause
 * @property {Shard[]} shards
 * @property {RoomLine[]} rooms
 */

/** @typedef {{ room: string, url: string, ticket: string, expires_ms: number }} Ticket */

const TOKEN_KEY = "drumline.admin.token";
const TIMEOUT_MS = 8000;

/** The server does not do it, and says why. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The API. The token stays in this tab. */
export class Api {
  #token = sessionStorage.getItem(TOKEN_KEY) ?? "";

  get hasToken() {
    return this.#token !== "";
  }

  /** @param {string} token empty to forget it */
  setToken(token) {
    this.#token = token;
    if (token === "") sessionStorage.removeItem(TOKEN_KEY);
    else sessionStorage.setItem(TOKEN_KEY, token);
  }

  /** @returns {Promise<Overview>} */
  overview() {
    return this.#ask("GET", "overview");
  }

  /**
   * @param {string} id
   * @returns {Promise<RoomDetails>}
   */
  room(id) {
    return this.#ask("GET", `rooms/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Ticket>}
   */
  watch(id) {
    return this.#ask("POST", `rooms/${encodeURIComponent(id)}/watch`);
  }

  /**
   * @param {string} id
   * @param {"close" | "lock" | "unlock"} action
   */
  act(id, action) {
    return this.#ask("POST", `rooms/${encodeURIComponent(id)}/${action}`);
  }

  /**
   * @param {string} id
   * @param {number} player
   * @param {string} reason
   */
  kick(id, player, reason) {
    return this.#ask("POST", `rooms/${encodeURIComponent(id)}/players/${player}/kick`, { reason });
  }

  drain() {
    return this.#ask("POST", "drain");
  }

  /**
   * @param {"GET" | "POST"} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async #ask(method, path, body = {}) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.#token !== "") headers.authorization = `Bearer ${this.#token}`;
    /** @type {RequestInit} */
    const request = { method, headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (method === "POST") {
      headers["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    const response = await fetch(`/api/admin/${path}`, request);
    const answer = response.status === 204 ? null : await response.json();
    if (!response.ok) throw new Refused(response.status, String(answer?.error), String(answer?.message));
    return answer;
  }
}
