/** Refusals of the server over HTTP, as errors. */

import { JoinError } from "../base/errors.js";

/**
 * The refusal in a response; undefined if its body has no error code.
 *
 * @param {Response} response
 * @param {any} body
 * @returns {JoinError | undefined}
 */
export function refusalOf({ status, headers }, body) {
  if (typeof body?.error !== "string") {
    return undefined;
  }
  const field = typeof body.field === "string" ? body.field : undefined;
  const retryAfter = secondsOf(headers.get("retry-after"));
  return new JoinError(body.error, String(body.message), { status, retryAfter, field });
}

/**
 * Parses the seconds of a `Retry-After` header.
 *
 * @param {string | null} text
 */
function secondsOf(text) {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
