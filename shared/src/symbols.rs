//! The symbols that deltas are made of, and how each becomes decisions of the range coder.
//!
//! The delta codec says *what* a symbol is and in which context; only this file knows how it is written. Numbers are
//! Exp-Golomb codes (Teuhola, 1978) of decisions that adapt: the exponent, then the bits below it.

use crate::contexts::{EXPONENTS, MAX_MODELLED_CHOICES, NumberContexts, Sign};
use crate::delta::DecodeError;
use crate::priors::{Prior, Priors, State, UNKNOWN_PRIOR};
use crate::range_coder::{RangeReader, RangeWriter};

/// Exponents are below this.
const MAX_EXPONENT: u32 = 31;

/// How often a context's decision was a no and a yes.
pub type Tally = [u32; 2];

/// Writes symbols.
#[derive(Debug)]
pub struct SymbolWriter {
    coder: RangeWriter,
    states: SymbolStates,
    priors: Vec<Prior>,
    tallies: Vec<Tally>,
    /// What each decision of this delta counts for.
    weight: u32,
}

impl SymbolWriter {
    /// A writer whose contexts begin from these priors.
    #[must_use]
    pub fn new(priors: &Priors) -> Self {
        Self {
            coder: RangeWriter::default(),
            states: SymbolStates::new(priors.levels().len()),
            priors: priors.levels().to_vec(),
            tallies: vec![[0; 2]; priors.levels().len()],
            weight: 0,
        }
    }

    /// Has the next message begin from other priors than the last.
    pub fn change_priors(&mut self, priors: &Priors) {
        self.priors.copy_from_slice(priors.levels());
    }

    /// Empties the writer and keeps its memory, and its tallies.
    pub fn clear(&mut self) {
        self.coder.clear();
    }

    /// The coder, for what comes before the first symbol.
    pub fn coder(&mut self) -> &mut RangeWriter {
        &mut self.coder
    }

    /// Begins a message, every context at its prior. Each of its decisions is to count so much in the tallies.
    pub fn start(&mut self, weight: u32) {
        self.states.restart();
        self.weight = weight;
    }

    /// What every context's decisions were since the tallies were last reset, over all deltas.
    pub fn tallies(&mut self) -> &mut [Tally] {
        &mut self.tallies
    }

    /// Ends the message and returns its bytes.
    pub fn finish(&mut self) -> &[u8] {
        self.coder.finish()
    }

    /// A yes or no.
    #[inline]
    pub fn flag(&mut self, context: u32, decision: bool) {
        let state = self.states.meet(context, &self.priors);
        self.coder.write(state.yes, decision);
        state.learn(decision);
        if self.weight > 0 {
            let count = &mut self.tallies[context as usize][usize::from(decision)];
            *count = count.saturating_add(self.weight);
        }
    }

    /// A number of fixed width, all values alike.
    pub fn raw(&mut self, value: u32, bits: u32) {
        self.coder.write_raw(value, bits);
    }

    /// A number from 0, mostly small; `first` is the first of its [`EXPONENTS`] contexts.
    ///
    /// # Panics
    /// If it is `u32::MAX`: no count is.
    pub fn count(&mut self, first: u32, value: u32) {
        let number = value.checked_add(1).expect("counts are bounded");
        let exponent = number.ilog2();
        self.exponent(first, exponent);
        self.raw(number ^ (1 << exponent), exponent);
    }

    /// Which of a column's other values it has; `bits` are as many as the greatest choice needs.
    pub fn choice(&mut self, first: u32, choice: u32, bits: u32) {
        if 1 << bits > u64::from(MAX_MODELLED_CHOICES) {
            return self.raw(choice, bits);
        }
        let mut node = 1;
        for place in (0..bits).rev() {
            let bit = choice >> place & 1;
            self.flag(first + node - 1, bit == 1);
            node = node << 1 | bit;
        }
    }

    /// Whether a number is zero.
    #[inline]
    pub fn is_zero(&mut self, contexts: NumberContexts, set: u32, zero: bool) {
        self.flag(contexts.set(set), zero);
    }

    /// A number that is not zero; `before` is the sign that it had a tick ago.
    #[inline]
    pub fn number(&mut self, contexts: NumberContexts, set: u32, before: Sign, number: i32) {
        debug_assert!(number != 0, "zero is written by is_zero");
        self.flag(contexts.sign(before), number < 0);
        let magnitude = number.unsigned_abs();
        let exponent = magnitude.ilog2();
        self.exponent(contexts.set(set) + 1, exponent);
        if exponent >= 1 {
            let second = magnitude >> (exponent - 1) & 1 == 1;
            self.flag(contexts.second_bit(exponent), second);
            if exponent >= 2 {
                let third = magnitude >> (exponent - 2) & 1 == 1;
                self.flag(contexts.third_bit(exponent, second), third);
                self.raw(magnitude & ((1 << (exponent - 2)) - 1), exponent - 2);
            }
        }
    }

    /// As many yeses as the exponent, and a no.
    #[inline]
    fn exponent(&mut self, first: u32, exponent: u32) {
        for step in 0..exponent {
            self.flag(first + step.min(EXPONENTS - 1), true);
        }
        if exponent < MAX_EXPONENT {
            self.flag(first + exponent.min(EXPONENTS - 1), false);
        }
    }
}

/// Every context's state. A message begins with all of them at their priors, which each is set to when it is first met in the
/// message: most are not met, so nothing is done for all.
#[derive(Debug, Clone)]
pub struct SymbolStates {
    states: Vec<Met>,
    /// The number of the message; never 0.
    message: u32,
}

/// A context's state, in the message in which it was met last.
#[derive(Debug, Clone, Copy)]
struct Met {
    state: State,
    message: u32,
}

impl SymbolStates {
    /// States of so many contexts.
    #[must_use]
    pub fn new(contexts: usize) -> Self {
        let never = Met { state: State::new(UNKNOWN_PRIOR), message: 0 };
        Self { states: vec![never; contexts], message: 1 }
    }

    /// Begins another message.
    fn restart(&mut self) {
        self.message = self.message.wrapping_add(1);
        if self.message == 0 {
            *self = Self::new(self.states.len());
        }
    }

    /// A context's state; if it has not been met in this message, that is its prior's.
    #[inline]
    fn meet(&mut self, context: u32, priors: &[Prior]) -> &mut State {
        let met = &mut self.states[context as usize];
        if met.message != self.message {
            *met = Met { state: State::new(priors[context as usize]), message: self.message };
        }
        &mut met.state
    }
}

/// Reads the symbols that a [`SymbolWriter`] wrote.
#[derive(Debug)]
pub struct SymbolReader<'a> {
    coder: RangeReader<'a>,
    priors: &'a [Prior],
    states: &'a mut SymbolStates,
}

impl<'a> SymbolReader<'a> {
    /// Reads on from `coder`, every context at its prior.
    #[must_use]
    pub fn start(coder: RangeReader<'a>, priors: &'a Priors, states: &'a mut SymbolStates) -> Self {
        states.restart();
        Self { coder, priors: priors.levels(), states }
    }

    /// A yes or no.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn flag(&mut self, context: u32) -> Result<bool, DecodeError> {
        let state = self.states.meet(context, self.priors);
        let decision = self.coder.read(state.yes)?;
        state.learn(decision);
        Ok(decision)
    }

    /// A number of fixed width.
    ///
    /// # Errors
    /// [`DecodeError`] at the end of the bytes.
    pub fn raw(&mut self, bits: u32) -> Result<u32, DecodeError> {
        self.coder.read_raw(bits)
    }

    /// A number from 0, mostly small.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end.
    pub fn count(&mut self, first: u32) -> Result<u32, DecodeError> {
        let exponent = self.exponent(first)?;
        Ok((1 << exponent | self.raw(exponent)?) - 1)
    }

    /// Which of a column's other values it has.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end.
    pub fn choice(&mut self, first: u32, bits: u32) -> Result<u32, DecodeError> {
        if 1 << bits > u64::from(MAX_MODELLED_CHOICES) {
            return self.raw(bits);
        }
        let mut node = 1;
        for _ in 0..bits {
            node = node << 1 | u32::from(self.flag(first + node - 1)?);
        }
        Ok(node ^ (1 << bits))
    }

    /// Whether a number is zero.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end.
    #[inline]
    pub fn is_zero(&mut self, contexts: NumberContexts, set: u32) -> Result<bool, DecodeError> {
        self.flag(contexts.set(set))
    }

    /// A number that is not zero; `before` is the sign that it had a tick ago.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end.
    #[inline]
    pub fn number(&mut self, contexts: NumberContexts, set: u32, before: Sign) -> Result<i32, DecodeError> {
        let negative = self.flag(contexts.sign(before))?;
        let exponent = self.exponent(contexts.set(set) + 1)?;
        let mut magnitude = 1u32;
        if exponent >= 1 {
            let second = self.flag(contexts.second_bit(exponent))?;
            magnitude = magnitude << 1 | u32::from(second);
            if exponent >= 2 {
                magnitude = magnitude << 1 | u32::from(self.flag(contexts.third_bit(exponent, second))?);
                magnitude = magnitude << (exponent - 2) | self.raw(exponent - 2)?;
            }
        }
        // 2^31 has no positive form; it wraps to itself.
        let number = magnitude as i32;
        Ok(if negative { number.wrapping_neg() } else { number })
    }

    /// Checks that the bytes end here.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBits`] if there are more.
    pub fn finish(&self) -> Result<(), DecodeError> {
        self.coder.finish()
    }

    #[inline]
    fn exponent(&mut self, first: u32) -> Result<u32, DecodeError> {
        let mut exponent = 0;
        while exponent < MAX_EXPONENT && self.flag(first + exponent.min(EXPONENTS - 1))? {
            exponent += 1;
        }
        Ok(exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_begins_each_message_at_its_prior() {
        let priors = [40, 20];
        let mut states = SymbolStates::new(2);
        for message in [1, u32::MAX - 1, u32::MAX] {
            states.message = message;
            states.meet(0, &priors).learn(false);
            assert_ne!(*states.meet(0, &priors), State::new(40), "it has learned");
            states.restart();
            assert_eq!([0, 1].map(|context| *states.meet(context, &priors)), priors.map(State::new));
        }
        let other = [1, 2];
        states.restart();
        assert_eq!([0, 1].map(|context| *states.meet(context, &other)), other.map(State::new));
    }
}
