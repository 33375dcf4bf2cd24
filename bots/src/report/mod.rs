//! The report of a run, as data, and how it is judged and compared. `output` turns it into tables and pages.

pub mod compare;
pub mod condition;
pub mod figures;
pub mod series;
pub mod verdict;
