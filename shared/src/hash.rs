//! The two hashes of the protocol, both small enough to write in any language.

use crate::frame::AreaFrame;
use crate::layout::{AreaClass, Layout};

/// FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923): the schema's hash.
#[must_use]
pub fn fnv1a_64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The hash of an area's content: `MurmurHash3_x86_32` (Appleby) with seed 0 over 32-bit words, so that
/// JavaScript computes it cheaply with `Math.imul`. The words of each part of its class in turn: its number of rows, then
/// for each row its entity's slot, generation and columns.
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
    fn fnv1a_matches_its_published_vectors() {
        assert_eq!(fnv1a_64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a_64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a_64(b"foobar"), 0x8594_4171_f739_67e8);
    }

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
