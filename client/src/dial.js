/** One attempt at opening a connection: up to its first message, or to what is in the way. */

/** @import { Welcome } from "./messages.js" */
/** @import { Clock } from "./pace.js" */

import { CLOSE_MALFORMED } from "./close.js";
import { DecodeError, JoinError } from "./errors.js";
import { SUBPROTOCOL, readControl } from "./messages.js";

/**
 * What tells that the network is back, or that somebody looks: a page's `window` does.
 *
 * @typedef {EventTarget & { document?: EventTarget & { readonly visibilityState: string } }} Surroundings
 */

/**
 * What connections are made of.
 *
 * @typedef {object} Network
 * @property {string | undefined} url the server's address; without it this page's own
 * @property {typeof globalThis.WebSocket} WebSocket
 * @property {typeof globalThis.fetch} fetch
 * @property {Clock} clock
 * @property {() => number} random from 0 to 1
 * @property {Surroundings | undefined} window
 */

/**
 * What an attempt comes to, one of them.
 *
 * @typedef {object} Outcome
 * @property {(socket: WebSocket, welcome: Welcome) => void} welcomed
 * @property {(error: JoinError) => void} failed
 */

/**
 * Where a game is played.
 *
 * @param {string | undefined} url the server's address
 * @param {string} game
 * @param {Record<string, string | number | undefined>} query
 */
export function playAddress(url, game, query) {
  const address = new URL(`/play/${encodeURIComponent(game)}`, url || globalThis.location.href);
  address.protocol = address.protocol.replace("http", "ws");
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) {
      address.searchParams.set(key, String(value));
    }
  }
  return address.href;
}

/**
 * Opens a WebSocket and awaits the welcome.
 *
 * @param {string} address
 * @param {Pick<Network, "WebSocket" | "fetch">} network
 * @param {Outcome} outcome
 * @returns {(code: number) => void} ends the attempt, with a close code: nothing more comes of it
 */
export function dial(address, { WebSocket, fetch }, { welcomed, failed }) {
  const socket = new WebSocket(address, SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  const asking = new AbortController();
  let opened = false;
  let over = false;
  socket.addEventListener("open", () => (opened = true), { once: true });
  socket.addEventListener(
    "message",
    ({ data }) => {
      if (over) {
        return;
      }
      over = true;
      let welcome;
      try {
        welcome = firstMessage(new Uint8Array(data));
      } catch (error) {
        if (!(error instanceof DecodeError)) {
          throw error;
        }
        socket.close(CLOSE_MALFORMED);
        failed(new JoinError("malformed", error.message));
        return;
      }
      welcomed(socket, welcome);
    },
    { once: true },
  );
  socket.addEventListener(
    "close",
    async ({ reason }) => {
      if (over) {
        return;
      }
      const error = opened
        ? new JoinError("closed", reason || "the server closed the connection")
        : await refusal(address, fetch, asking.signal);
      if (!over) {
        over = true;
        failed(error);
      }
    },
    { once: true },
  );
  return (code) => {
    over = true;
    asking.abort();
    socket.close(code);
  };
}

/** @param {Uint8Array} message */
function firstMessage(message) {
  const welcome = readControl(message);
  if (welcome.type !== "welcome") {
    throw new DecodeError("malformed", `${welcome.type} before the welcome`);
  }
  return welcome;
}

/**
 * Why the server did not open a WebSocket. A browser does not tell, so ask again as plain HTTP.
 *
 * @param {string} address
 * @param {typeof globalThis.fetch} fetch
 * @param {AbortSignal} signal
 * @returns {Promise<JoinError>}
 */
async function refusal(address, fetch, signal) {
  try {
    const response = await fetch(address.replace("ws", "http"), { cache: "no-store", signal });
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
