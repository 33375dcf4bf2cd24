//! Every maximum of the protocol, in one place.
//!
//! A reader enforces these on bytes from a peer and answers with an error; a writer asserts them.

/// Tables in a world.
pub const MAX_TABLES: usize = 64;

/// Columns (quantized integers) in one row of a table, or in an input.
pub const MAX_COLUMNS: usize = 1024;

/// Contexts of a schema's deltas (see [`crate::contexts`]): about 1,800 columns of numbers.
pub const MAX_CONTEXTS: usize = 1 << 18;

/// Seats in a room.
pub const MAX_PLAYERS: u16 = 1024;

/// Ticks a second.
pub const MAX_TICK_RATE_HZ: u32 = 240;

/// The last tick of a room: 207 days at the highest rate. A room that gets there closes.
pub const MAX_TICK: u32 = u32::MAX - 1;

/// Live entities in one table; also the number of slots a table can have.
pub const MAX_ENTITIES: usize = 65_536;

/// Columns of all rows of a client's areas together. Bytes do not bound them: what is foreseen costs next to none.
pub const MAX_FRAME_COLUMNS: usize = 1 << 22;

/// Areas that one client sees at a time.
pub const MAX_AREAS: usize = 4096;

/// Bytes of a string field.
pub const MAX_TEXT_BYTES: usize = 1024;

/// Bytes of one message from the server: a keyframe of a full world, at the most.
pub const MAX_SERVER_MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of one message from a client. An input is about ten bytes.
pub const MAX_CLIENT_MESSAGE_BYTES: usize = 4096;

/// Bytes of one control message that comes whole (the welcome holds the schema and is the largest).
pub const MAX_CONTROL_BYTES: usize = 64 * 1024;

/// Bytes of one control message that comes in fragments.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// Shapes that a game's messages are made of.
pub const MAX_SHAPES: usize = 1024;

/// How deep the shape of a message may be nested.
pub const MAX_SHAPE_DEPTH: usize = 16;

/// Shapes that the shape of a message is, written out: more values than that are in no message but in its lists.
pub const MAX_SHAPE_PARTS: usize = 4096;

/// Items of an array in a message, which has always as many; a list may be longer.
pub const MAX_ARRAY_LENGTH: usize = 1024;

/// Bytes of a schema: a welcome with it must still be a control message.
pub const MAX_SCHEMA_BYTES: usize = MAX_CONTROL_BYTES - 1024;

/// Bytes of a player's name, UTF-8.
pub const MAX_NAME_BYTES: usize = 24;

/// Bytes of a chat message, whatever a server is told.
pub const MAX_CHAT_BYTES: u16 = 500;

/// Bytes of a command: with the largest request number it is a message that a client may send.
pub const MAX_COMMAND_BYTES: usize = MAX_CLIENT_MESSAGE_BYTES - 16;

/// Commands of one player that a game is given at a tick; the rest wait.
pub const MAX_COMMANDS_PER_TICK: u8 = 8;

/// Commands of one player that may wait; further ones are refused.
pub const MAX_WAITING_COMMANDS: u8 = 64;

/// Frames that a room keeps as baselines. What a client was last told longer ago, it is told from scratch.
pub const FRAME_RING: usize = 32;

/// Ticks of inputs a player's buffer holds: how far ahead of the room an input may be meant for.
pub const INPUT_BUFFER_TICKS: u32 = 32;

/// An input that arrives this many ticks late, or fewer, is applied on the next tick; a later one is dropped.
pub const MAX_LATE_TICKS: u32 = 64;

/// Inputs of one player accepted between two ticks; the rest are dropped. A burst after a short stall still fits.
pub const MAX_INPUTS_PER_TICK: u32 = 64;

/// Ticks for which a missing input is replaced by the player's last one; after that the neutral input is used.
pub const MAX_REPEAT_TICKS: u32 = 15;

/// Inputs in a row that may be dropped before the player is told to go.
pub const MAX_REJECTED_INPUTS: u32 = 600;

/// Events, replies and chat messages waiting for one client; a client further behind than this is too slow to keep.
pub const MAX_PENDING_EVENTS: usize = 256;

/// Bytes of what waits for one client: two of the largest messages.
pub const MAX_OUTBOX_BYTES: usize = 2 * MAX_MESSAGE_BYTES;

/// Events of one tick for one client; further ones are dropped and counted.
pub const MAX_EVENTS_PER_TICK: u32 = 64;

/// Events and replies that a game may give at one tick, for whomever; further ones are dropped and counted.
pub const MAX_TOLD_PER_TICK: usize = 4096;

/// Bytes of them, each counted once.
pub const MAX_TOLD_BYTES_PER_TICK: usize = 4 * MAX_MESSAGE_BYTES;

/// Bytes of messages that one client gets whole at a tick; the rest wait.
pub const MAX_WHOLE_BYTES_PER_TICK: usize = 16 * 1024;

/// Bytes of fragments that one client gets at a tick.
pub const MAX_FRAGMENT_BYTES_PER_TICK: usize = 4 * 1024;

/// Seconds' worth of ticks that a client may have been sent and not acknowledged. Beyond it snapshots coalesce:
/// what waits in the buffers on the way would be stale by the time it is read.
pub const MAX_UNACKED_SECONDS: u32 = 1;

/// Seconds after which a client that acknowledges nothing is too slow to keep.
pub const ACK_TIMEOUT_SECONDS: u32 = 20;
