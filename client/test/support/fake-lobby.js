/** A server's API without a network: the test decides its answers. */

/**
 * A request as the server receives it.
 *
 * @typedef {object} ApiRequest
 * @property {string} method
 * @property {URL} url
 * @property {Headers} headers
 * @property {any} body
 */

/** The ticket in the answers of {@link seat}. */
export const TICKET = "dGlja2V0.c2ln-_~";

/** Lets promises settle. */
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
 * A seat in the requested room.
 *
 * @param {ApiRequest} request
 */
export function seat({ url, body: { game, room = "k7m2pa" } }) {
  const address = new URL(`/play/${game}?room=${encodeURIComponent(room)}`, url).href.replace("http", "ws");
  return answer(200, { room, url: address, ticket: TICKET, expires_ms: 15_000 });
}

/** The answer to a plain GET of a WebSocket's address. */
export const notUpgraded = () => refuse(426, "upgrade_required");

/** The API. */
export class FakeLobby {
  /** @type {ApiRequest[]} Every request. */
  requests = [];
  /** @type {(request: ApiRequest) => Response | Promise<Response>} The answer to an API request. */
  answer = seat;
  /** @type {(request: ApiRequest) => Response | Promise<Response>} The answer to a repeated handshake. */
  handshake = notUpgraded;

  /** @type {typeof globalThis.fetch} */
  fetch = async (address, init = {}) => {
    const { method = "GET", headers, body, signal } = init;
    const url = new URL(String(address));
    const request = { method, url, headers: new Headers(headers), body: body ? JSON.parse(String(body)) : undefined };
    this.requests.push(request);
    const response = await (url.pathname.startsWith("/play/") ? this.handshake(request) : this.answer(request));
    signal?.throwIfAborted();
    return response;
  };

  /** The newest request. */
  get last() {
    return this.requests[this.requests.length - 1];
  }
}
