/**
 * What went wrong, in words for players.
 * @module
 */

/** The longest name the server takes, in bytes of UTF-8. */
const MAX_NAME_BYTES = 24;

/** @type {Readonly<Record<string, string>>} */
const REFUSALS = {
  room_full: "That room is full. Choose another one, or press Play to join any.",
  room_locked: "That room is locked: nobody can join it now. Choose another one, or press Play to join any.",
  unknown_room: "There is no such room any more. Choose another one, or press Play to join any.",
  unknown_code: "No room has that code. It may be mistyped, or the room is closed.",
  unknown_game: "This server does not run this game.",
  server_full: "The server is full right now. Please try again in a few minutes.",
  too_many_tickets: "Too many are about to join at once. Please try again in a moment.",
  draining: "The server is about to restart and takes no new players. Please try again in a minute.",
  overloaded: "The server has more to do than it can right now. Please try again soon.",
  too_many_joins: "Too many have joined from your network at once. Please wait a moment.",
  too_many_rooms: "Too many rooms have been opened from your network. Join one of them, or wait a while.",
  too_many_connections: "Too many are connected from your network already.",
  too_many_resumes: "Too many are coming back at once. Please wait a moment.",
  bad_name: "The server does not accept that name. Please choose another one.",
  bad_options: "The server does not make rooms like that. Please reload the page.",
  bad_ticket: "Joining took too long, and your seat was given up. Please try again.",
  ticket_required: "The game has been updated. Please reload the page.",
  unauthenticated: "You need to be signed in to play here.",
  wrong_origin: "This server does not take players from this page.",
  schema_mismatch: "The game has been updated. Please reload the page.",
  wrong_subprotocol: "The game has been updated. Please reload the page.",
  all_connections_taken: "The server is full right now. Please try again in a few minutes.",
  too_many_requests: "Your network asks for too much at once. Please try again in a minute.",
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
  4007: "An operator has sent you out of the room.",
  4008: "The room has been closed.",
  4009: "Something went wrong in the room, and it had to be closed. It is not your connection's fault.",
  4010: "Your page sent more than the server takes.",
  4011: "You did nothing for a long time, so your place was given to others.",
};

/** Closings after which the same room is no place to go back to. */
const OVER = [1001, 4007, 4008, 4009];

/** Why a lost connection could not come back. @type {Readonly<Record<string, string>>} */
const NO_WAY_BACK = {
  unknown_session: "The connection to the server broke off, and your place in the game has been given up.",
  expired: "The connection to the server broke off, and did not come back in time.",
  schema_mismatch: REFUSALS.schema_mismatch,
  wrong_subprotocol: REFUSALS.wrong_subprotocol,
};

/** Why nobody was told what a player said. @type {Readonly<Record<string, string>>} */
const UNSAID = {
  too_many: "Not sent: the one before is still on its way.",
  too_fast: "Not sent: that was too much at once. Wait a moment.",
  too_long: "Not sent: that is too long.",
  bad_text: "Not sent: it has characters that cannot be sent.",
  not_allowed: "Not sent: that is not allowed here.",
  no_chat: "Not sent: there is no chat here.",
  no_team: "Not sent: you have no team.",
};

/**
 * Why a room could not be joined.
 * @param {unknown} error
 */
export function describeRefusal(error) {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  return closingOf(error) ?? REFUSALS[code] ?? `Joining did not work: ${detail}.`;
}

/**
 * How the connection was closed before the game had begun, in words.
 * @param {any} error
 */
function closingOf(error) {
  return error?.close && CLOSINGS[error.close.code];
}

/**
 * After how many seconds the server would like to be asked again; 0 if it does not say.
 * @param {any} error
 * @returns {number}
 */
export function secondsToWait(error) {
  return error?.retryAfter ?? 0;
}

/**
 * Whether another room might be joined.
 * @param {unknown} error
 */
export function isAboutRoom(error) {
  return ["room_full", "room_locked", "unknown_room", "unknown_code"].includes(codeOf(error));
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
 * Whether the room is no place to go back to.
 * @param {{ code: number }} close
 */
export function isRoomOver({ code }) {
  return OVER.includes(code);
}

/**
 * Why nobody was told what the player said.
 * @param {unknown} error
 */
export function describeUnsaid(error) {
  return UNSAID[codeOf(error)] ?? "Not sent: the connection is lost.";
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
