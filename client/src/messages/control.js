/** Control messages: every message but snapshots, fragments and inputs. A byte 0, then bincode. */

/** @import { Welcome } from "./welcome.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_MESSAGE_BYTES } from "../base/limits.js";
import { BincodeReader, encodeU32 } from "../wire/bincode.js";
import { readWelcome } from "./welcome.js";

/** The WebSocket subprotocol of this version. */
export const SUBPROTOCOL = "drumline.1";

/** First byte of a control message, in both directions. */
export const KIND_CONTROL = 0;

/** @typedef {{ type: "event", tick: number, body: Uint8Array }} RoomEvent an event of the game, delivered exactly once */
/** @typedef {{ type: "latest", tick: number, body: Uint8Array }} Latest an event that may be dropped for a newer one */
/** @typedef {{ type: "pong", nonce: number, tick: number }} Pong the answer to a ping */

/**
 * The reason for the refusal of a command or chat message: too many commands are waiting, and this one is to be sent again under
 * its number; too many messages were sent lately; the text is too long; it is empty or has characters that are not allowed; the
 * game refuses it; the room has no chat; the player is in no team; the command was executed, but the reply is too large to send.
 *
 * @typedef {(typeof REFUSALS)[number]} Refused
 */

/**
 * The reply to a command or chat message: its bytes (empty for a chat message), or the reason for a refusal.
 *
 * @typedef {{ type: "reply", request: number, body?: Uint8Array, refused?: Refused }} Reply
 */

/** @typedef {(typeof CHANNELS)[number]} Channel the recipients of a chat message */

/**
 * A chat message from a player.
 *
 * @typedef {{ type: "chat", tick: number, player: number, name: string, channel: Channel, text: string }} Chat
 */

/** @typedef {{ type: "draining", seconds: number }} Draining the server stops in so many seconds */

/**
 * Players of the room: all of them if it is complete, else those who have changed.
 *
 * @typedef {{ type: "players", complete: boolean, players: ListedPlayer[] }} PlayerList
 */

/** @typedef {{ player: number, name: string, status: (typeof STATUSES)[number], bot: boolean }} ListedPlayer */

/** @typedef {{ type: "received", command: number }} Received commands and chat messages have been accepted up to this number */

/** @typedef {Welcome | RoomEvent | Pong | Reply | Chat | Draining | PlayerList | Received | Latest} ServerMessage */

/** Reasons for a refusal, by the index of the variant. */
const REFUSALS = /** @type {const} */ ([
  "too_many",
  "too_fast",
  "too_long",
  "bad_text",
  "not_allowed",
  "no_chat",
  "no_team",
  "too_large",
]);

const STATUSES = /** @type {const} */ (["connected", "away", "left"]);

const CHANNELS = /** @type {const} */ (["room", "team"]);

/** Readers of the messages, by the index of the variant. */
const READERS = [
  readWelcome,
  readEvent,
  readPong,
  readReply,
  readChat,
  readDraining,
  readPlayers,
  readReceived,
  readLatest,
];

/**
 * Reads a control message from the server.
 *
 * @internal
 * @param {Uint8Array} bytes
 * @returns {ServerMessage}
 */
export function readControl(bytes) {
  if (bytes[0] !== KIND_CONTROL) {
    throw new DecodeError("unknown_kind", String(bytes[0]));
  }
  if (bytes.length > MAX_MESSAGE_BYTES) {
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
 * Writes a ping. The server answers with a pong of the same nonce.
 *
 * @internal
 * @param {number} nonce
 */
export function writePing(nonce) {
  return Uint8Array.from([KIND_CONTROL, 0, ...encodeU32(nonce)]);
}

/**
 * Writes a message that reports a hash mismatch at a tick, and requests a keyframe.
 *
 * @internal
 * @param {number} tick
 */
export function writeResync(tick) {
  return Uint8Array.from([KIND_CONTROL, 1, ...encodeU32(tick)]);
}

/**
 * Writes an acknowledgement of a tick's snapshot. Inputs carry one too.
 *
 * @internal
 * @param {number} tick
 */
export function writeAck(tick) {
  return Uint8Array.from([KIND_CONTROL, 2, ...encodeU32(tick)]);
}

/**
 * Writes a command to the game.
 *
 * @internal
 * @param {number} request its number, which the reply carries
 * @param {boolean} reply true if a reply is wanted
 * @param {Uint8Array} body the command, encoded by its shape in the schema
 */
export function writeCommand(request, reply, body) {
  return Uint8Array.from([KIND_CONTROL, 3, ...encodeU32(request), Number(reply), ...encodeU32(body.length), ...body]);
}

/**
 * Writes a chat message.
 *
 * @internal
 * @param {number} request its number, which the reply carries
 * @param {boolean} reply true if a reply is wanted even if the message is accepted
 * @param {Channel} channel
 * @param {string} text
 */
export function writeChat(request, reply, channel, text) {
  const utf8 = new TextEncoder().encode(text);
  const to = CHANNELS.indexOf(channel);
  return Uint8Array.from([KIND_CONTROL, 4, ...encodeU32(request), Number(reply), to, ...encodeU32(utf8.length), ...utf8]);
}

/**
 * @param {BincodeReader} reader
 * @returns {RoomEvent}
 */
function readEvent(reader) {
  return { type: "event", tick: reader.u32(), body: reader.blob() };
}

/**
 * @param {BincodeReader} reader
 * @returns {Pong}
 */
function readPong(reader) {
  return { type: "pong", nonce: reader.u32(), tick: reader.u32() };
}

/**
 * @param {BincodeReader} reader
 * @returns {Reply}
 */
function readReply(reader) {
  const request = reader.u32();
  return pick(["done", "refused"], reader) === "done"
    ? { type: "reply", request, body: reader.blob() }
    : { type: "reply", request, refused: pick(REFUSALS, reader) };
}

/**
 * @param {BincodeReader} reader
 * @returns {Chat}
 */
function readChat(reader) {
  const [tick, player, name] = [reader.u32(), reader.u32(), reader.string()];
  return { type: "chat", tick, player, name, channel: pick(CHANNELS, reader), text: reader.string() };
}

/**
 * @param {BincodeReader} reader
 * @returns {Draining}
 */
function readDraining(reader) {
  return { type: "draining", seconds: reader.u32() };
}

/**
 * @param {BincodeReader} reader
 * @returns {PlayerList}
 */
function readPlayers(reader) {
  const complete = reader.bool();
  return { type: "players", complete, players: reader.list(readListed) };
}

/**
 * @param {BincodeReader} reader
 * @returns {ListedPlayer}
 */
function readListed(reader) {
  const [player, name] = [reader.u32(), reader.string()];
  return { player, name, status: pick(STATUSES, reader), bot: reader.bool() };
}

/**
 * @param {BincodeReader} reader
 * @returns {Received}
 */
function readReceived(reader) {
  return { type: "received", command: reader.u32() };
}

/**
 * @param {BincodeReader} reader
 * @returns {Latest}
 */
function readLatest(reader) {
  return { type: "latest", tick: reader.u32(), body: reader.blob() };
}

/**
 * Reads the index of a variant without fields, and returns the variant.
 *
 * @template T
 * @param {readonly T[]} variants
 * @param {BincodeReader} reader
 */
function pick(variants, reader) {
  const index = reader.u32();
  if (index >= variants.length) {
    throw new DecodeError("malformed", `no variant ${index}`);
  }
  return variants[index];
}
