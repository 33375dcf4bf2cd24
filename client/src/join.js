/** Joining a room, and watching one. */

/** @import { GameTypes } from "./base/game.js" */
/** @import { Clock } from "./base/timers.js" */
/** @import { Network, WindowEvents } from "./connection/dial.js" */
/** @import { ApiOptions, Endpoint } from "./lobby/lobby.js" */

import { CLOSE_NORMAL } from "./base/close.js";
import { JoinError } from "./base/errors.js";
import { systemClock } from "./base/timers.js";
import { dial } from "./connection/dial.js";
import { endpointOf, reserve, withRetries } from "./lobby/lobby.js";
import { Room } from "./room.js";

/**
 * The room to join, and the player.
 *
 * @typedef {object} JoinSettings
 * @property {string} game the game's name on the server
 * @property {string} [name] the player's name; without it the server chooses one
 * @property {string} [room] the id of a room, or `new`; without it the server chooses one
 * @property {string} [mode] the mode of the room; without it the game's default mode
 * @property {Record<string, unknown>} [options] of the room, as the game defines them
 * @property {string} [code] of a private room
 * @property {string} [schema] the hash of the schema that the caller was written for, in hex: any other schema is refused
 * @property {number} [patience] seconds in which to retry if the server sends a time after which to; 0 by default
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

/** @typedef {JoinSettings & JoinMeans & ApiOptions} JoinOptions */

/**
 * Joins a room, and resolves when the server has accepted the player; the first snapshot follows. If the connection is lost
 * later, the room reconnects by itself.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url the server's address, `http(s)://…` or `ws(s)://…`; without it this page's own
 * @param {JoinOptions} options
 * @returns {Promise<Room<Game>>} rejected with a {@link JoinError}
 */
export async function join(url, options) {
  const { game, name, room, mode, options: chosen, code, schema, patience } = options;
  const { token, signal } = options;
  const { fetch, clock, ...means } = meansOf(options);
  const seat = { game, name, room, mode, options: chosen, code, schema };
  const endpoint = await withRetries(() => reserve(url, seat, { token, signal, fetch }), { patience, clock, signal });
  signal?.throwIfAborted();
  return enter(endpoint, { url: endpoint.address, fetch, clock, ...means }, schema, signal);
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
  return enter(endpoint, { url: endpoint.address, ...meansOf(options) }, undefined, options.signal);
}

/**
 * Joins the room with an id.
 *
 * @template {GameTypes} [Game=any]
 * @param {string | undefined} url
 * @param {string} id
 * @param {JoinOptions} options
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
 * @param {JoinOptions} options
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
 * Opens a connection, and resolves with its room.
 *
 * @template {GameTypes} Game
 * @param {Endpoint} endpoint
 * @param {Network} network
 * @param {string | undefined} schema
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Room<Game>>}
 */
function enter(endpoint, network, schema, signal) {
  return new Promise((resolve, reject) => {
    const cancel = dial(endpoint, network, {
      welcomed(socket, welcome) {
        signal?.removeEventListener("abort", abort);
        if (schema === undefined || schema.toLowerCase() === welcome.schemaHash) {
          resolve(new Room(socket, welcome, network));
        } else {
          socket.close(CLOSE_NORMAL);
          reject(new JoinError("schema_mismatch", `the server's schema is ${welcome.schemaHash}, not ${schema}`));
        }
      },
      failed(error) {
        signal?.removeEventListener("abort", abort);
        reject(error);
      },
    });
    function abort() {
      cancel(CLOSE_NORMAL);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", abort);
  });
}
