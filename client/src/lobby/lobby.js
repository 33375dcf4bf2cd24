/** The lobby: a server's rooms over HTTP, and seats in them. */

/** @import { Clock } from "../base/timers.js" */

import { JoinError } from "../base/errors.js";
import { SUBPROTOCOL } from "../messages/control.js";
import { refusalOf } from "./refusal.js";

/** What a ticket may consist of: it is sent as part of a subprotocol's name. */
const TICKET = /^[\w.~-]{1,4096}$/;

/**
 * Who says what the player's token is: the token, or a function that gives it each time that it is needed.
 *
 * @typedef {string | (() => string | Promise<string>)} Token
 */

/**
 * How the API is asked.
 *
 * @typedef {object} ApiOptions
 * @property {Token} [token] who the player is, for a server that asks: a JWT
 * @property {AbortSignal} [signal] gives up: what was asked for is rejected with its reason
 * @property {typeof globalThis.fetch} [fetch] instead of the browser's
 */

/**
 * Which rooms to list.
 *
 * @typedef {object} ListFilter
 * @property {string} [game] of this game alone
 * @property {string} [mode] of this mode alone
 * @property {string} [state] in this state alone: `created`, `open`, `locked` or `draining`
 * @property {boolean} [free] only those that can be joined
 * @property {number} [limit] so many at most
 * @property {string} [after] those after the room with this id
 */

/**
 * A room in a list; it has more figures than these.
 *
 * @typedef {object} RoomInfo
 * @property {string} id
 * @property {string} game
 * @property {string} mode empty: the game's usual one
 * @property {string} state
 * @property {number} players seats taken
 * @property {number} held_seats those of them that wait for players whose connections are lost
 * @property {number} max_players seats in all
 */

/** @typedef {{ rooms: RoomInfo[], next: string | null }} RoomList a page of a list, and what the next one comes `after` */

/**
 * What to make of a room.
 *
 * @typedef {object} RoomSettings
 * @property {string} game
 * @property {string} [mode] one of the game's
 * @property {Record<string, any>} [options] as the game takes them
 * @property {boolean} [private] whether it is listed nowhere and joined by its code alone
 */

/** @typedef {{ room: string, game: string, mode: string, code?: string }} CreatedRoom `code`: of a private room */

/**
 * What seat to ask for.
 *
 * @typedef {object} SeatWish
 * @property {string} game
 * @property {string} [name]
 * @property {string} [room]
 * @property {string} [mode]
 * @property {Record<string, any>} [options]
 * @property {string} [code]
 * @property {string} [schema]
 */

/** @typedef {{ address: string, protocols: string[] }} Door where a WebSocket is opened, and with what */

/**
 * Lists rooms, a page of them.
 *
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {ListFilter & ApiOptions} [options]
 * @returns {Promise<RoomList>} rejected with a {@link JoinError}
 */
export async function list(url, { game, mode, state, free, limit, after, ...api } = {}) {
  const address = apiAddress(url, "/api/rooms");
  for (const [key, value] of Object.entries({ game, mode, state, free, limit, after })) {
    if (value !== undefined) {
      address.searchParams.set(key, String(value));
    }
  }
  const { rooms, next = null } = await ask(address, undefined, api);
  return { rooms, next };
}

/**
 * Lists rooms one by one, as many pages as there are.
 *
 * @param {string | undefined} url
 * @param {ListFilter & ApiOptions} [options]
 * @returns {AsyncGenerator<RoomInfo, void>}
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
 * Opens a room and resolves with its id, and its code if it is private. It waits a while for somebody to join.
 *
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {RoomSettings & ApiOptions} options
 * @returns {Promise<CreatedRoom>} rejected with a {@link JoinError}
 */
export async function create(url, { game, mode, options, private: hidden, ...api }) {
  return ask(apiAddress(url, "/api/rooms"), { game, mode, options, private: hidden }, api);
}

/**
 * Reserves a seat for a short while.
 *
 * @param {string | undefined} url
 * @param {SeatWish} wish
 * @param {ApiOptions} api
 * @returns {Promise<Door>} rejected with a {@link JoinError}
 */
export async function reserve(url, wish, api) {
  const address = apiAddress(url, "/api/join");
  // A new room is no room's id.
  const { room, ...others } = wish;
  const body = room === "new" ? { ...others, create: true } : wish;
  const answer = await ask(address, body, api);
  const door = doorOf(answer, address);
  if (door === undefined) {
    throw new JoinError("malformed", "the server's answer has no ticket that could be used");
  }
  return door;
}

/**
 * Does something that may be refused for a while again and again, as the server bids.
 *
 * @template T
 * @param {() => Promise<T>} action
 * @param {{ patience?: number, clock: Clock, signal?: AbortSignal }} options `patience`: seconds, in all
 * @returns {Promise<T>}
 */
export async function patiently(action, { patience = 0, clock, signal }) {
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
 * The subprotocols to offer, with what opens the door: a `ticket` or a `session`. It stands in no address, so in no log either.
 *
 * @param {"ticket" | "session"} kind
 * @param {string} secret
 */
export function protocolsWith(kind, secret) {
  return [SUBPROTOCOL, `drumline.${kind}.${secret}`];
}

/**
 * Where an answer with a ticket leads; nowhere if it is none.
 *
 * @param {any} answer
 * @param {URL} asked
 * @returns {Door | undefined}
 */
export function doorOf(answer, asked) {
  const { url, ticket } = answer ?? {};
  if (typeof url !== "string" || typeof ticket !== "string" || !TICKET.test(ticket) || !URL.canParse(url, asked)) {
    return undefined;
  }
  const address = new URL(url, asked);
  // A proxy may have hidden from the server that it is reached over TLS.
  address.protocol = asked.protocol === "https:" ? "wss:" : address.protocol.replace("http", "ws");
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
 * Asks the API; with a body it is a POST.
 *
 * @param {URL} address
 * @param {Record<string, any> | undefined} body
 * @param {ApiOptions} api
 * @returns {Promise<any>}
 */
async function ask(address, body, { token, signal, fetch = globalThis.fetch }) {
  const headers = new Headers();
  const bearer = typeof token === "function" ? await token() : token;
  if (bearer !== undefined) {
    headers.set("authorization", `Bearer ${bearer}`);
  }
  /** @type {RequestInit} */
  const request = { headers, cache: "no-store", signal };
  if (body !== undefined) {
    headers.set("content-type", "application/json");
    Object.assign(request, { method: "POST", body: JSON.stringify(body) });
  }
  let response;
  let answer;
  try {
    response = await fetch(address.href, request);
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
