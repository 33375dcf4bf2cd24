//! A run, on the threads of this process.
//!
//! [`supervisor`] starts, observes and ends a run. It works with any [`runner`]: the [`thread_pool`] of this process, or the
//! processes of a fleet. Each thread is a [`worker`], whose bots come and go by their [`visits`].

pub mod error;
pub mod runner;
pub mod supervisor;
pub mod thread_pool;
pub mod visits;
pub mod worker;
