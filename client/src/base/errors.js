/** Error types, and the text of each error code. */

/** @import { Close } from "./close.js" */

/** The server sent bytes that are not a valid message. */
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
  trailing_bits: "the message has bytes after its end",
  not_canonical: "the bytes are not the encoding of any message",
  no_such_context: "a prior belongs to no context of this schema",
  number_too_long: "a number is too long for its type",
  value_out_of_range: "a value is out of its field's range",
  no_such_entity: "a despawn names an entity that does not exist",
  bad_list: "the change of a list does not fit the list",
  frame_too_large: "the frame is larger than the limit",
  bad_slot: "a spawn names a slot that is taken or beyond the limit",
  unknown_kind: "unknown message kind",
  no_baseline: "a delta refers to a frame that the client does not have",
  malformed: "malformed control message",
  bad_snapshot: "the snapshot contradicts itself or the list of areas",
  bad_schema: "the schema is not valid",
};

/** @typedef {keyof typeof DECODE_ERRORS} DecodeErrorCode */

/** A decoded frame differs from the server's. Request a keyframe; until it arrives, the mirror refuses deltas. */
export class HashMismatch extends Error {
  /**
   * @param {number} tick the snapshot's tick
   * @param {number} server the hash that the snapshot carried
   * @param {number} mirror the hash of the decoded frame
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
 * Details of a refusal.
 *
 * @typedef {object} JoinErrorDetails
 * @property {number} [status]
 * @property {number} [retryAfter]
 * @property {Close} [close]
 * @property {string} [field]
 */

/** Joining, listing or creating a room failed, or a lost session could not be resumed. */
export class JoinError extends Error {
  /** The HTTP status of the server's refusal. @type {number | undefined} */
  status;
  /** Seconds after which the request may succeed, if the server sent them. @type {number | undefined} */
  retryAfter;
  /** How the connection was closed, if it had been open. @type {Close | undefined} */
  close;
  /** The path of the wrong join option, such as `loadout.weapon`; empty for the options as a whole. @type {string | undefined} */
  field;

  /**
   * @param {string} code the server's error code, or `refused` by the game, `connection_failed`, `closed`, `malformed`,
   *   `schema_mismatch`, `expired`
   * @param {string} message
   * @param {JoinErrorDetails} [details]
   */
  constructor(code, message, { status, retryAfter, close, field } = {}) {
    super(message);
    this.name = "JoinError";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.close = close;
    this.field = field;
  }
}

/** A command or chat message was refused, or its reply did not arrive in time. After a `timeout` it may still be executed. */
export class RequestError extends Error {
  /** @param {RequestErrorCode} code */
  constructor(code) {
    super(REQUEST_ERRORS[code]);
    this.name = "RequestError";
    this.code = code;
  }
}

const REQUEST_ERRORS = {
  timeout: "no reply arrived in time; the command may be executed yet",
  closed: "the room ended before the reply arrived",
  too_large: "the command, or the reply to it, is too large",
  too_many: "too many commands are waiting",
  too_fast: "too many messages in a short time",
  too_long: "the message is too long",
  bad_text: "the message is empty or has characters that are not allowed",
  not_allowed: "the message is not allowed",
  no_chat: "there is no chat in this room",
  no_team: "the player is in no team",
};

/** @typedef {keyof typeof REQUEST_ERRORS} RequestErrorCode */

/** The description of a simulated network cannot be parsed. */
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
  unknown_part: "unknown network setting",
  repeated_part: "network setting given twice",
  bad_value: "invalid network setting",
};

/** @typedef {keyof typeof NETWORK_ERRORS} NetworkErrorCode */
