//! How a room learns its priors: it counts decisions, and changes a prior once the old one has wasted more bits than the new one
//! costs to send (the ski-rental rule: Karlin et al., 1988).
//!
//! The priors belong to the room, not to a chain of deltas: a client that has a block's baseline and the priors can decode it,
//! however many blocks before it were lost.

use std::sync::Arc;

use crate::codec::priors::{PRIOR_PROBABILITIES, Priors};
use crate::codec::range_coder::RangeWriter;
use crate::codec::symbols::Tally;
use crate::layout::{Prior, UNKNOWN_PRIOR};
use crate::math;

/// Bits that a context must have wasted before its prior is changed. Sending it takes about twelve.
const COST_BITS: f64 = 14.0;
/// A count that has led to no change loses one part in this many each time, so that old traffic is forgotten.
const FORGET: u32 = 5;

/// A room's priors, as they are learned.
#[derive(Debug)]
pub struct Learner {
    now: Priors,
    /// The priors before the last change, and the ticks from which each was in force.
    before: Priors,
    since: u32,
    before_since: u32,
}

impl Learner {
    /// A learner that begins from a layout's default priors.
    #[must_use]
    pub fn new(defaults: &Arc<[Prior]>) -> Self {
        let priors = Priors::new(defaults);
        Self { now: priors.clone(), before: priors, since: 0, before_since: 0 }
    }

    /// The priors in force.
    #[must_use]
    pub fn priors(&self) -> &Priors {
        &self.now
    }

    /// Changes the priors from `tick` on where the counts say that it pays. Returns true if any has changed.
    pub fn learn(&mut self, tally: &mut [Tally], tick: u32) -> bool {
        let mut changed = false;
        for (context, counts) in tally.iter_mut().enumerate() {
            if *counts == [0; 2] {
                continue;
            }
            let Some(prior) = better(*counts, self.now.levels()[context]) else {
                *counts = counts.map(|count| count - count.div_ceil(FORGET));
                continue;
            };
            if !changed {
                self.before.copy_from(&self.now);
                changed = true;
            }
            self.now.set(context, prior);
            *counts = [0; 2];
        }
        if changed {
            self.before_since = self.since;
            self.since = tick;
        }
        changed
    }

    /// Returns true if a client whose last snapshot is of tick `known` has the priors in force.
    #[must_use]
    pub fn is_known(&self, known: Option<u32>) -> bool {
        self.since == 0 || known.is_some_and(|tick| tick >= self.since)
    }

    /// Writes the change of the priors for a client whose last snapshot is of tick `known`.
    pub fn write(&self, known: Option<u32>, coder: &mut RangeWriter) {
        let before = known.filter(|&tick| tick >= self.before_since).map(|_| &self.before);
        self.now.write(before, coder);
    }
}

/// The prior that should replace another; `None` if that has not wasted enough bits on these decisions.
fn better([no, yes]: Tally, prior: Prior) -> Option<Prior> {
    let (no, yes) = (f64::from(no), f64::from(yes));
    // A little of both is added, so that a rare decision is never taken to be impossible.
    let probability = (yes + 0.4) / (no + yes + 0.8);
    let cost = |probability: f64| -yes * math::log2(probability) - no * math::log2(1.0 - probability);
    let known = f64::from(PRIOR_PROBABILITIES[usize::from(prior)]) / 65536.0;
    let best = level_of(probability);
    (best != prior && cost(known) - cost(probability) > COST_BITS).then_some(best)
}

/// The prior nearest to a probability.
#[must_use]
pub fn level_of(probability: f64) -> Prior {
    let level = 32.0 + 4.0 * math::ln(probability / (1.0 - probability));
    let prior = level.round().clamp(1.0, 63.0) as Prior;
    debug_assert!(prior != UNKNOWN_PRIOR);
    prior
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::range_coder::RangeReader;

    #[test]
    fn a_prior_changes_when_it_has_wasted_what_a_change_costs() {
        assert_eq!(better([7, 7], UNKNOWN_PRIOR), None, "even odds cost what they must");
        assert_eq!(better([8, 0], UNKNOWN_PRIOR), None, "eight bits at most are wasted so far");
        assert_eq!(better([1000, 0], UNKNOWN_PRIOR), Some(1));
        assert_eq!(better([0, 1000], UNKNOWN_PRIOR), Some(63));
        assert_eq!(better([750, 250], UNKNOWN_PRIOR), Some(28), "ln(1/3) * 4 = -4.4");
        assert_eq!(better([750, 250], 28), None);
    }

    #[test]
    fn each_client_gets_the_changes_that_it_lacks() {
        let defaults = Arc::from([0, 20, 30, 40]);
        let mut learner = Learner::new(&defaults);
        assert!(learner.is_known(None), "nothing is learned yet");
        learner.learn(&mut [[1000, 0], [0; 2], [0; 2], [0; 2]], 30);
        learner.learn(&mut [[0; 2], [0, 1000], [0; 2], [0; 2]], 60);
        // A client with tick 59 has the first change; one with tick 29, or none, has neither.
        for (known, theirs) in
            [(Some(59), Some([1, 20, 30, 40])), (Some(29), Some([9, 9, 9, 9])), (None, None)]
        {
            assert!(!learner.is_known(known));
            let mut writer = RangeWriter::default();
            learner.write(known, &mut writer);
            let mut priors = Priors::new(&defaults);
            for (context, prior) in theirs.iter().flatten().enumerate() {
                priors.set(context, *prior);
            }
            priors.read(&mut RangeReader::new(writer.finish())).unwrap();
            assert_eq!(priors.levels(), [1, 63, 30, 40]);
        }
        assert!(learner.is_known(Some(60)));
    }

    #[test]
    fn old_decisions_are_forgotten() {
        let mut learner = Learner::new(&Arc::from([UNKNOWN_PRIOR]));
        let mut tally = [[4, 0]];
        for tick in 1..100 {
            learner.learn(&mut tally, tick);
        }
        assert_eq!(tally, [[0, 0]]);
        assert_eq!(learner.priors().levels(), [UNKNOWN_PRIOR]);
    }
}
