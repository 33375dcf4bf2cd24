/** One attempt to open a connection: it ends with the welcome, or with the reason why there is none. */

/** @import { Close } from "../base/close.js" */
/** @import { Clock } from "../base/timers.js" */
/** @import { Endpoint } from "../lobby/lobby.js" */
/** @import { Welcome } from "../messages/welcome.js" */
/** @import { WindowEvents } from "./page.js" */
/** @import { SessionSlot } from "./session-store.js" */

import { CLOSE_MALFORMED, CLOSE_REFUSED } from "../base/close.js";
import { DecodeError, JoinError } from "../base/errors.js";
import { refusalOf } from "../lobby/refusal.js";
import { readControl } from "../messages/control.js";

/**
 * The means of making connections. Tests pass their own.
 *
 * @typedef {object} Network
 * @property {string} url the address of the server that the room is on
 * @property {typeof globalThis.WebSocket} WebSocket
 * @property {typeof globalThis.fetch} fetch
 * @property {Clock} clock
 * @property {() => number} random from 0 to 1
 * @property {WindowEvents | undefined} window
 * @property {SessionSlot} [slot] where the session is stored, if it is
 */

/**
 * The handlers of an attempt's outcome. One of them is called, once.
 *
 * @typedef {object} Outcome
 * @property {(socket: WebSocket, welcome: Welcome) => void} welcomed
 * @property {(error: JoinError) => void} failed
 */

/**
 * The address at which a game is played.
 *
 * @internal
 * @param {string} url the server's address, `ws(s)://…`
 * @param {string} game
 * @param {Record<string, string | number | undefined>} query
 */
export function playAddress(url, game, query) {
  const address = new URL(`/play/${encodeURIComponent(game)}`, url);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) {
      address.searchParams.set(key, String(value));
    }
  }
  return address.href;
}

/**
 * Opens a WebSocket and waits for the welcome.
 *
 * @internal
 * @param {Endpoint} endpoint
 * @param {Pick<Network, "WebSocket" | "fetch">} network
 * @param {Outcome} outcome
 * @returns {(code: number) => void} cancels the attempt, with a close code: no handler is called any more
 */
export function dial(endpoint, { WebSocket, fetch }, { welcomed, failed }) {
  const socket = new WebSocket(endpoint.address, endpoint.protocols);
  socket.binaryType = "arraybuffer";
  const probe = new AbortController();
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
    async ({ code, reason, wasClean }) => {
      if (over) {
        return;
      }
      const close = { code, reason, clean: wasClean };
      const error = opened ? errorOf(close) : await refusal(endpoint, fetch, probe.signal);
      if (!over) {
        over = true;
        failed(error);
      }
    },
    { once: true },
  );
  return (code) => {
    over = true;
    probe.abort();
    socket.close(code);
  };
}

/**
 * The error of a join whose connection was closed.
 *
 * @internal
 * @param {Close} close
 */
export function errorOf(close) {
  const code = close.code === CLOSE_REFUSED ? "refused" : "closed";
  return new JoinError(code, close.reason || "the server closed the connection", { close });
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
 * Finds out why the server refused a WebSocket. Browsers hide the answer to a failed handshake, so the request is repeated as a
 * plain GET, which runs through the same checks without taking a seat. The subprotocols go into a header of their own, because
 * pages may not set that of WebSockets.
 *
 * @param {Endpoint} endpoint
 * @param {typeof globalThis.fetch} fetch
 * @param {AbortSignal} signal
 * @returns {Promise<JoinError>}
 */
async function refusal({ address, protocols }, fetch, signal) {
  try {
    const headers = { "drumline-protocol": protocols.join(", ") };
    const response = await fetch(address.replace("ws", "http"), { headers, cache: "no-store", signal });
    const refused = refusalOf(response, await response.json());
    // "upgrade_required" means that only the upgrade was missing: the server would have accepted the handshake.
    if (refused !== undefined && refused.code !== "upgrade_required") {
      return refused;
    }
  } catch {
    // The server cannot be reached, or is no Drumline server.
  }
  return new JoinError("connection_failed", "could not open a WebSocket");
}
