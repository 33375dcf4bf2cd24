/**
 * What went wrong, in words for players.
 * @module
 */

/** The longest name the server takes, in bytes of UTF-8. */
const MAX_NAME_BYTES = 24;

/** @type {Readonly<Record<string, string>>} */
const REFUSALS = {
  room_full: "That room is full. Press Play to join any other room.",
  unknown_room: "There is no such room any more. Press Play to join any other room.",
  unknown_game: "This server does not run this game.",
  server_full: "The server is full right now. Please try again in a few minutes.",
  bad_name: "The server does not accept that name. Please choose another one.",
  schema_mismatch: "The game has been updated. Please reload the page.",
  wrong_subprotocol: "The game has been updated. Please reload the page.",
  connection_failed: "The server cannot be reached. Check your connection and try again.",
  closed: "The server ended the connection. Please try again.",
};

/** @type {Readonly<Record<number, string>>} */
const CLOSINGS = {
  1001: "The server is shutting down. It may be back in a minute.",
  1006: "The connection to the server broke off.",
  4002: "Your connection was too slow to keep up with the game.",
  4003: "The server did not hear from you for too long.",
  4004: "Your connection delivered its inputs too late for too long.",
  4005: "A newer connection has taken your place in the game.",
  4006: "Your place in the game has been given up.",
  4007: "An operator has ended your visit.",
  4008: "This room has been closed. Press Play to join another one.",
  4009: "Something went wrong in this room, and it had to be closed. Press Play to join another one.",
};

/** Why a lost connection could not come back. @type {Readonly<Record<string, string>>} */
const NO_WAY_BACK = {
  unknown_session: "The connection to the server broke off, and your place in the game has been given up.",
  expired: "The connection to the server broke off, and did not come back in time.",
  schema_mismatch: REFUSALS.schema_mismatch,
  wrong_subprotocol: REFUSALS.wrong_subprotocol,
};

/**
 * Why a room could not be joined.
 * @param {unknown} error
 */
export function describeRefusal(error) {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  return REFUSALS[code] ?? `Joining did not work: ${detail}.`;
}

/**
 * Whether another room might be joined.
 * @param {unknown} error
 */
export function isAboutRoom(error) {
  return ["room_full", "unknown_room"].includes(codeOf(error));
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * Why the game ended.
 * @param {{ code: number, reason: string, error?: unknown }} close
 */
export function describeClose({ code, reason, error }) {
  const other = reason ? `The server ended the connection: ${reason}.` : "The connection has ended.";
  return NO_WAY_BACK[codeOf(error)] ?? CLOSINGS[code] ?? other;
}

/**
 * What is wrong with a name; null if nothing is.
 * @param {string} name
 */
export function describeName(name) {
  if (name === "") return "Please enter a name.";
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) return "That name is too long. Please choose a shorter one.";
  return null;
}
