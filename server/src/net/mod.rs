//! Connections and addresses, beneath rooms and HTTP.
//!
//! A player's bytes go through [`stream`] (TCP, or TLS over it) and [`websocket`] (frames). A connection is first
//! [pending](pending_connection), then a room's, and at its end [closing](closing_connection), for one of the
//! [close reasons](close_reason). The rest is about addresses: the client's [peer] address behind [proxies], its
//! [network], [counts](address_counts) and [rates] for each address, and the [origin] of the page that it belongs to.

pub mod address_counts;
pub mod close_reason;
pub mod closing_connection;
pub mod connection_slot;
pub mod network;
pub mod origin;
pub mod peer;
pub mod pending_connection;
pub mod proxies;
pub mod rates;
pub mod shown_address;
pub mod stream;
pub mod tls;
pub mod websocket;
