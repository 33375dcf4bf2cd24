/**
 * Texts for players, for everything that can go wrong: joining, the connection, chat and names.
 * @module
 */

/** The longest name that the server accepts, in characters as people count them, and in bytes of UTF-8. */
const MAX_NAME_CHARACTERS = 24;
const MAX_NAME_BYTES = 96;

/** Refusals to join, by code. @type {Readonly<Record<string, string>>} */
const REFUSALS = {
  room_full: "That room is full. Choose another one, or press Play to join any room.",
  room_locked: "That room is locked. Choose another one, or press Play to join any room.",
  unknown_room: "That room was not found. It may have closed. Choose another one, or press Play to join any room.",
  unknown_code: "No room has that code. Check the code; the room may have closed.",
  unknown_game: "This server does not run this game.",
  server_full: "The server is full. Please try again in a few minutes.",
  too_many_tickets: "Too many players are joining at once. Please try again in a moment.",
  draining: "The server is about to restart and takes no new players. Please try again in a minute.",
  overloaded: "The server is overloaded. Please try again soon.",
  too_many_joins: "Too many players are joining from your network. Please wait a moment.",
  too_many_rooms: "Too many rooms were opened from your network. Join one of them, or try again later.",
  too_many_connections: "There are too many connections from your network.",
  too_many_resumes: "Too many players are reconnecting at once. Please wait a moment.",
  bad_name: "That name has characters that nobody could see or read. Please choose another one.",
  bad_options: "The server does not offer rooms with these options. Please reload the page.",
  bad_join_options: "The server does not know what this page has chosen for you. Please reload the page.",
  no_spectators: "That room cannot be watched.",
  too_many_spectators: "That room has as many spectators as it may have. Please try again later.",
  bad_ticket: "Joining took too long, and your seat was released. Please try again.",
  ticket_required: "The game has been updated. Please reload the page.",
  unauthenticated: "You need to sign in to play here.",
  wrong_origin: "This server does not accept players from this page.",
  schema_mismatch: "The game has been updated. Please reload the page.",
  wrong_subprotocol: "The game has been updated. Please reload the page.",
  all_connections_taken: "The server is full. Please try again in a few minutes.",
  too_many_requests: "There were too many requests from your network. Please try again in a minute.",
  connection_failed: "The server cannot be reached. Check your connection and try again.",
  closed: "The server closed the connection. Please try again.",
};

/** The close codes of a player who was removed, and of one who is banned, and the text to which the reason is added. */
const REMOVALS = /** @type {Readonly<Record<number, string>>} */ ({
  4007: "You were removed from the room",
  4012: "You are banned",
});

/** Ends of a game, by close code. @type {Readonly<Record<number, string>>} */
const CLOSINGS = {
  1001: "The server is shutting down. It may be back in a minute.",
  1006: "The connection to the server was lost.",
  4002: "Your connection was too slow for the game.",
  4003: "The server received nothing from you for too long.",
  4004: "Your inputs arrived too late for too long.",
  4005: "Your game goes on in another tab or window, which has taken over your seat.",
  4006: "Your seat has been released.",
  4008: "The room was closed.",
  4009: "The room failed and was closed. Your connection was not the cause.",
  4010: "Your page sent more than the server accepts.",
  4011: "You were removed because you did nothing for a long time.",
};

/** Titles of the ends that are no lost connection, by close code. @type {Readonly<Record<number, string>>} */
const TITLES = {
  4005: "Moved to another tab",
  4007: "Removed from the room",
  4008: "Room closed",
  4009: "Room closed",
  4011: "Removed from the room",
  4012: "Removed from the room",
};

/** Close codes after which the same room cannot be joined again. */
const ROOM_OVER = [1001, 4007, 4008, 4009, 4012];

/** Reasons why a lost connection could not be resumed. @type {Readonly<Record<string, string>>} */
const RESUME_FAILURES = {
  unknown_session: "You were away for too long, and your seat has been released. You can join again at once.",
  expired: "The connection to the server was lost and could not be restored in time.",
  schema_mismatch: REFUSALS.schema_mismatch,
  wrong_subprotocol: REFUSALS.wrong_subprotocol,
};

/** Reasons why a chat message was not sent. @type {Readonly<Record<string, string>>} */
const CHAT_ERRORS = {
  timeout: "The connection is lost. Your message will be sent when it is back.",
  too_many: "Not sent: your previous messages are still on their way.",
  too_fast: "Not sent: you are sending too fast. Wait a moment.",
  too_long: "Not sent: the message is too long.",
  bad_text: "Not sent: the message has characters that are not allowed.",
  not_allowed: "Not sent: this message is not allowed here.",
  no_chat: "Not sent: this room has no chat.",
  no_team: "Not sent: you have no team.",
};

/**
 * Describes why a room could not be joined.
 * @param {unknown} error
 */
export function describeRefusal(error) {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  // The server's message has the operator's reason, and the time until the ban's end.
  if (code === "banned") return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
  if (code === "refused") return `The game did not let you in: ${detail}.`;
  return closingOf(error) ?? REFUSALS[code] ?? `Could not join: ${detail}.`;
}

/**
 * Describes why the connection was closed before the game had begun; undefined if it was not, or for an unknown code.
 * @param {any} error
 */
function closingOf(error) {
  return error?.close && (removalOf(error.close) ?? CLOSINGS[error.close.code]);
}

/**
 * Describes why the player was removed; undefined for another end.
 * @param {{ code: number, reason: string }} close
 */
function removalOf({ code, reason }) {
  const text = REMOVALS[code];
  return text && `${text}${reason ? `: ${reason}` : ""}.`;
}

/**
 * The number of seconds after which the server allows another attempt; 0 if it gives none.
 * @param {any} error
 * @returns {number}
 */
export function secondsToWait(error) {
  return error?.retryAfter ?? 0;
}

/**
 * Returns true if the refusal concerns one room, so that another one might be joined.
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
 * Describes why the game ended.
 * @param {{ code: number, reason: string, error?: unknown }} close
 */
export function describeClose({ code, reason, error }) {
  const other = reason ? `The server closed the connection: ${reason}.` : "The connection was closed.";
  return RESUME_FAILURES[codeOf(error)] ?? removalOf({ code, reason }) ?? CLOSINGS[code] ?? other;
}

/**
 * The title for the end of a game.
 * @param {{ code: number, error?: unknown }} close
 */
export function titleOfClose({ code, error }) {
  return codeOf(error) === "unknown_session" ? "You were away" : (TITLES[code] ?? "Connection lost");
}

/**
 * Returns true if the same room cannot be joined again.
 * @param {{ code: number }} close
 */
export function isRoomOver({ code }) {
  return ROOM_OVER.includes(code);
}

/**
 * Describes why a chat message was not sent.
 * @param {unknown} error
 */
export function describeChatError(error) {
  return CHAT_ERRORS[codeOf(error)] ?? "Not sent: the connection is lost.";
}

/**
 * Returns true if a chat message that was not confirmed is yet to be sent.
 * @param {unknown} error
 */
export function isSentLater(error) {
  return codeOf(error) === "timeout";
}

/**
 * Describes what is wrong with the length of a name; null if nothing is. The server also checks the characters.
 * @param {string} name
 */
export function describeName(name) {
  const shown = name.trim().replace(/\s+/gu, " ").normalize("NFC");
  if (shown === "") return "Please enter a name.";
  const characters = [...new Intl.Segmenter().segment(shown)].length;
  const bytes = new TextEncoder().encode(shown).length;
  if (characters > MAX_NAME_CHARACTERS || bytes > MAX_NAME_BYTES) return "That name is too long. Please choose a shorter one.";
  return null;
}
