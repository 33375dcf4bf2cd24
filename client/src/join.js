/** Joining a room. */

/** @import { Clock } from "./base/timers.js" */
/** @import { Network, Surroundings } from "./connection/dial.js" */
/** @import { ApiOptions, Door } from "./lobby/lobby.js" */

import { CLOSE_NORMAL } from "./base/close.js";
import { JoinError } from "./base/errors.js";
import { systemClock } from "./base/timers.js";
import { dial } from "./connection/dial.js";
import { doorOf, patiently, reserve } from "./lobby/lobby.js";
import { Room } from "./room.js";

/**
 * What is joined, and as whom.
 *
 * @typedef {object} JoinSettings
 * @property {string} game the game's name on the server
 * @property {string} [name] the player's name; without it the server gives one
 * @property {string} [room] the id of a room, or `new`; without it the server picks one
 * @property {string} [mode] in a room of this mode; without it the game's usual one
 * @property {Record<string, any>} [options] in a room with these options, as the game takes them
 * @property {string} [code] of a private room
 * @property {string} [schema] the hash of the schema that the caller was written for, in hex: any other is refused
 * @property {number} [patience] for how many seconds to try again where the server says that it may work later; 0 unless told
 */

/**
 * What the connection is made of.
 *
 * @typedef {object} JoinMeans
 * @property {typeof globalThis.WebSocket} [WebSocket] instead of the browser's
 * @property {Clock} [clock] instead of the browser's
 * @property {() => number} [random] instead of `Math.random`
 * @property {Surroundings} [window] instead of the browser's
 */

/** @typedef {JoinSettings & JoinMeans & ApiOptions} JoinOptions */

/**
 * Joins a room and resolves when it has been entered; the first snapshot follows. If the connection is lost later on, the room
 * tries to get it back by itself.
 *
 * @param {string | undefined} url the server's address, `http(s)://…` or `ws(s)://…`; without it this page's own
 * @param {JoinOptions} options
 * @returns {Promise<Room>} rejected with a {@link JoinError}
 */
export async function join(url, options) {
  const { game, name, room, mode, options: chosen, code, schema, patience } = options;
  const { token, signal } = options;
  const { fetch, clock, ...means } = meansOf(options);
  const wish = { game, name, room, mode, options: chosen, code, schema };
  const door = await patiently(() => reserve(url, wish, { token, signal, fetch }), { patience, clock, signal });
  signal?.throwIfAborted();
  return enter(door, { url: door.address, fetch, clock, ...means }, schema, signal);
}

/**
 * Looks on in a room without a seat in it. A spectator sees everything, players do not notice, and a connection that is lost
 * does not come back.
 *
 * @param {string | undefined} url the server's address; without it this page's own
 * @param {{ url: string, ticket: string }} pass what `POST /api/admin/rooms/{id}/watch` answers an operator
 * @param {JoinMeans & Pick<JoinOptions, "fetch" | "signal">} [options]
 * @returns {Promise<Room>} rejected with a {@link JoinError}
 */
export async function watch(url, pass, options = {}) {
  const door = doorOf(pass, new URL(url || globalThis.location.href));
  if (door === undefined) {
    throw new JoinError("malformed", "there is no ticket that could be used");
  }
  return enter(door, { url: door.address, ...meansOf(options) }, undefined, options.signal);
}

/**
 * Joins the room with an id.
 *
 * @param {string | undefined} url
 * @param {string} id
 * @param {JoinOptions} options
 */
export function joinById(url, id, options) {
  return join(url, { ...options, room: id });
}

/**
 * Joins the private room with a code.
 *
 * @param {string | undefined} url
 * @param {string} code
 * @param {JoinOptions} options
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
 * @param {Door} door
 * @param {Network} network
 * @param {string | undefined} schema
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Room>}
 */
function enter(door, network, schema, signal) {
  return new Promise((resolve, reject) => {
    const hangUp = dial(door, network, {
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
      hangUp(CLOSE_NORMAL);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", abort);
  });
}
