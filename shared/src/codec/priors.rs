//! Priors: each context's probability at the start of every delta.
//!
//! They begin with the [defaults](crate::layout::defaults). A room [learns](crate::codec::learner) better ones from its own
//! traffic and sends the changes. They are coarse on purpose, one of 63 levels: within a delta each probability adapts.
//!
//! Priors were chosen by measurement, on a physics trace of 901 cubes. Probabilities that live on from delta to delta take 171
//! bytes a frame, but a client that has missed one delta can read none that follow, so clients that join or lag would need
//! models of their own, and so would every combination of areas. Priors take 177 bytes, their own included, and any client
//! that has the baseline and the priors can read a block. The tick of its last snapshot says which priors a client has, so
//! they add no groups of clients.

use std::collections::HashSet;
use std::sync::Arc;

use crate::codec::range_coder::{RangeReader, RangeWriter};
use crate::error::DecodeError;
use crate::layout::{Prior, UNKNOWN_PRIOR};

/// The number of priors, the unknown one included.
pub const PRIORS: usize = 64;

/// The probability of a yes for each prior, in 1/65536: 1 / (1 + exp((32 - prior) / 4)).
#[rustfmt::skip]
pub const PRIOR_PROBABILITIES: [u16; PRIORS] = [
    32768,
    28, 36, 47, 60, 77, 98, 126, 162, 208, 267, 342, 439, 562, 720,
    922, 1179, 1506, 1921, 2446, 3108, 3938, 4971, 6249, 7812, 9702, 11955, 14595, 17625,
    21025, 24743, 28693, 32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565,
    61598, 62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374,
    65410, 65438, 65459, 65476, 65489, 65500, 65508,
];

/// The number of decisions that a known prior counts as when the first real one comes.
const PRIOR_WEIGHT: u16 = 7;
/// Decisions after which a probability adapts no more slowly.
const MAX_WEIGHT: usize = 30;
/// How far a probability moves towards a decision, in 1/65536, by the number of decisions before it.
#[rustfmt::skip]
const RATES: [u32; MAX_WEIGHT + 1] = [
    43690, 26214, 18724, 14563, 11915, 10082, 8738, 7710, 6898, 6241, 5698, 5242, 4854, 4519,
    4228, 3971, 3744, 3542, 3360, 3196, 3048, 2912, 2788, 2674, 2570, 2473, 2383, 2299,
    2221, 2148, 2080,
];

/// A context's probability while a delta is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The probability of a yes, in 1/65536.
    pub yes: u16,
    weight: u16,
}

impl State {
    /// The state at the start of a delta.
    #[inline]
    #[must_use]
    pub fn new(prior: Prior) -> Self {
        let weight = if prior == UNKNOWN_PRIOR { 0 } else { PRIOR_WEIGHT };
        Self { yes: PRIOR_PROBABILITIES[usize::from(prior)], weight }
    }

    /// Adapts to a decision.
    #[inline]
    pub fn learn(&mut self, decision: bool) {
        let rate = RATES[usize::from(self.weight)];
        // Rounding down keeps it above 0 and below 1.
        if decision {
            self.yes += (((u32::from(u16::MAX) - u32::from(self.yes)) * rate) >> 16) as u16;
        } else {
            self.yes -= ((u32::from(self.yes) * rate) >> 16) as u16;
        }
        self.weight += u16::from(usize::from(self.weight) < MAX_WEIGHT);
    }
}

/// The priors of all contexts of a layout.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Priors {
    defaults: Arc<[Prior]>,
    levels: Vec<Prior>,
}

impl Priors {
    /// A layout's default priors.
    #[must_use]
    pub fn new(defaults: &Arc<[Prior]>) -> Self {
        Self { defaults: Arc::clone(defaults), levels: defaults.to_vec() }
    }

    /// Each context's prior.
    #[must_use]
    pub fn levels(&self) -> &[Prior] {
        &self.levels
    }

    /// Changes a context's prior.
    pub fn set(&mut self, context: usize, prior: Prior) {
        self.levels[context] = prior;
    }

    /// Resets all priors to the defaults.
    pub fn clear(&mut self) {
        self.levels.copy_from_slice(&self.defaults);
    }

    /// Copies other priors of the same layout.
    pub fn copy_from(&mut self, other: &Self) {
        self.levels.copy_from_slice(&other.levels);
    }

    /// Writes the difference from `known`, the priors that the receiver has. Without it, writes the difference from the
    /// defaults, and that the receiver is to start from these.
    pub fn write(&self, known: Option<&Self>, coder: &mut RangeWriter) {
        let before = known.map_or(&*self.defaults, |known| &known.levels);
        let changed = || (0..self.levels.len()).filter(|&index| self.levels[index] != before[index]);
        coder.write_raw(u32::from(known.is_none()), 1);
        write_gap(changed().count() as u32, coder);
        let mut next = 0;
        for index in changed() {
            write_gap((index - next) as u32, coder);
            coder.write_raw(u32::from(self.levels[index]), 6);
            next = index + 1;
        }
    }

    /// Reads what [`write`](Self::write) wrote. `self` are the priors that the receiver has, and become the new ones.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end or name a context that does not exist.
    pub fn read(&mut self, coder: &mut RangeReader) -> Result<(), DecodeError> {
        if coder.read_raw(1)? == 1 {
            self.clear();
        }
        let mut next = 0;
        for _ in 0..read_gap(coder)? {
            let index = next + read_gap(coder)? as usize;
            if index >= self.levels.len() {
                return Err(DecodeError::NoSuchContext);
            }
            self.set(index, coder.read_raw(6)? as Prior);
            next = index + 1;
        }
        Ok(())
    }
}

/// Priors that mirrors have received. Those of all clients of a room are the same, so they are kept in memory, and in the
/// processor's cache, only once.
#[derive(Debug)]
pub struct KnownPriors {
    defaults: Priors,
    /// Scratch memory for a change.
    changed: Priors,
    known: HashSet<Arc<Priors>>,
}

impl KnownPriors {
    /// A store that knows only the defaults.
    #[must_use]
    pub fn new(defaults: &Arc<[Prior]>) -> Self {
        let defaults = Priors::new(defaults);
        Self { changed: defaults.clone(), defaults, known: HashSet::new() }
    }

    /// The priors of a mirror that had `before` (the defaults, if `None`) after a change that [`Priors::write`] wrote.
    ///
    /// # Errors
    /// As [`Priors::read`].
    pub fn change(
        &mut self,
        before: Option<&Priors>,
        coder: &mut RangeReader,
    ) -> Result<Arc<Priors>, DecodeError> {
        self.changed.copy_from(before.unwrap_or(&self.defaults));
        self.changed.read(coder)?;
        if let Some(known) = self.known.get(&self.changed) {
            return Ok(Arc::clone(known));
        }
        self.known.retain(|priors| Arc::strong_count(priors) > 1);
        let new = Arc::new(self.changed.clone());
        self.known.insert(Arc::clone(&new));
        Ok(new)
    }
}

/// Writes a number that is mostly small, in groups of three bits, each with a bit that says if another follows.
pub fn write_gap(value: u32, coder: &mut RangeWriter) {
    let mut left = value;
    while left > 7 {
        coder.write_raw(8 | left & 7, 4);
        left = (left >> 3) - 1;
    }
    coder.write_raw(left, 4);
}

/// Reads what [`write_gap`] wrote.
///
/// # Errors
/// [`DecodeError`] if the bytes end or the number is over 32 bits.
pub fn read_gap(coder: &mut RangeReader) -> Result<u32, DecodeError> {
    let mut value = 0u64;
    let mut place = 0;
    loop {
        let group = coder.read_raw(4)?;
        value += u64::from(group & 7) << place;
        if group < 8 {
            return u32::try_from(value).map_err(|_| DecodeError::NumberTooLong);
        }
        // A further group stands for at least one, so no number has two forms.
        place += 3;
        value += 1 << place;
        if place > 30 {
            return Err(DecodeError::NumberTooLong);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;
    use proptest::prelude::*;

    #[test]
    fn probabilities_stay_within_bounds() {
        for prior in 0..PRIORS as Prior {
            for decision in [false, true] {
                let mut state = State::new(prior);
                for _ in 0..10_000 {
                    state.learn(decision);
                    assert!((1..u16::MAX).contains(&state.yes));
                }
                assert_eq!(state.yes > 65_000, decision);
                assert_eq!(state.yes < 500, !decision);
            }
        }
    }

    #[test]
    fn the_table_is_the_logistic_function() {
        for (prior, &yes) in PRIOR_PROBABILITIES.iter().enumerate().skip(1) {
            let exact = 65536.0 / (1.0 + math::exp((32.0 - prior as f64) / 4.0));
            assert!((f64::from(yes) - exact).abs() <= 0.5, "{prior}");
        }
        for (weight, &rate) in RATES.iter().enumerate() {
            assert_eq!(rate, (65536.0 / (weight as f64 + 1.5)) as u32);
        }
    }

    proptest! {
        #[test]
        fn numbers_and_priors_round_trip(
            defaults in prop::collection::vec(0..64u8, 300),
            known in prop::collection::vec(0..64u8, 300),
            now in prop::collection::vec((any::<prop::sample::Index>(), 0..64u8), 0..40),
            numbers in prop::collection::vec((any::<u32>(), 0u32..32), 1..20),
            from_scratch in any::<bool>(),
        ) {
            let mut theirs = Priors::new(&defaults.into());
            for (index, &prior) in known.iter().enumerate() {
                theirs.set(index, prior);
            }
            let mut ours = theirs.clone();
            for (index, prior) in now {
                ours.set(index.index(300), prior);
            }
            let mut writer = RangeWriter::default();
            for &(number, shift) in &numbers {
                write_gap(number >> shift, &mut writer);
            }
            ours.write((!from_scratch).then_some(&theirs), &mut writer);
            let bytes = writer.finish().to_vec();
            let mut reader = RangeReader::new(&bytes);
            for &(number, shift) in &numbers {
                prop_assert_eq!(read_gap(&mut reader), Ok(number >> shift));
            }
            theirs.read(&mut reader).unwrap();
            prop_assert_eq!(reader.finish(), Ok(()));
            prop_assert_eq!(&theirs, &ours);
            theirs.clear();
            let defaults = Priors::new(&theirs.defaults);
            prop_assert_eq!(theirs, defaults);
        }
    }

    #[test]
    fn mirrors_of_a_room_share_their_priors() {
        let defaults: Arc<[Prior]> = vec![UNKNOWN_PRIOR; 100].into();
        let mut learned = Priors::new(&defaults);
        learned.set(7, 40);
        let mut coder = RangeWriter::default();
        learned.write(None, &mut coder);
        let change = coder.finish();
        let mut known = KnownPriors::new(&defaults);
        let mut change =
            |before: Option<&Priors>| known.change(before, &mut RangeReader::new(change)).unwrap();
        let (first, second) = (change(None), change(None));
        assert!(Arc::ptr_eq(&first, &second) && *first == learned);
        let mut other = Priors::new(&defaults);
        other.set(9, 3);
        assert!(Arc::ptr_eq(&first, &change(Some(&other))), "the change starts from the defaults");
        let mut more = Priors::new(&vec![UNKNOWN_PRIOR; 200].into());
        more.set(150, 40);
        let mut coder = RangeWriter::default();
        more.write(None, &mut coder);
        let beyond = known.change(None, &mut RangeReader::new(coder.finish()));
        assert_eq!(beyond, Err(DecodeError::NoSuchContext));
        drop((first, second));
        let mut coder = RangeWriter::default();
        other.write(None, &mut coder);
        let kept = known.change(None, &mut RangeReader::new(coder.finish())).unwrap();
        assert_eq!((known.known.len(), &*kept), (1, &other), "priors that no mirror has are dropped");
    }
}
