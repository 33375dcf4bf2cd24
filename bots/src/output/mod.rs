//! A report for people: a table for terminals, a page with plots, and comma-separated values.

pub mod csv;
pub mod page;
pub mod plot;
pub mod table;
pub mod units;
