//! An area of one tick as few bytes.
//!
//! A [`block`] is a [`delta`] from the frames that a client has ([`history`]). A delta's new rows are written [whole]; its other
//! [rows](row) are written as how they differ from what both ends [predict]. Each difference is a few [`symbols`], each symbol
//! some yes-or-no decisions of the [range coder](range_coder), with the probabilities of their contexts' [`priors`], which a room
//! [learns](learner).

pub mod block;
pub mod delta;
pub mod history;
pub mod learner;
mod list;
mod nested;
mod place;
pub mod predict;
pub mod priors;
pub mod range_coder;
pub mod row;
pub mod symbols;
pub mod whole;
