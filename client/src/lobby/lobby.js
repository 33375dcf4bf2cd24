/** The lobby: listing and creating rooms, and reserving seats in them, over HTTP. */

/** @import { GameTypes, MetadataFilter } from "../base/game.js" */
/** @import { Clock } from "../base/timers.js" */

import { JoinError } from "../base/errors.js";
import { SUBPROTOCOL } from "../messages/control.js";
import { refusalOf } from "./refusal.js";

/** The characters of a ticket: those of a subprotocol's name, as a part of which it is sent. */
const TICKET = /^[\w.~-]{1,4096}$/;

/**
 * A player's token, or a function that returns it each time that it is needed. If the function throws, the promise of the request
 * is rejected with its error.
 *
 * @typedef {string | (() => string | Promise<string>)} Token
 */

/**
 * Options of every API request.
 *
 * @typedef {object} ApiOptions
 * @property {Token} [token] a JWT that identifies the player, for a server that requires one
 * @property {AbortSignal} [signal] cancels the request: its promise is rejected with the signal's reason
 * @property {typeof globalThis.fetch} [fetch] instead of the browser's
 */

/**
 * A filter of rooms.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {object} ListFilter
 * @property {string} [game] only rooms of this game
 * @property {string} [mode] only rooms of this mode
 * @property {string} [state] only rooms in this state: `created`, `open`, `locked` or `draining`
 * @property {boolean} [free] only rooms with a free seat
 * @property {MetadataFilter<Game["metadata"]>} [metadata] only rooms whose metadata have these values, such as `{ map: "small" }`
 * @property {number} [limit] the greatest number of rooms
 * @property {string} [after] only rooms after the one with this id
 */

/**
 * A room in a list. The server sends more properties than these.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {object} RoomInfo
 * @property {string} id
 * @property {string} game
 * @property {string} mode empty for the game's default mode
 * @property {string} state
 * @property {number} players seats taken by players
 * @property {number} bots seats taken by bots; one that makes way for a player does not count as taken
 * @property {number} held_seats taken seats whose players have lost their connection
 * @property {number} max_players players that are admitted at once
 * @property {Game["metadata"]} [metadata] that the game has set; missing if it has set none
 * @property {boolean} spectate true if players may watch it, by the option `spectate` of `join`
 */

/**
 * A page of a list, and the `after` of the next page.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {{ rooms: RoomInfo<Game>[], next: string | null }} RoomList
 */

/**
 * The settings of a new room.
 *
 * @typedef {object} RoomSettings
 * @property {string} game
 * @property {string} [mode] one of the game's modes
 * @property {Record<string, unknown>} [options] of the game
 * @property {boolean} [private] true if the room is not listed, and joined by its code alone
 */

/** @typedef {{ room: string, game: string, mode: string, code?: string }} CreatedRoom `code`: only of a private room */

/**
 * A request for a seat, or to watch.
 *
 * @typedef {object} SeatRequest
 * @property {string} game
 * @property {string} [name]
 * @property {string} [room]
 * @property {string} [mode]
 * @property {Record<string, unknown>} [options]
 * @property {string} [code]
 * @property {string} [schema]
 * @property {unknown} [join_options]
 * @property {boolean} [spectate]
 */

/** @typedef {{ address: string, protocols: string[] }} Endpoint the address and the subprotocols of a WebSocket */

/**
 * Lists a page of rooms.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {ListFilter<Game> & ApiOptions} [options]
 * @returns {Promise<RoomList<Game>>} rejected with a {@link JoinError}
 */
export async function list(url, { game, mode, state, free, limit, after, metadata = {}, ...api } = {}) {
  const address = apiAddress(url, "/api/rooms");
  const members = Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value]);
  for (const [key, value] of [...Object.entries({ game, mode, state, free, limit, after }), ...members]) {
    if (value !== undefined) {
      address.searchParams.set(key, String(value));
    }
  }
  const { rooms, next = null } = await request(address, undefined, api);
  return { rooms, next };
}

/**
 * Lists all rooms, one by one, page after page.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url
 * @param {ListFilter<Game> & ApiOptions} [options]
 * @returns {AsyncGenerator<RoomInfo<Game>, void>}
 */
export async function* listAll(url, options = {}) {
  let { after } = options;
  for (;;) {
    const { rooms, next } = await list(url, { ...options, after });
    yield* rooms;
    if (next === null) {
      return;
    }
    after = next;
  }
}

/**
 * Creates a room, and resolves with its id, and its code if it is private. The server closes the room if nobody joins it in time.
 *
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {RoomSettings & ApiOptions} options
 * @returns {Promise<CreatedRoom>} rejected with a {@link JoinError}
 */
export async function create(url, { game, mode, options, private: hidden, ...api }) {
  return request(apiAddress(url, "/api/rooms"), { game, mode, options, private: hidden }, api);
}

/**
 * Reserves a seat for a short time, and resolves with the endpoint to take it at.
 *
 * @internal
 * @param {string | undefined} url
 * @param {SeatRequest} seat
 * @param {ApiOptions} api
 * @returns {Promise<Endpoint>} rejected with a {@link JoinError}
 */
export async function reserve(url, seat, api) {
  const address = apiAddress(url, "/api/join");
  // "new" is not the id of a room: it requests a new one.
  const { room, ...others } = seat;
  const body = room === "new" ? { ...others, create: true } : seat;
  const answer = await request(address, body, api);
  const endpoint = endpointOf(answer, address);
  if (endpoint === undefined) {
    throw new JoinError("malformed", "the server's answer has no valid ticket");
  }
  return endpoint;
}

/**
 * Repeats an action while the server refuses it with a time after which to retry.
 *
 * @internal
 * @template T
 * @param {() => Promise<T>} action
 * @param {{ patience?: number, clock: Clock, signal?: AbortSignal }} options `patience`: seconds in which to retry
 * @returns {Promise<T>}
 */
export async function withRetries(action, { patience = 0, clock, signal }) {
  const endsAt = clock.now() + patience * 1000;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const waitMs = error instanceof JoinError && error.retryAfter !== undefined ? error.retryAfter * 1000 : Infinity;
      if (clock.now() + waitMs > endsAt) {
        throw error;
      }
      await pause(waitMs, clock, signal);
    }
  }
}

/**
 * The subprotocols to offer, one of which carries a ticket or a session token. Browsers can set no other header of a WebSocket,
 * and in the address the secret would get into logs.
 *
 * @internal
 * @param {"ticket" | "session"} kind
 * @param {string} secret
 */
export function protocolsWith(kind, secret) {
  return [SUBPROTOCOL, `drumline.${kind}.${secret}`];
}

/**
 * The endpoint in an answer; undefined if it has no valid address and ticket.
 *
 * @internal
 * @param {any} answer
 * @param {URL} requested the address of the request
 * @returns {Endpoint | undefined}
 */
export function endpointOf(answer, requested) {
  const { url, ticket } = answer ?? {};
  if (typeof url !== "string" || typeof ticket !== "string" || !TICKET.test(ticket) || !URL.canParse(url, requested)) {
    return undefined;
  }
  const address = new URL(url, requested);
  // Behind a proxy the server may not know that it is reached over TLS.
  address.protocol = requested.protocol === "https:" ? "wss:" : address.protocol.replace("http", "ws");
  return { address: address.href, protocols: protocolsWith("ticket", ticket) };
}

/**
 * @param {string | undefined} url
 * @param {string} path
 */
function apiAddress(url, path) {
  const address = new URL(path, url || globalThis.location.href);
  address.protocol = address.protocol.replace("ws", "http");
  return address;
}

/**
 * Sends an API request: a POST if it has a body.
 *
 * @param {URL} address
 * @param {Record<string, any> | undefined} body
 * @param {ApiOptions} api
 * @returns {Promise<any>}
 */
async function request(address, body, { token, signal, fetch = globalThis.fetch }) {
  const headers = new Headers();
  const bearer = typeof token === "function" ? await token() : token;
  if (bearer !== undefined) {
    headers.set("authorization", `Bearer ${bearer}`);
  }
  /** @type {RequestInit} */
  const init = { headers, cache: "no-store", signal };
  if (body !== undefined) {
    headers.set("content-type", "application/json");
    Object.assign(init, { method: "POST", body: JSON.stringify(body) });
  }
  let response;
  let answer;
  try {
    response = await fetch(address.href, init);
    answer = await response.json();
  } catch {
    signal?.throwIfAborted();
    throw new JoinError("connection_failed", "the server cannot be reached, or is no Drumline server");
  }
  if (!response.ok) {
    throw refusalOf(response, answer) ?? new JoinError("connection_failed", `the server answered ${response.status}`);
  }
  return answer;
}

/**
 * @param {number} ms
 * @param {Clock} clock
 * @param {AbortSignal | undefined} signal
 */
async function pause(ms, clock, signal) {
  signal?.throwIfAborted();
  await new Promise((resolve) => {
    const timer = clock.setTimeout(() => end(), ms);
    const end = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve(undefined);
    };
    signal?.addEventListener("abort", end);
  });
  signal?.throwIfAborted();
}
