//! The author's API: each hook of a game, and each call of a tick, in a small game that uses all of them.

mod attribute;
mod bots;
mod chance;
mod hooks;
mod jobs;
mod joining;
mod party;
mod presence;
mod records;
mod sending;
mod table;
mod timers;
mod verbs;
