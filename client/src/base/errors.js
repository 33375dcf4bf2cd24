/** What can go wrong, as types. */

/** @import { Close } from "./close.js" */

/** Bytes from the server are not a valid message. */
export class DecodeError extends Error {
  /**
   * @param {DecodeErrorCode} code
   * @param {string} [detail]
   */
  constructor(code, detail) {
    super(detail === undefined ? DECODE_ERRORS[code] : `${DECODE_ERRORS[code]}: ${detail}`);
    this.name = "DecodeError";
    this.code = code;
  }
}

const DECODE_ERRORS = {
  truncated: "the message ends early",
  trailing_bits: "the message goes on after its end",
  not_canonical: "the bytes are no code of any message",
  no_such_context: "a prior belongs to no context of this schema",
  number_too_long: "a number is too long for its type",
  value_out_of_range: "a value is out of its field's range",
  no_such_entity: "a despawn names an entity that does not exist",
  frame_too_large: "the frame is larger than any that may be sent",
  bad_slot: "a spawn names a slot that is taken or beyond the limit",
  unknown_kind: "unknown message kind",
  no_baseline: "a delta refers to a frame that is not there",
  malformed: "malformed control message",
  bad_snapshot: "the snapshot does not fit the list of areas, or itself",
  bad_schema: "the schema cannot be used",
};

/** @typedef {keyof typeof DECODE_ERRORS} DecodeErrorCode */

/** A decoded frame is not the server's. Ask for a keyframe; until it comes, deltas are refused. */
export class HashMismatch extends Error {
  /**
   * @param {number} tick the snapshot's tick
   * @param {number} server the hash that the snapshot carried
   * @param {number} mirror the hash of what was decoded
   */
  constructor(tick, server, mirror) {
    super(`tick ${tick}: the mirror's hash is ${mirror.toString(16)}, the server's ${server.toString(16)}`);
    this.name = "HashMismatch";
    this.tick = tick;
    this.server = server;
    this.mirror = mirror;
  }
}

/**
 * What else is known of a refusal.
 *
 * @typedef {object} JoinErrorDetails
 * @property {number} [status]
 * @property {number} [retryAfter]
 * @property {Close} [close]
 */

/** A room could not be joined, listed or opened, or a lost seat in it not be taken up again. */
export class JoinError extends Error {
  /** The HTTP status of the server's refusal. @type {number | undefined} */
  status;
  /** After how many seconds it may work, if the server says so. @type {number | undefined} */
  retryAfter;
  /** How the connection was closed, if it was open already. @type {Close | undefined} */
  close;

  /**
   * @param {string} code the server's word for it, or `connection_failed`, `closed`, `malformed`, `schema_mismatch`, `expired`
   * @param {string} message
   * @param {JoinErrorDetails} [details]
   */
  constructor(code, message, { status, retryAfter, close } = {}) {
    super(message);
    this.name = "JoinError";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.close = close;
  }
}

/** Nothing has come of a command or of a chat message, or not in time. */
export class RequestError extends Error {
  /** @param {RequestErrorCode} code */
  constructor(code) {
    super(REQUEST_ERRORS[code]);
    this.name = "RequestError";
    this.code = code;
  }
}

const REQUEST_ERRORS = {
  timeout: "no answer came in time; whether the command was carried out is not known",
  lost: "the connection was lost before the answer came; whether the command was carried out is not known",
  closed: "the room was left before the answer came",
  not_connected: "there is no connection to the room now: nothing was sent",
  too_large: "the command is too large to be sent",
  too_many: "too many commands wait for their answers",
  too_fast: "too many messages in a short time",
  too_long: "the message is too long",
  bad_text: "the message is empty or has characters that are not allowed",
  not_allowed: "the message is not allowed",
  no_chat: "there is no chat in this room",
  no_team: "there is no team to talk to",
};

/** @typedef {keyof typeof REQUEST_ERRORS} RequestErrorCode */

/** A simulated network's description cannot be read. */
export class NetworkError extends Error {
  /**
   * @param {NetworkErrorCode} code
   * @param {string} detail
   */
  constructor(code, detail) {
    super(`${NETWORK_ERRORS[code]}: ${detail}`);
    this.name = "NetworkError";
    this.code = code;
  }
}

const NETWORK_ERRORS = {
  unknown_part: "a network has no such part",
  repeated_part: "a network has each part once",
  bad_value: "a network's part cannot be read",
};

/** @typedef {keyof typeof NETWORK_ERRORS} NetworkErrorCode */
