//! How one section of the configuration is read and checked. Each section's struct lives in the layer that uses it.

pub mod bounds;
pub mod file;
pub mod secret;
