//! Which items of a list stay when it changes.

use crate::limits::MAX_LIST_LENGTH;

/// The mark of an item that was not in the old list. No index is as great.
const NEW: u8 = MAX_LIST_LENGTH as u8;

/// Items that are looked through for one that is the same. A longer run of removals or insertions is written as changes of the
/// items in between, which costs more bytes but bounds the work.
const LOOKAHEAD: usize = 16;

/// For each item of a list the item of the old list that it continues. The order never changes: an item that moves past another
/// is removed and inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListEdit {
    len: usize,
    old: [u8; MAX_LIST_LENGTH],
}

impl ListEdit {
    /// Every item stays.
    pub(super) fn unmoved(len: usize) -> Self {
        Self { len, old: std::array::from_fn(|index| index as u8) }
    }

    /// A list of new items, some of which are then [kept](Self::keep).
    fn inserted(len: usize) -> Self {
        Self { len, old: [NEW; MAX_LIST_LENGTH] }
    }

    /// A short edit between two lists of items that are `width` columns each. Removals and insertions are found where an item
    /// next to them is the same in both; other items count as changed.
    pub(super) fn between(old: &[u32], new: &[u32], width: usize) -> Self {
        let (old_len, new_len) = (old.len() / width, new.len() / width);
        let same = |from: usize, to: usize| {
            from < old_len
                && to < new_len
                && old[from * width..(from + 1) * width] == new[to * width..(to + 1) * width]
        };
        let mut edit = Self::inserted(new_len);
        let (mut from, mut to) = (0, 0);
        while from < old_len && to < new_len {
            let changed = if same(from, to) {
                1
            } else {
                let step = (1..=LOOKAHEAD).find_map(|by| {
                    if same(from + by, to + by) {
                        Some(Step::Change(by))
                    } else if same(from + by, to) {
                        Some(Step::Remove(by))
                    } else {
                        same(from, to + by).then_some(Step::Insert(by))
                    }
                });
                match step {
                    Some(Step::Remove(by)) => {
                        from += by;
                        continue;
                    }
                    Some(Step::Insert(by)) => {
                        to += by;
                        continue;
                    }
                    Some(Step::Change(by)) => by,
                    None => 1,
                }
            };
            for _ in 0..changed {
                edit.keep(to, from);
                (from, to) = (from + 1, to + 1);
            }
        }
        edit
    }

    /// The edit that removes items of a list of `old_len` and inserts others, so that there are `len`.
    pub(super) fn of(old_len: usize, len: usize, removed: &ItemSet, inserted: &ItemSet) -> Self {
        let mut edit = Self::inserted(len);
        let kept = (0..old_len).filter(|&index| !removed.has(index));
        let places = (0..len).filter(|&index| !inserted.has(index));
        places.zip(kept).for_each(|(index, old)| edit.keep(index, old));
        edit
    }

    fn keep(&mut self, index: usize, old: usize) {
        self.old[index] = old as u8;
    }

    /// The number of items now.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The index that an item had; `None` if it is new.
    pub(super) fn old(&self, index: usize) -> Option<usize> {
        (self.old[index] != NEW).then_some(usize::from(self.old[index]))
    }

    /// Returns true if the same items are at the same places as in a list of `old_len`.
    pub(super) fn is_unmoved(&self, old_len: usize) -> bool {
        self.len == old_len && (0..self.len).all(|index| self.old(index) == Some(index))
    }

    /// The indexes of the items of a list of `old_len` that are gone.
    pub(super) fn removed(&self, old_len: usize) -> ItemSet {
        let mut removed = ItemSet::default();
        (0..old_len).for_each(|index| removed.insert(index));
        (0..self.len).filter_map(|index| self.old(index)).for_each(|index| removed.remove(index));
        removed
    }
}

/// The next step of an edit, by so many items.
enum Step {
    Change(usize),
    Remove(usize),
    Insert(usize),
}

/// Some items of a list: a bit for each index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ItemSet([u64; MAX_LIST_LENGTH.div_ceil(64)]);

impl ItemSet {
    pub(super) fn has(&self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }

    pub(super) fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    fn remove(&mut self, index: usize) {
        self.0[index / 64] &= !(1 << (index % 64));
    }

    /// The number of items.
    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The indexes below `end`, ascending.
    pub(super) fn iter(&self, end: usize) -> impl Iterator<Item = usize> {
        (0..end).filter(|&index| self.has(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The old index of each item of `new`; -1 for new ones.
    fn edit(old: &str, new: &str) -> Vec<i32> {
        let columns = |list: &str| list.bytes().map(u32::from).collect::<Vec<_>>();
        let edit = ListEdit::between(&columns(old), &columns(new), 1);
        (0..edit.len()).map(|index| edit.old(index).map_or(-1, |old| old as i32)).collect()
    }

    #[test]
    fn removals_and_insertions_are_found() {
        assert_eq!(edit("abcdef", "abcdef"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(edit("abcdef", "bcdef"), [1, 2, 3, 4, 5]);
        assert_eq!(edit("abcdef", "abef"), [0, 1, 4, 5]);
        assert_eq!(edit("abcdef", "abcxdef"), [0, 1, 2, -1, 3, 4, 5]);
        assert_eq!(edit("abc", "abcx"), [0, 1, 2, -1]);
        assert_eq!(edit("", "ab"), [-1, -1]);
        assert_eq!(edit("ab", ""), Vec::<i32>::new());
    }

    #[test]
    fn an_item_between_two_that_stay_is_changed() {
        assert_eq!(edit("abcdef", "abxdef"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(edit("abcdef", "xycdef"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(edit("abc", "xyz"), [0, 1, 2]);
        assert_eq!(edit("ab", "xyz"), [0, 1, -1]);
        assert_eq!(edit("abcd", "acxd"), [0, 2, -1, 3], "one removed, one inserted");
    }

    #[test]
    fn an_edit_is_made_again_from_what_is_written_of_it() {
        for (old, new) in [("abcdef", "bxdefg"), ("aab", "ba"), ("", "a"), ("abc", ""), ("abcabc", "cab")] {
            let columns = |list: &str| list.bytes().map(u32::from).collect::<Vec<_>>();
            let written = ListEdit::between(&columns(old), &columns(new), 1);
            let mut inserted = ItemSet::default();
            (0..new.len())
                .filter(|&index| written.old(index).is_none())
                .for_each(|index| inserted.insert(index));
            let removed = written.removed(old.len());
            assert_eq!(old.len() - removed.count() as usize + inserted.count() as usize, new.len());
            assert_eq!(ListEdit::of(old.len(), new.len(), &removed, &inserted), written);
        }
    }
}
