//! Requests that are not everybody's: from the server's own machine, or with a secret.

pub mod bearer;
pub mod metrics;
pub mod own_machine;
