/** Joining a room. */

/** @import { Clock } from "./pace.js" */

import { DecodeError, JoinError } from "./errors.js";
import { SUBPROTOCOL, readControl } from "./messages.js";
import { systemClock } from "./pace.js";
import { CLOSE_MALFORMED, CLOSE_NORMAL, Room } from "./room.js";

/**
 * @typedef {object} JoinOptions
 * @property {string} game the game's name on the server
 * @property {string} [name] the player's name; without it the server gives one
 * @property {string} [room] the id of a room, or `new`; without it the server picks one
 * @property {string} [schema] the hash of the schema that the caller was written for, in hex: any other is refused
 * @property {typeof globalThis.WebSocket} [WebSocket] instead of the browser's
 * @property {typeof globalThis.fetch} [fetch] instead of the browser's
 * @property {Clock} [clock] instead of the browser's
 */

/**
 * Joins a room and resolves when it has been entered; the first snapshot follows.
 *
 * @param {string | undefined} url the server's address, `http(s)://…` or `ws(s)://…`; without it this page's own
 * @param {JoinOptions} options
 * @returns {Promise<Room>} rejected with a {@link JoinError}
 */
export function join(url, options) {
  const { WebSocket = globalThis.WebSocket, fetch = globalThis.fetch, clock = systemClock } = options;
  const address = playAddress(url, options);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    const listening = new AbortController();
    const { signal } = listening;
    let opened = false;
    socket.addEventListener("open", () => (opened = true), { signal });
    socket.addEventListener(
      "message",
      ({ data }) => {
        listening.abort();
        try {
          resolve(enter(socket, new Uint8Array(data), options.schema, clock));
        } catch (error) {
          const malformed = error instanceof DecodeError;
          socket.close(malformed ? CLOSE_MALFORMED : CLOSE_NORMAL);
          reject(malformed ? new JoinError("malformed", error.message) : error);
        }
      },
      { signal },
    );
    socket.addEventListener(
      "close",
      ({ reason }) => {
        listening.abort();
        if (opened) {
          reject(new JoinError("closed", reason || "the server closed the connection"));
        } else {
          refusal(address, fetch).then(reject);
        }
      },
      { signal },
    );
  });
}

/**
 * @param {string | undefined} url
 * @param {JoinOptions} options
 */
function playAddress(url, { game, name, room, schema }) {
  const address = new URL(`/play/${encodeURIComponent(game)}`, url || globalThis.location.href);
  address.protocol = address.protocol.replace("http", "ws");
  for (const [key, value] of Object.entries({ name, room, schema })) {
    if (value !== undefined) {
      address.searchParams.set(key, value);
    }
  }
  return address.href;
}

/**
 * @param {WebSocket} socket
 * @param {Uint8Array} message the first one
 * @param {string | undefined} schema
 * @param {Clock} clock
 */
function enter(socket, message, schema, clock) {
  const welcome = readControl(message);
  if (welcome.type !== "welcome") {
    throw new DecodeError("malformed", `${welcome.type} before the welcome`);
  }
  if (schema !== undefined && schema.toLowerCase() !== welcome.schemaHash) {
    throw new JoinError("schema_mismatch", `the server's schema is ${welcome.schemaHash}, not ${schema}`);
  }
  return new Room(socket, welcome, clock);
}

/**
 * Why the server did not open a WebSocket. A browser does not tell, so ask again as plain HTTP.
 *
 * @param {string} address
 * @param {typeof globalThis.fetch} fetch
 * @returns {Promise<JoinError>}
 */
async function refusal(address, fetch) {
  try {
    const response = await fetch(address.replace("ws", "http"), { cache: "no-store" });
    const { error, message } = await response.json();
    // That an upgrade is required is all that is wrong with this request: the server would have let us in.
    if (typeof error === "string" && error !== "upgrade_required") {
      return new JoinError(error, String(message), response.status);
    }
  } catch {
    // Not reachable, or not a Drumline server.
  }
  return new JoinError("connection_failed", "could not open a WebSocket");
}
