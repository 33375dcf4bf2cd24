/**
 * The client of the server's admin API, and the types of its responses.
 * @module
 */

/**
 * A shard's recent ticks.
 *
 * @typedef {object} TickFigures
 * @property {number} busy the share of time spent in ticks, 0 to 1
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
 * @property {number} clamped_values
 */

/**
 * @typedef {object} PlayerLine
 * @property {number} player the player's number, which no other player of the room has
 * @property {number} seat
 * @property {string} name
 * @property {string | null} account the account's subject; null if the server does not authenticate players
 * @property {string} address of the latest connection
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
 * The state of the server. Counters start at zero when the server starts.
 *
 * @typedef {object} Overview
 * @property {string} version
 * @property {number} uptime_seconds
 * @property {number | null} draining_seconds time left of a drain; null if the server is not draining
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

/**
 * A ban in force.
 *
 * @typedef {object} Ban
 * @property {string} target a network, or `account:` and an account's subject
 * @property {string} reason may be empty
 * @property {number | null} seconds_left null without an end
 * @property {boolean} configured true if the configuration lists it
 */

/** @typedef {{ target: string, reason: string, seconds?: number }} NewBan `seconds`: absent for a ban without an end */

/** @typedef {{ room: string, url: string, ticket: string, expires_ms: number }} Ticket */

const TOKEN_KEY = "drumline.admin.token";
const TIMEOUT_MS = 8000;

/** An error response of the server. */
export class ApiError extends Error {
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

/** The admin API. The token is kept in the tab's session storage. */
export class Api {
  #token = sessionStorage.getItem(TOKEN_KEY) ?? "";

  get hasToken() {
    return this.#token !== "";
  }

  /** @param {string} token empty removes it */
  setToken(token) {
    this.#token = token;
    if (token === "") sessionStorage.removeItem(TOKEN_KEY);
    else sessionStorage.setItem(TOKEN_KEY, token);
  }

  /** @returns {Promise<Overview>} */
  overview() {
    return this.#request("GET", "overview");
  }

  /**
   * @param {string} id
   * @returns {Promise<RoomDetails>}
   */
  room(id) {
    return this.#request("GET", `rooms/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Ticket>}
   */
  watch(id) {
    return this.#request("POST", `rooms/${encodeURIComponent(id)}/watch`);
  }

  /**
   * @param {string} id
   * @param {"close" | "lock" | "unlock"} action
   */
  act(id, action) {
    return this.#request("POST", `rooms/${encodeURIComponent(id)}/${action}`);
  }

  /**
   * @param {string} id
   * @param {number} player
   * @param {string} reason
   */
  kick(id, player, reason) {
    return this.#request("POST", `rooms/${encodeURIComponent(id)}/players/${player}/kick`, { reason });
  }

  /** @returns {Promise<Ban[]>} */
  bans() {
    return this.#request("GET", "bans");
  }

  /** @param {NewBan} ban */
  ban(ban) {
    return this.#request("POST", "bans", ban);
  }

  /** @param {string} target */
  lift(target) {
    return this.#request("POST", "bans/lift", { target });
  }

  drain() {
    return this.#request("POST", "drain");
  }

  /**
   * @param {"GET" | "POST"} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async #request(method, path, body = {}) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.#token !== "") headers.authorization = `Bearer ${this.#token}`;
    /** @type {RequestInit} */
    const options = { method, headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (method === "POST") {
      headers["content-type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    const response = await fetch(`/api/admin/${path}`, options);
    const answer = response.status === 204 ? null : await response.json();
    if (!response.ok) throw new ApiError(response.status, String(answer?.error), String(answer?.message));
    return answer;
  }
}
