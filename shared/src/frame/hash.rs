//! The hash of an area: proof that a mirror equals the world.
//!
//! It guards against our own mistakes, not against an attacker; TCP and TLS do that. It reads columns, which are integers
//! already: no float, no NaN and no `usize` is ever hashed in its own form.

use crate::frame::AreaFrame;
use crate::layout::{AreaClass, Layout};

/// The hash of an area's content: `MurmurHash3_x86_32` (Appleby) with seed 0 over 32-bit words, which JavaScript computes cheaply
/// with `Math.imul`. For each part of its class in turn the words are the number of rows, then for each row its entity's slot and
/// generation and its columns.
#[must_use]
pub fn area_hash(layout: &Layout, class: AreaClass, area: AreaFrame) -> u32 {
    let mut hash = Murmur3::default();
    for &part in layout.parts_of(class) {
        let rows = area.rows(part);
        hash.write(rows.len() as u32);
        for (entity, row) in rows.iter() {
            hash.write(entity.slot);
            hash.write(entity.generation);
            for &column in row {
                hash.write(column);
            }
        }
    }
    hash.finish()
}

#[derive(Default)]
struct Murmur3 {
    state: u32,
    words: u32,
}

impl Murmur3 {
    #[inline]
    fn write(&mut self, word: u32) {
        let scrambled = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        self.state = (self.state ^ scrambled).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
        self.words = self.words.wrapping_add(1);
    }

    fn finish(self) -> u32 {
        let mut hash = self.state ^ self.words.wrapping_mul(4);
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur3_matches_published_vectors_of_whole_words() {
        let hash = |words: &[u32]| {
            let mut hash = Murmur3::default();
            for &word in words {
                hash.write(word);
            }
            hash.finish()
        };
        assert_eq!(hash(&[]), 0);
        assert_eq!(hash(&[0xffff_ffff]), 0x7629_3b50);
        assert_eq!(hash(&[0x8765_4321]), 0xf55b_516b);
        assert_eq!(hash(&[0]), 0x2362_f9de);
        assert_eq!(hash(&[u32::from_le_bytes(*b"test")]), 0xba6b_d213);
    }
}
