//! Seats, and the claims to them: a reservation or a ticket before a player joins, a session afterwards.

pub mod bad_ticket;
pub mod reservation;
pub mod seat;
pub mod session;
pub mod session_tokens;
pub mod signing_key;
pub mod ticket_counts;
pub mod tickets;
