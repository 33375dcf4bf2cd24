/** The ways a connection ends, by their close codes. */

/** Goodbye. */
export const CLOSE_NORMAL = 1000;
/** The connection broke off without a word. */
export const CLOSE_ABNORMAL = 1006;
/** The peer's bytes are no Drumline messages. */
export const CLOSE_MALFORMED = 4001;
/** Nothing has been heard from the peer for too long. */
export const CLOSE_SILENT = 4003;

/**
 * The server's last words, after which it holds no seat: goodbye, shutting down, bytes that are not valid, text, a message
 * that is too big, one that is malformed, inputs out of their window, a newer connection that has taken the seat, a session
 * that has ended, an operator who has seen the player off, a room that is closed, one whose game has failed, a flood of messages,
 * and a player who does nothing.
 */
const FINAL = new Set([CLOSE_NORMAL, 1001, 1002, 1003, 1009, CLOSE_MALFORMED, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 4011]);

/**
 * How a connection has ended.
 *
 * @typedef {object} Close
 * @property {number} code
 * @property {string} reason
 * @property {boolean} clean whether both sides have said so
 */

/**
 * Whether there is no seat to come back to.
 *
 * @param {number} code
 */
export function isFinal(code) {
  return FINAL.has(code);
}
