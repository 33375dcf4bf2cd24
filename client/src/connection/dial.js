/** One attempt at opening a connection: up to its first message, or to what is in the way. */

/** @import { Clock } from "../base/timers.js" */
/** @import { Door } from "../lobby/lobby.js" */
/** @import { Welcome } from "../messages/control.js" */

import { CLOSE_MALFORMED } from "../base/close.js";
import { DecodeError, JoinError } from "../base/errors.js";
import { refusalOf } from "../lobby/refusal.js";
import { readControl } from "../messages/control.js";

/**
 * What tells that the network is back, or that somebody looks: a page's `window` does.
 *
 * @typedef {EventTarget & { document?: EventTarget & { readonly visibilityState: string } }} Surroundings
 */

/**
 * What connections are made of.
 *
 * @typedef {object} Network
 * @property {string} url the address of the server that the room is on
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
 * Opens a WebSocket and awaits the welcome.
 *
 * @param {Door} door
 * @param {Pick<Network, "WebSocket" | "fetch">} network
 * @param {Outcome} outcome
 * @returns {(code: number) => void} ends the attempt, with a close code: nothing more comes of it
 */
export function dial(door, { WebSocket, fetch }, { welcomed, failed }) {
  const socket = new WebSocket(door.address, door.protocols);
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
    async ({ code, reason, wasClean }) => {
      if (over) {
        return;
      }
      const close = { code, reason, clean: wasClean };
      const error = opened
        ? new JoinError("closed", reason || "the server closed the connection", { close })
        : await refusal(door, fetch, asking.signal);
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
 * Why the server did not open a WebSocket. A browser does not tell, so ask again as plain HTTP, with the same subprotocols: in a
 * header of their own, for that of WebSockets no page may set.
 *
 * @param {Door} door
 * @param {typeof globalThis.fetch} fetch
 * @param {AbortSignal} signal
 * @returns {Promise<JoinError>}
 */
async function refusal({ address, protocols }, fetch, signal) {
  try {
    const headers = { "drumline-protocol": protocols.join(", ") };
    const response = await fetch(address.replace("ws", "http"), { headers, cache: "no-store", signal });
    const refused = refusalOf(response, await response.json());
    // That an upgrade is required is all that is wrong with this request: the server would have let us in.
    if (refused !== undefined && refused.code !== "upgrade_required") {
      return refused;
    }
  } catch {
    // Not reachable, or not a Drumline server.
  }
  return new JoinError("connection_failed", "could not open a WebSocket");
}
