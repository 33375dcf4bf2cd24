/** The protocol's limits, as far as a client enforces them. */

/** Tables in a world. */
export const MAX_TABLES = 64;

/** Columns (quantized integers) in one row of a table's part, or in an input. */
export const MAX_COLUMNS = 1024;

/** Contexts of a schema's deltas (see codec/contexts.js). It allows about 1,800 columns of numbers. */
export const MAX_CONTEXTS = 2 ** 18;

/** Live entities in one table, and slots of a table. */
export const MAX_ENTITIES = 65_536;

/** Areas that a client sees at once. */
export const MAX_AREAS = 4096;

/**
 * Columns of all rows of all areas of a mirror together; a row without columns counts as one. The size of a message does not
 * bound them, since a row that is exactly as predicted takes next to no bytes.
 */
export const MAX_FRAME_COLUMNS = 2 ** 22;

/** Bytes of a string field. */
export const MAX_TEXT_BYTES = 1024;

/** Values of a list field. */
export const MAX_LIST_LENGTH = 255;

/** Depth to which fields may be nested in fields. */
export const MAX_FIELD_DEPTH = 8;

/** Seats of a room. */
export const MAX_PLAYERS = 1024;

/** The generation of a player counts this much in the player's number; the seat is the rest. */
export const PLAYER_GENERATION = 2048;

/** The last generation of a player. */
export const MAX_PLAYER_GENERATION = 2 ** 21 - 1;

/** Bytes of one control message that is not fragmented. The largest is the welcome, which holds the schema. */
export const MAX_CONTROL_BYTES = 64 * 1024;

/** Bytes of one control message that is sent in fragments. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** Bytes of a command. */
export const MAX_COMMAND_BYTES = 4096 - 16;

/** Shapes in a schema. */
export const MAX_SHAPES = 1024;

/** Depth to which the shape of a message may be nested. */
export const MAX_SHAPE_DEPTH = 16;

/** Shapes in the shape of a message, with every use of a shared shape counted. It bounds a message's values outside of lists. */
export const MAX_SHAPE_PARTS = 4096;

/** Items of a fixed-size array in a message. A list may be longer. */
export const MAX_ARRAY_LENGTH = 1024;

/** Below this rate the limits that mean a time do not shrink, in ticks. */
const LEAST_RATE_HZ = 30;

/**
 * Ticks for which the server repeats a player's last input when no input arrives, half a second. After that it uses the neutral
 * input.
 *
 * @param {number} tickRateHz
 */
export function repeatTicks(tickRateHz) {
  return Math.floor(Math.max(tickRateHz, LEAST_RATE_HZ) / 2);
}

/**
 * Ticks that a frame may be older than a frame that is a delta to it, a second.
 *
 * @param {number} tickRateHz
 */
export function baselineTicks(tickRateHz) {
  return Math.max(tickRateHz, LEAST_RATE_HZ) + 1;
}
