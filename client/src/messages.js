/** Control messages: everything but snapshots and inputs. A byte 0, then bincode. */

/** @import { Schema } from "./schema.js" */

import { BincodeReader, encodeU32 } from "./bincode.js";
import { DecodeError } from "./errors.js";
import { MAX_CONTROL_BYTES } from "./limits.js";
import { formatHash, readSchema, schemaHash } from "./schema.js";

/** The protocol's version, in the welcome. */
export const PROTOCOL_VERSION = 1;

/** The WebSocket subprotocol of this version. */
export const SUBPROTOCOL = "drumline.1";

/** First byte of a control message, both ways. */
export const KIND_CONTROL = 0;

/**
 * The first message of a connection: what a client needs before the first snapshot.
 *
 * @typedef {object} Welcome
 * @property {"welcome"} type
 * @property {string} game
 * @property {string} room the room's id
 * @property {number} player the client's seat in the room
 * @property {number} maxPlayers seats in the room
 * @property {number} tickRateHz ticks a second
 * @property {number} tick the room's tick now
 * @property {string} session 32 hex digits: with them the seat can be taken up again once this connection is lost
 * @property {number} resumeSeconds for how long the seat is then held
 * @property {string} schemaHash 16 hex digits
 * @property {Schema} schema
 */

/** @typedef {{ type: "event", tick: number, name: string, text: string }} RoomEvent something that happened in the room */
/** @typedef {{ type: "pong", nonce: number, tick: number }} Pong the answer to a ping */

/** Bytes of a session's token. */
const SESSION_BYTES = 16;

/** The messages, in the order of their positions. */
const READERS = [readWelcome, readEvent, readPong];

/**
 * Reads a control message from the server.
 *
 * @param {Uint8Array} bytes
 * @returns {Welcome | RoomEvent | Pong}
 */
export function readControl(bytes) {
  if (bytes[0] !== KIND_CONTROL) {
    throw new DecodeError("unknown_kind", String(bytes[0]));
  }
  if (bytes.length > MAX_CONTROL_BYTES) {
    throw new DecodeError("malformed", "too long");
  }
  const reader = new BincodeReader(bytes.subarray(1));
  const variant = reader.u32();
  if (variant >= READERS.length) {
    throw new DecodeError("malformed", `no message ${variant}`);
  }
  const message = READERS[variant](reader);
  reader.finish();
  return message;
}

/**
 * A message that asks for a pong with the same nonce.
 *
 * @param {number} nonce
 */
export function writePing(nonce) {
  return Uint8Array.from([KIND_CONTROL, 0, ...encodeU32(nonce)]);
}

/**
 * A message that reports a hash mismatch on a tick, and asks for a keyframe.
 *
 * @param {number} tick
 */
export function writeResync(tick) {
  return Uint8Array.from([KIND_CONTROL, 1, ...encodeU32(tick)]);
}

/**
 * A message that acknowledges a tick's snapshot, as inputs do too.
 *
 * @param {number} tick
 */
export function writeAck(tick) {
  return Uint8Array.from([KIND_CONTROL, 2, ...encodeU32(tick)]);
}

/**
 * @param {BincodeReader} reader
 * @returns {Welcome}
 */
function readWelcome(reader) {
  const protocol = reader.u32();
  if (protocol !== PROTOCOL_VERSION) {
    throw new DecodeError("malformed", `protocol ${protocol} instead of ${PROTOCOL_VERSION}`);
  }
  const game = reader.string();
  const room = reader.string();
  const player = reader.u16();
  const maxPlayers = reader.u16();
  const tickRateHz = reader.u32();
  if (tickRateHz === 0) {
    throw new DecodeError("malformed", "a room that does not tick");
  }
  const tick = reader.u32();
  const session = Array.from(reader.bytes(SESSION_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const resumeSeconds = reader.u16();
  const hash = formatHash(reader.u64());
  // The schema is all that is left, so its bytes are at hand for its hash.
  if (schemaHash(reader.rest()) !== hash) {
    throw new DecodeError("bad_schema", "its hash is not the one announced");
  }
  const schema = readSchema(reader);
  const place = { game, room, player, maxPlayers, tickRateHz, tick, session, resumeSeconds };
  return { type: "welcome", ...place, schemaHash: hash, schema };
}

/**
 * @param {BincodeReader} reader
 * @returns {RoomEvent}
 */
function readEvent(reader) {
  return { type: "event", tick: reader.u32(), name: reader.string(), text: reader.string() };
}

/**
 * @param {BincodeReader} reader
 * @returns {Pong}
 */
function readPong(reader) {
  return { type: "pong", nonce: reader.u32(), tick: reader.u32() };
}
