/** What a server says when it refuses something over HTTP. */

import { JoinError } from "../base/errors.js";

/**
 * The server's own word, if the body of its answer has one.
 *
 * @param {Response} response
 * @param {any} body
 * @returns {JoinError | undefined}
 */
export function refusalOf({ status, headers }, body) {
  if (typeof body?.error !== "string") {
    return undefined;
  }
  return new JoinError(body.error, String(body.message), { status, retryAfter: secondsOf(headers.get("retry-after")) });
}

/**
 * Seconds as `Retry-After` has them.
 *
 * @param {string | null} text
 */
function secondsOf(text) {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
