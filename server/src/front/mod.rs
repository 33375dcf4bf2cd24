//! HTTP: everything that happens before a connection becomes a player's.
//!
//! [`accept`] accepts connections, if [`admission`] has a slot for them, and serves requests by the [`router`]. `/play/{game}` is
//! a WebSocket [`handshake`] whose [request](play_request) reserves a place; `/api/join` and `/api/rooms` are the [`join_api`]
//! and the [`rooms_api`]. [`access`] tells operators from others. The handlers share the [`state`]. A
//! [refusal](refusal_response) becomes an answer here.

pub mod accept;
pub mod access;
pub mod admin;
pub mod admission;
pub mod auth;
pub mod cors;
pub mod files;
pub mod handshake;
pub mod health;
pub mod join_api;
pub mod metrics_page;
pub mod own_routes;
pub mod play_request;
pub mod refusal_response;
pub mod rooms_api;
pub mod router;
pub mod state;
