/** A server's API whose answers are the test's. */

/**
 * A request, as the server sees it.
 *
 * @typedef {object} Asked
 * @property {string} method
 * @property {URL} url
 * @property {Headers} headers
 * @property {any} body
 */

/** The ticket that {@link seat} gives. */
export const TICKET = "dGlja2V0.c2ln-_~";

/** Lets what has been promised come true. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/**
 * An answer in JSON.
 *
 * @param {number} status
 * @param {any} body
 * @param {Record<string, string>} [headers]
 */
export const answer = (status, body, headers) => new Response(JSON.stringify(body), { status, headers });

/**
 * A refusal.
 *
 * @param {number} status
 * @param {string} error
 * @param {Record<string, string>} [headers]
 */
export const refuse = (status, error, headers) => answer(status, { error, message: `${error}, in words` }, headers);

/**
 * A seat, in the room that was asked for.
 *
 * @param {Asked} asked
 */
export function seat({ url, body: { game, room = "k7m2pa" } }) {
  const address = new URL(`/play/${game}?room=${encodeURIComponent(room)}`, url).href.replace("http", "ws");
  return answer(200, { room, url: address, ticket: TICKET, expires_ms: 15_000 });
}

/** What a server says to a request for a WebSocket that is none. */
export const notUpgraded = () => refuse(426, "upgrade_required");

/** The API. */
export class FakeLobby {
  /** @type {Asked[]} Every request. */
  asked = [];
  /** @type {(asked: Asked) => Response | Promise<Response>} What it answers to requests of its own. */
  answer = seat;
  /** @type {(asked: Asked) => Response | Promise<Response>} What it answers about a handshake. */
  handshake = notUpgraded;

  /** @type {typeof globalThis.fetch} */
  fetch = async (address, init = {}) => {
    const { method = "GET", headers, body, signal } = init;
    const url = new URL(String(address));
    const asked = { method, url, headers: new Headers(headers), body: body ? JSON.parse(String(body)) : undefined };
    this.asked.push(asked);
    const response = await (url.pathname.startsWith("/play/") ? this.handshake(asked) : this.answer(asked));
    signal?.throwIfAborted();
    return response;
  };

  /** The newest request. */
  get last() {
    return this.asked[this.asked.length - 1];
  }
}
