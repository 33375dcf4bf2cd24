//! The names of the players who are here, each of which is another one.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::sameness::Sameness;
use crate::text::shortened;

/// The names in a room. A name that somebody has already gets a number behind it.
#[derive(Debug, Default)]
pub struct NameBook {
    sameness: Sameness,
    /// By seat.
    names: BTreeMap<usize, Entry>,
    /// The keys of all names.
    taken: BTreeSet<String>,
    /// The number at which the search for a free one begins, by the key of the name that it would follow. Without an entry it is
    /// the first.
    next: BTreeMap<String, u32>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    key: String,
    /// The name's key without its number, and the number.
    number: Option<(String, u32)>,
}

/// The number of the second player of a name.
const FIRST_NUMBER: u32 = 2;

impl NameBook {
    /// Compares names in another way from now on.
    pub fn compare_by(&mut self, sameness: Sameness) {
        self.sameness = sameness;
    }

    /// Enters a valid name for a seat, with a number if it is taken.
    pub fn enter(&mut self, seat: usize, name: String) -> &str {
        let key = self.sameness.key(&name);
        let entry = if self.taken.contains(&key) {
            self.numbered(&name, key)
        } else {
            Entry { name, key, number: None }
        };
        self.taken.insert(entry.key.clone());
        self.names.insert(seat, entry);
        &self.names[&seat].name
    }

    /// The name with the lowest number that is free.
    fn numbered(&mut self, name: &str, base: String) -> Entry {
        let mut number = self.next.get(&base).copied().unwrap_or(FIRST_NUMBER);
        let (name, key) = loop {
            let suffix = format!(" ({number})");
            let name = format!("{}{suffix}", shortened(name, suffix.len()));
            let key = self.sameness.key(&name);
            if !self.taken.contains(&key) {
                break (name, key);
            }
            number += 1;
        };
        // Only a hint: without it the search takes longer.
        if self.next.len() > self.names.len() {
            self.next.clear();
        }
        self.next.insert(base.clone(), number + 1);
        Entry { name, key, number: Some((base, number)) }
    }

    /// Strikes out the name of a seat.
    pub fn strike(&mut self, seat: usize) {
        let Some(Entry { key, number, .. }) = self.names.remove(&seat) else { return };
        self.taken.remove(&key);
        if let Some((base, number)) = number
            && let Some(next) = self.next.get_mut(&base)
        {
            *next = number.min(*next);
        }
    }

    /// The name of a seat; `None` if it is free.
    #[must_use]
    pub fn name(&self, seat: usize) -> Option<&str> {
        self.names.get(&seat).map(|entry| &*entry.name)
    }
}

#[cfg(test)]
mod tests {
    use drumline_shared::limits::{MAX_NAME_BYTES, MAX_NAME_GRAPHEMES};

    use super::*;
    use crate::text::check_name;

    #[test]
    fn a_name_that_is_taken_gets_the_lowest_free_number() {
        let mut book = NameBook::default();
        let mut enter = |seat, name: &str| book.enter(seat, name.to_owned()).to_owned();
        assert_eq!(enter(0, "Ada"), "Ada");
        assert_eq!(enter(1, "Ada (3)"), "Ada (3)", "nobody has it");
        assert_eq!(enter(2, "Ada"), "Ada (2)");
        assert_eq!(enter(3, "ADA"), "ADA (4)");
        assert_eq!(enter(4, "Ada (2)"), "Ada (2) (2)");
        book.strike(2);
        assert_eq!(book.enter(5, "Ada".to_owned()), "Ada (2)");
        book.strike(0);
        assert_eq!(book.enter(6, "ada".to_owned()), "ada");
        assert_eq!((book.name(3), book.name(0)), (Some("ADA (4)"), None));
    }

    #[test]
    fn a_number_fits_the_longest_names() {
        let flags = "🇩🇪".repeat(MAX_NAME_BYTES / 8);
        for name in ["x".repeat(MAX_NAME_GRAPHEMES), "語".repeat(MAX_NAME_GRAPHEMES), flags] {
            let mut book = NameBook::default();
            for seat in 0..120 {
                let entered = book.enter(seat, name.clone()).to_owned();
                assert_eq!(check_name(&entered).as_ref(), Ok(&entered), "{seat}");
                assert_eq!(entered.ends_with(&format!(" ({})", seat + 1)), seat > 0, "{entered}");
            }
        }
    }

    #[test]
    fn names_that_look_alike_are_numbered_if_they_are_to_be() {
        for (sameness, second) in [(Sameness::Form, "Аda"), (Sameness::Looks, "Аda (2)")] {
            let mut book = NameBook::default();
            book.compare_by(sameness);
            book.enter(0, "Ada".to_owned());
            assert_eq!(book.enter(1, "Аda".to_owned()), second);
        }
    }

    #[test]
    fn the_hints_are_bounded_by_the_players() {
        let mut book = NameBook::default();
        for round in 0..1000 {
            book.enter(0, format!("Ada {round}"));
            book.enter(1, format!("Ada {round}"));
            book.strike(1);
            book.strike(0);
        }
        assert!(book.next.len() <= 3 && book.taken.is_empty(), "{book:?}");
    }
}
