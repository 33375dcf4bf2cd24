/** Joining a room. */

/** @import { Network, Surroundings } from "./dial.js" */
/** @import { Clock } from "./pace.js" */

import { CLOSE_NORMAL } from "./close.js";
import { dial, playAddress } from "./dial.js";
import { JoinError } from "./errors.js";
import { systemClock } from "./pace.js";
import { Room } from "./room.js";

/**
 * @typedef {object} JoinOptions
 * @property {string} game the game's name on the server
 * @property {string} [name] the player's name; without it the server gives one
 * @property {string} [room] the id of a room, or `new`; without it the server picks one
 * @property {string} [schema] the hash of the schema that the caller was written for, in hex: any other is refused
 * @property {typeof globalThis.WebSocket} [WebSocket] instead of the browser's
 * @property {typeof globalThis.fetch} [fetch] instead of the browser's
 * @property {Clock} [clock] instead of the browser's
 * @property {() => number} [random] instead of `Math.random`
 * @property {Surroundings} [window] instead of the browser's
 */

/**
 * Joins a room and resolves when it has been entered; the first snapshot follows. If the connection is lost later on, the room
 * tries to get it back by itself.
 *
 * @param {string | undefined} url the server's address, `http(s)://…` or `ws(s)://…`; without it this page's own
 * @param {JoinOptions} options
 * @returns {Promise<Room>} rejected with a {@link JoinError}
 */
export function join(url, options) {
  const { game, name, room, schema } = options;
  const network = networkOf(url, options);
  const address = playAddress(url, game, { name, room, schema });
  return new Promise((resolve, reject) => {
    dial(address, network, {
      welcomed(socket, welcome) {
        if (schema === undefined || schema.toLowerCase() === welcome.schemaHash) {
          resolve(new Room(socket, welcome, network));
        } else {
          socket.close(CLOSE_NORMAL);
          reject(new JoinError("schema_mismatch", `the server's schema is ${welcome.schemaHash}, not ${schema}`));
        }
      },
      failed: reject,
    });
  });
}

/**
 * @param {string | undefined} url
 * @param {JoinOptions} options
 * @returns {Network}
 */
function networkOf(url, options) {
  const { WebSocket = globalThis.WebSocket, fetch = globalThis.fetch, clock = systemClock } = options;
  const { random = Math.random, window = globalThis.window } = options;
  return { url, WebSocket, fetch, clock, random, window };
}
