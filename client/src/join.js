/** Joining a room, coming back to one, and watching one. */

/** @import { Close } from "./base/close.js" */
/** @import { GameTypes } from "./base/game.js" */
/** @import { Clock } from "./base/timers.js" */
/** @import { Network } from "./connection/dial.js" */
/** @import { WindowEvents } from "./connection/page.js" */
/** @import { SessionStorage, StoredSession } from "./connection/session-store.js" */
/** @import { ApiOptions, Endpoint } from "./lobby/lobby.js" */

import { CLOSE_NORMAL, CLOSE_SILENT, isFinal } from "./base/close.js";
import { JoinError } from "./base/errors.js";
import { systemClock } from "./base/timers.js";
import { dial, errorOf, playAddress } from "./connection/dial.js";
import { SessionSlot, SessionStore } from "./connection/session-store.js";
import { endpointOf, protocolsWith, reserve, withRetries } from "./lobby/lobby.js";
import { Room } from "./room.js";

/**
 * The room to join, and the player.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {object} JoinSettings
 * @property {string} game the game's name on the server
 * @property {string} [name] the player's name; without it the server chooses one
 * @property {string} [room] the id of a room, or `new`; without it the server chooses one
 * @property {string} [mode] the mode of the room; without it the game's default mode
 * @property {Record<string, unknown>} [options] of the room, as the game defines them
 * @property {string} [code] of a private room
 * @property {Game["joinOptions"]} [joinOptions] of the player, as the game defines them, such as a colour
 * @property {boolean} [spectate] true to watch without a seat, if the game allows it: the room of `room` or `code`, else the
 *   fullest. Nothing is stored, and a lost connection is not resumed
 * @property {string} [schema] the hash of the schema that the caller was written for, in hex: any other schema is refused
 * @property {number} [patience] seconds in which to retry if the server sends a time after which to; 0 by default
 * @property {SessionStorage | string} [resume] where the session is kept, such as `sessionStorage`, or a key of `sessionStorage`:
 *   a page that is loaded again comes back to the seat. A session of another room than `room` or `code` names is not used
 */

/**
 * The means of making connections.
 *
 * @typedef {object} JoinMeans
 * @property {typeof globalThis.WebSocket} [WebSocket] instead of the browser's
 * @property {Clock} [clock] instead of the browser's
 * @property {() => number} [random] instead of `Math.random`
 * @property {WindowEvents} [window] instead of the browser's
 */

/**
 * @template {GameTypes} [Game=any]
 * @typedef {JoinSettings<Game> & JoinMeans & ApiOptions} JoinOptions
 */

/**
 * @typedef {Pick<JoinSettings, "game" | "room" | "code" | "schema" | "patience"> & Required<Pick<JoinSettings, "resume">>
 *   & JoinMeans & Pick<ApiOptions, "fetch" | "signal">} ResumeOptions
 */

/**
 * Joins a room, and resolves when the game has accepted the player and the first snapshot is applied. A game that refuses the
 * player does so with the `code` "refused" and its own words as the error's message. If the connection is lost, the room
 * reconnects by itself. With the option `resume` it first tries to come back to the seat of the stored session, as
 * {@link resume} does.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url the server's address, `http(s)://…` or `ws(s)://…`; without it this page's own
 * @param {JoinOptions<Game>} options
 * @returns {Promise<Room<Game>>} rejected with a {@link JoinError}
 */
export async function join(url, options) {
  const { game, name, room, mode, options: chosen, code, schema, patience } = options;
  const { joinOptions, spectate, token, signal } = options;
  const storage = spectate ? undefined : options.resume;
  const { fetch, clock, ...means } = meansOf(options);
  if (storage !== undefined) {
    /** @type {Promise<Room<Game> | void>} */
    const resuming = resume(url, { ...options, resume: storage }).catch(orJoin);
    const found = await resuming;
    if (found) {
      return found;
    }
  }
  const seat = { game, name, room, mode, options: chosen, code, schema, join_options: joinOptions, spectate };
  const endpoint = await withRetries(() => reserve(url, seat, { token, signal, fetch }), { patience, clock, signal });
  signal?.throwIfAborted();
  const slot = slotAt(url, storage, game, endpoint.address, code);
  return enter(endpoint, { url: endpoint.address, fetch, clock, ...means, slot }, { schema, code, signal });
}

/**
 * Comes back to the seat of a session that an earlier page has stored by the same option `resume`, before it was reloaded, left
 * or lost: to the same player, score and place in the game.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {ResumeOptions} options `room`, `code`: only to this room
 * @returns {Promise<Room<Game> | undefined>} undefined if no session is stored, or if the server no longer holds its seat;
 *   rejected with a {@link JoinError} if that cannot be found out
 */
export async function resume(url, options) {
  const { game, schema, patience, signal, resume: storage } = options;
  signal?.throwIfAborted();
  const store = new SessionStore(storage, game);
  const stored = store.read();
  if (stored === undefined || !isMeant(stored, url, options)) {
    return undefined;
  }
  const { code, token } = stored;
  const endpoint = { address: playAddress(stored.url, game, { schema }), protocols: protocolsWith("session", token) };
  const means = meansOf(options);
  const network = { url: stored.url, ...means, slot: slotAt(url, storage, game, stored.url, code) };
  // The seat outlives an attempt that is given up.
  /** @returns {Promise<Room<Game>>} */
  const attempt = () => enter(endpoint, network, { schema, code, signal, abortCode: CLOSE_SILENT });
  try {
    return await withRetries(attempt, { patience, clock: means.clock, signal });
  } catch (error) {
    if (!isGone(error)) {
      throw error;
    }
    store.forget(token);
    return undefined;
  }
}

/**
 * Watches a room without a seat in it. A spectator sees everything, players do not notice it, and it does not reconnect.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {{ url: string, ticket: string }} ticket the answer to an operator's `POST /api/admin/rooms/{id}/watch`
 * @param {JoinMeans & Pick<JoinOptions, "fetch" | "signal">} [options]
 * @returns {Promise<Room<Game>>} rejected with a {@link JoinError}
 */
export async function watch(url, ticket, options = {}) {
  const endpoint = endpointOf(ticket, new URL(url || globalThis.location.href));
  if (endpoint === undefined) {
    throw new JoinError("malformed", "the ticket is not valid");
  }
  return enter(endpoint, { url: endpoint.address, ...meansOf(options) }, { signal: options.signal });
}

/**
 * Joins the room with an id.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url
 * @param {string} id
 * @param {JoinOptions<Game>} options
 * @returns {Promise<Room<Game>>} rejected with a {@link JoinError}
 */
export function joinById(url, id, options) {
  return join(url, { ...options, room: id });
}

/**
 * Joins the private room with a code.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url
 * @param {string} code
 * @param {JoinOptions<Game>} options
 * @returns {Promise<Room<Game>>} rejected with a {@link JoinError}
 */
export function joinByCode(url, code, options) {
  return join(url, { ...options, code });
}

/**
 * @param {JoinMeans & { fetch?: typeof globalThis.fetch }} options
 * @returns {Omit<Network, "url">}
 */
function meansOf(options) {
  const { WebSocket = globalThis.WebSocket, fetch = globalThis.fetch, clock = systemClock } = options;
  const { random = Math.random, window = globalThis.window } = options;
  return { WebSocket, fetch, clock, random, window };
}

/**
 * Returns true if a stored session is of the server, the game and the room that are asked for.
 *
 * @param {StoredSession} stored
 * @param {string | undefined} url
 * @param {Pick<JoinSettings, "game" | "room" | "code">} asked
 */
function isMeant(stored, url, { game, room, code }) {
  const isCode = code === undefined || plainCode(code) === plainCode(stored.code ?? "");
  return stored.server === hostOf(url) && stored.game === game && (room ?? stored.room) === stored.room && isCode;
}

/**
 * Returns true if an attempt to resume shows that the seat is gone.
 *
 * @param {unknown} error
 */
function isGone(error) {
  return error instanceof JoinError && (error.code === "unknown_session" || isFinal(error.close?.code ?? 0));
}

/**
 * Lets a join go on after an attempt to resume that has failed, unless the server has said when to try again.
 *
 * @param {unknown} error
 */
function orJoin(error) {
  if (!(error instanceof JoinError) || error.retryAfter !== undefined) {
    throw error;
  }
}

/** A code without what the server ignores in it. @param {string} code */
function plainCode(code) {
  return code.replace(/[\s-]/g, "").toLowerCase();
}

/** @param {string | undefined} url */
function hostOf(url) {
  return new URL(url || globalThis.location.href).host;
}

/**
 * @param {string | undefined} url that is joined
 * @param {SessionStorage | string | undefined} storage
 * @param {string} game
 * @param {string} address of the server that the room is on
 * @param {string | undefined} code
 */
function slotAt(url, storage, game, address, code) {
  const place = { server: hostOf(url), url: new URL("/", address).href, code };
  return storage === undefined ? undefined : new SessionSlot(new SessionStore(storage, game), place);
}

/**
 * @typedef {object} Wanted
 * @property {string} [schema] the hash of the schema that the caller was written for
 * @property {string} [code] that the room is joined by
 * @property {AbortSignal} [signal]
 * @property {number} [abortCode] the close code of an attempt that the signal aborts
 */

/**
 * Opens a connection, and resolves with its room after the first snapshot.
 *
 * @template {GameTypes} Game
 * @param {Endpoint} endpoint
 * @param {Network} network
 * @param {Wanted} wanted
 * @returns {Promise<Room<Game>>}
 */
function enter(endpoint, network, { schema, code, signal, abortCode = CLOSE_NORMAL }) {
  return new Promise((resolve, reject) => {
    let cancel = dial(endpoint, network, {
      welcomed(socket, welcome) {
        if (schema !== undefined && schema.toLowerCase() !== welcome.schemaHash) {
          socket.close(CLOSE_NORMAL);
          failed(new JoinError("schema_mismatch", `the server's schema is ${welcome.schemaHash}, not ${schema}`));
          return;
        }
        const entered = () => {
          signal?.removeEventListener("abort", abort);
          resolve(room);
        };
        const ended = (/** @type {Close & { error?: JoinError }} */ close) => failed(close.error ?? errorOf(close));
        /** @type {Room<Game>} */
        const room = new Room(socket, welcome, network, { entered, ended }, code);
        cancel = (code) => void room.abandon(code);
      },
      failed,
    });
    /** @param {JoinError} error */
    function failed(error) {
      signal?.removeEventListener("abort", abort);
      reject(error);
    }
    function abort() {
      reject(signal?.reason);
      cancel(abortCode);
    }
    signal?.addEventListener("abort", abort);
  });
}
