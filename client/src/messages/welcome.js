/** The welcome: the first message of a connection. */

/** @import { Schema } from "../schema/schema.js" */
/** @import { BincodeReader } from "../wire/bincode.js" */

import { DecodeError } from "../base/errors.js";
import { formatHash, readSchema, schemaHash } from "../schema/schema.js";

/** The protocol's version. */
export const PROTOCOL_VERSION = 1;

/** The characters of a session token: those of a subprotocol's name, as a part of which it is sent. */
const SESSION = /^[\w.~-]{0,512}$/;

/**
 * The first message of a connection.
 *
 * @typedef {object} Welcome
 * @property {"welcome"} type
 * @property {string} game
 * @property {string} room the room's id
 * @property {string} mode the mode of the game; empty if it has none
 * @property {number} player the number of the client's player, which no other player of the room has
 * @property {boolean} spectator true if the client watches without a seat
 * @property {number} maxPlayers seats in the room
 * @property {number} tickRateHz ticks a second
 * @property {number} tick the room's tick now
 * @property {string} session the token that resumes the session after this connection is lost; empty for a spectator
 * @property {number} resumeSeconds seconds for which the seat is then held; 0 if the session cannot be resumed
 * @property {number} reloadSeconds the same after the page has gone away
 * @property {boolean} chat true if players may chat
 * @property {number[]} presses the counts of presses in the seat's newest input, in the order of the input's fields
 * @property {number} epoch the room's life between two restores. In another one than before the marks below replace the client's
 * @property {number} lastInput the highest number of an input that the server has of the seat; 0 if none
 * @property {number} lastCommand the highest number of a command or chat message that it has accepted of the seat; 0 if none
 * @property {number} nextMessage the number of the first event or reply on this connection
 * @property {string} schemaHash 16 hex digits
 * @property {Schema} schema
 */

/**
 * Reads a welcome.
 *
 * @internal
 * @param {BincodeReader} reader
 * @returns {Welcome}
 */
export function readWelcome(reader) {
  const protocol = reader.u32();
  if (protocol !== PROTOCOL_VERSION) {
    throw new DecodeError("malformed", `protocol ${protocol} instead of ${PROTOCOL_VERSION}`);
  }
  const place = { game: reader.string(), room: reader.string(), mode: reader.string() };
  const seat = { player: reader.u32(), spectator: reader.bool(), maxPlayers: reader.u16() };
  const time = { tickRateHz: reader.u32(), tick: reader.u32() };
  if (time.tickRateHz === 0) {
    throw new DecodeError("malformed", "a room that does not tick");
  }
  const session = reader.string();
  if (!SESSION.test(session)) {
    throw new DecodeError("malformed", "the session token has other characters than a subprotocol may have");
  }
  const held = { session, resumeSeconds: reader.u16(), reloadSeconds: reader.u16() };
  const chat = reader.bool();
  const presses = reader.list((reader) => reader.u32());
  const [epoch, lastInput, lastCommand, nextMessage] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  const marks = { epoch, lastInput, lastCommand, nextMessage };
  const hash = formatHash(reader.u64());
  // The schema is the rest of the message, so the rest is what the hash is of.
  if (schemaHash(reader.rest()) !== hash) {
    throw new DecodeError("bad_schema", "its hash is not the one announced");
  }
  const schema = readSchema(reader);
  return { type: "welcome", ...place, ...seat, ...time, ...held, chat, presses, ...marks, schemaHash: hash, schema };
}
