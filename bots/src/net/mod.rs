//! The network between bots and server: TCP or TLS, and beneath the WebSocket a simulated bad network, if a scenario
//! asks for one.

pub mod link;
pub mod path;
pub mod profile;
pub mod transport;
