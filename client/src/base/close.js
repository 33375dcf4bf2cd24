/** WebSocket close codes, and which of them end a session. */

/** The peer closed the connection on purpose. */
export const CLOSE_NORMAL = 1000;
/** The connection broke without a close frame. */
export const CLOSE_ABNORMAL = 1006;
/** The peer sent bytes that are no Drumline message. */
export const CLOSE_MALFORMED = 4001;
/** Nothing has been received from the peer for too long. It does not end the session: the client may resume. */
export const CLOSE_SILENT = 4003;
/** The game has refused the join. */
export const CLOSE_REFUSED = 4013;

/** Close codes after which the server holds no seat. docs/PROTOCOL.md lists them. */
const FINAL = new Set([
  CLOSE_NORMAL,
  1001, // the server shuts down
  1002, // invalid WebSocket bytes
  1003, // a text message
  1007, // the reason of a close frame that is not UTF-8
  1009, // a message that is too large
  CLOSE_MALFORMED,
  4004, // inputs out of their window
  4005, // a newer connection has taken the seat
  4006, // the session has ended
  4007, // an operator or the game has removed the player
  4008, // the room is closed
  4009, // the game has failed
  4010, // too many messages
  4011, // the player is idle
  4012, // the client's address or account is banned
  CLOSE_REFUSED,
]);

/**
 * How a connection ended.
 *
 * @typedef {object} Close
 * @property {number} code
 * @property {string} reason
 * @property {boolean} clean true if both sides sent a close frame
 */

/**
 * Returns true if a close code ends the session: there is no seat to resume.
 *
 * @param {number} code
 */
export function isFinal(code) {
  return FINAL.has(code);
}
