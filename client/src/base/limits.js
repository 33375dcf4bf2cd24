/** The protocol's maxima, as far as a client enforces them. */

/** Tables in a world. */
export const MAX_TABLES = 64;

/** Columns (quantized integers) in one row of a table's part, or in an input. */
export const MAX_COLUMNS = 1024;

/** Contexts of a schema's deltas (see contexts.js): about 1,800 columns of numbers. */
export const MAX_CONTEXTS = 2 ** 18;

/** Live entities in one table; also the number of slots a table can have. */
export const MAX_ENTITIES = 65_536;

/** Areas that a client sees at once. */
export const MAX_AREAS = 4096;

/**
 * Columns of all rows of all areas in a mirror together; a row without columns counts as one. Bytes do not bound them: what is
 * foreseen costs next to none.
 */
export const MAX_FRAME_COLUMNS = 2 ** 22;

/** Bytes of a string field. */
export const MAX_TEXT_BYTES = 1024;

/** Bytes of one control message that comes whole (the welcome holds the schema and is the largest). */
export const MAX_CONTROL_BYTES = 64 * 1024;

/** Bytes of one control message that comes in fragments. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** Bytes of a command. */
export const MAX_COMMAND_BYTES = 4096 - 16;

/** Shapes that a game's messages are made of. */
export const MAX_SHAPES = 1024;

/** How deep the shape of a message may be nested. */
export const MAX_SHAPE_DEPTH = 16;

/** Shapes that the shape of a message is, written out: more values than that are in no message but in its lists. */
export const MAX_SHAPE_PARTS = 4096;

/** Items of an array in a message, which has always as many; a list may be longer. */
export const MAX_ARRAY_LENGTH = 1024;

/** Ticks for which a server repeats the last input of a player from whom none comes; after that it takes the neutral one. */
export const MAX_REPEAT_TICKS = 15;
