//! A game without its type: its facts, how it is called, how its jobs run.

pub mod hosted;
pub mod job_spec;
pub mod spec;
