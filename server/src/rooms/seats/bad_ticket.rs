//! The reasons for which a ticket is refused.

use thiserror::Error;

/// A ticket is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadTicket {
    /// It is not a ticket, or another server's, or altered.
    #[error("this server has not issued the ticket")]
    Forged,
    /// It has expired.
    #[error("the ticket has expired; request a new one")]
    Expired,
    /// It has been used.
    #[error("the ticket has been used, and is valid only once; request a new one")]
    Used,
    /// The room that it is for has ended.
    #[error("the ticket's room has ended; request a new ticket")]
    RoomEnded,
    /// It is for another game.
    #[error("the ticket is for another game")]
    OtherGame,
    /// It is for another room.
    #[error("the ticket is for another room")]
    OtherRoom,
}
