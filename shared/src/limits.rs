//! Every maximum of the protocol, in one place.
//!
//! A reader enforces these on bytes from a peer and answers with an error; a writer asserts them.

/// Tables in a world.
pub const MAX_TABLES: usize = 64;

/// Columns (quantized integers) in one row of a table, or in an input.
pub const MAX_COLUMNS: usize = 1024;

/// Contexts of a schema's deltas (see [`crate::layout::contexts`]): enough for about 1,800 columns of numbers.
pub const MAX_CONTEXTS: usize = 1 << 18;

/// Seats in a room.
pub const MAX_PLAYERS: u16 = 1024;

/// Bits of a player's number that are the seat, or a spectator's place; the others are the generation.
pub const PLAYER_SEAT_BITS: u32 = 11;

/// Players who have had a seat before another. After so many, generations begin again.
pub const MAX_PLAYER_GENERATION: u32 = u32::MAX >> PLAYER_SEAT_BITS;

/// Ticks per second.
pub const MAX_TICK_RATE_HZ: u32 = 240;

/// The last tick of a room: 207 days at the highest rate. A room that gets there closes.
pub const MAX_TICK: u32 = u32::MAX - 1;

/// Live entities in one table; also the number of slots that a table can have.
pub const MAX_ENTITIES: usize = 65_536;

/// Columns of all rows of a client's areas together. A bound in bytes would not do: rows that are as predicted cost next to none.
pub const MAX_FRAME_COLUMNS: usize = 1 << 22;

/// Areas in one client's view.
pub const MAX_AREAS: usize = 4096;

/// Bytes of a string field.
pub const MAX_TEXT_BYTES: usize = 1024;

/// Values of a list field.
pub const MAX_LIST_LENGTH: usize = 255;

/// Depth to which fields may be nested in fields.
pub const MAX_FIELD_DEPTH: usize = 8;

/// Bytes of one message from the server: a keyframe of a full world.
pub const MAX_SERVER_MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of one message from a client. An input is about ten bytes.
pub const MAX_CLIENT_MESSAGE_BYTES: usize = 4096;

/// Bytes of one control message that is sent whole. The welcome is the largest: it holds the schema.
pub const MAX_CONTROL_BYTES: usize = 64 * 1024;

/// Bytes of one control message that is sent in fragments.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// Shapes in a game's message schema.
pub const MAX_SHAPES: usize = 1024;

/// Depth to which the shape of a message may be nested.
pub const MAX_SHAPE_DEPTH: usize = 16;

/// Parts of one shape, with all shapes in it written out. Only the lists of a message hold more values than that.
pub const MAX_SHAPE_PARTS: usize = 4096;

/// Items of an array in a message. An array always has as many; a list may be longer.
pub const MAX_ARRAY_LENGTH: usize = 1024;

/// Bytes of a schema, so that a welcome with it is within [`MAX_CONTROL_BYTES`].
pub const MAX_SCHEMA_BYTES: usize = MAX_CONTROL_BYTES - 1024;

/// Characters of a player's name, as people count them: extended grapheme clusters (Unicode TR 29).
pub const MAX_NAME_GRAPHEMES: usize = 24;

/// Bytes of a player's name, UTF-8. Four for each character are enough for every script; pictures of several parts take more.
pub const MAX_NAME_BYTES: usize = 4 * MAX_NAME_GRAPHEMES;

/// Bytes of a chat message, whatever a server is configured to allow.
pub const MAX_CHAT_BYTES: u16 = 500;

/// Bytes of a command: with the largest request number it is still within [`MAX_CLIENT_MESSAGE_BYTES`].
pub const MAX_COMMAND_BYTES: usize = MAX_CLIENT_MESSAGE_BYTES - 16;

/// Commands of one player that a game receives on one tick; the rest wait.
pub const MAX_COMMANDS_PER_TICK: u8 = 8;

/// Commands of one player that may wait; further ones are refused.
pub const MAX_WAITING_COMMANDS: u8 = 64;

/// The limits of a room that mean a time, in its ticks. At 30 ticks a second and below they are those of 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickLimits {
    /// Frames that a room keeps as baselines, a second's worth. An area whose last frame at a client is older is written from
    /// scratch.
    pub frame_ring: u32,
    /// Ticks of inputs that a player's buffer holds: how far ahead of the room's tick an input's tick may be. A second's worth,
    /// but never more than the wire can tell.
    pub input_buffer: u32,
    /// An input that is at most this many ticks late, two seconds, is applied on the next tick; a later one is dropped.
    pub late: u32,
    /// Inputs of one player that are accepted between two ticks; the rest are dropped. A burst after a short stall still fits.
    pub inputs_per_tick: u32,
    /// Ticks, half a second, for which a missing input is replaced by the player's last one; after that the neutral input is
    /// used.
    pub repeat: u32,
    /// Inputs in a row that may be dropped, twenty seconds of them, before the player is disconnected.
    pub rejected_inputs: u32,
}

impl TickLimits {
    /// The limits at 30 ticks a second and below.
    pub const LEAST: Self = Self::of(30);

    /// The limits at a tick rate.
    #[must_use]
    pub const fn of(tick_rate_hz: u32) -> Self {
        let rate = if tick_rate_hz < 30 { 30 } else { tick_rate_hz };
        Self {
            frame_ring: rate + 2,
            input_buffer: if rate + 2 < 127 { rate + 2 } else { 127 },
            late: 2 * rate + 4,
            inputs_per_tick: if 2 * rate + 4 < 128 { 2 * rate + 4 } else { 128 },
            repeat: rate / 2,
            rejected_inputs: 20 * rate,
        }
    }
}

/// Bytes of events and replies that may be kept for one client until it acknowledges them, unless an operator sets another limit.
/// A client is disconnected only if it also leaves the oldest of them unacknowledged for seconds.
pub const DEFAULT_OUTBOX_BYTES: u32 = 4 * 1024 * 1024;

/// Chat messages, latest events and lists of players that may wait for one client; beyond it the oldest are dropped.
pub const MAX_RING_MESSAGES: usize = 1024;

/// Bytes of those messages.
pub const MAX_RING_BYTES: usize = 128 * 1024;

/// Events and replies that a game may send on one tick, to all players together; further ones are refused.
pub const MAX_SENT_PER_TICK: usize = 4096;

/// Bytes of those events and replies, each counted once.
pub const MAX_SENT_BYTES_PER_TICK: usize = 4 * 1024 * 1024;

/// Bytes of messages that are sent whole to one client on one tick; the rest wait.
pub const MAX_WHOLE_BYTES_PER_TICK: usize = 16 * 1024;

/// Snapshots, in seconds, that a client may have been sent and not acknowledged. Beyond it snapshots are skipped: what waits in
/// the buffers on the way would be stale by the time it is read.
pub const MAX_UNACKED_SECONDS: u32 = 1;

/// Seconds after which a client that acknowledges nothing is disconnected.
pub const ACK_TIMEOUT_SECONDS: u32 = 20;
