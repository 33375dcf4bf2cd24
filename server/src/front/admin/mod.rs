//! The operators' API, and the dashboard that uses it.

pub mod api;
pub mod authorize;
pub mod bans;
pub mod denial;
pub mod guard;
pub mod overview;
pub mod page;
pub mod router;
pub mod state;
