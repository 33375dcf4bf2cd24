//! The symbols of deltas, and how each becomes decisions of the range coder.
//!
//! The delta codec chooses a symbol and its context; only this file knows how it is written. Numbers are Exp-Golomb codes
//! (Teuhola, 1978) of decisions that adapt: the exponent, then the bits below it.

use crate::codec::priors::{Priors, State};
use crate::codec::range_coder::{RangeReader, RangeWriter};
use crate::error::DecodeError;
use crate::layout::contexts::{EXPONENTS, MAX_MODELLED_CHOICES, NumberContexts, Sign};
use crate::layout::{Prior, UNKNOWN_PRIOR};

/// Exponents are below this.
const MAX_EXPONENT: u32 = 31;

/// How often a context's decision was a no, and how often a yes.
pub type Tally = [u32; 2];

/// Writes symbols.
#[derive(Debug)]
pub struct SymbolWriter {
    coder: RangeWriter,
    states: SymbolStates,
    priors: Vec<Prior>,
    tallies: Vec<Tally>,
    /// How often each decision of this delta counts.
    weight: u32,
}

impl SymbolWriter {
    /// A writer whose contexts begin with these priors.
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

    /// Makes the next message begin with these priors.
    pub fn change_priors(&mut self, priors: &Priors) {
        self.priors.copy_from_slice(priors.levels());
    }

    /// Empties the writer. Its memory and its tallies stay.
    pub fn clear(&mut self) {
        self.coder.clear();
    }

    /// The coder, to write what comes before the first symbol.
    pub fn coder(&mut self) -> &mut RangeWriter {
        &mut self.coder
    }

    /// Begins a message, with each context at its prior. Each of its decisions counts `weight` times in the tallies.
    pub fn start(&mut self, weight: u32) {
        self.states.restart();
        self.weight = weight;
    }

    /// The decisions of each context in all messages since the tallies were last reset.
    pub fn tallies(&mut self) -> &mut [Tally] {
        &mut self.tallies
    }

    /// Ends the message and returns its bytes.
    pub fn finish(&mut self) -> &[u8] {
        self.coder.finish()
    }

    /// Writes a yes or no.
    #[inline]
    pub fn flag(&mut self, context: u32, decision: bool) {
        let state = self.states.state(context, &self.priors);
        self.coder.write(state.yes, decision);
        state.learn(decision);
        if self.weight > 0 {
            let count = &mut self.tallies[context as usize][usize::from(decision)];
            *count = count.saturating_add(self.weight);
        }
    }

    /// Writes a number of fixed width, all values being equally likely.
    pub fn raw(&mut self, value: u32, bits: u32) {
        self.coder.write_raw(value, bits);
    }

    /// Writes a count that is mostly small; `first` is the first of its [`EXPONENTS`] contexts.
    ///
    /// # Panics
    /// If it is `u32::MAX`, which no count is.
    pub fn count(&mut self, first: u32, value: u32) {
        let number = value.checked_add(1).expect("counts are bounded");
        let exponent = number.ilog2();
        self.exponent(first, exponent);
        self.raw(number ^ (1 << exponent), exponent);
    }

    /// Writes a choice among a column's other values; `bits` is the width of the greatest one.
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

    /// Writes if a number is zero.
    #[inline]
    pub fn is_zero(&mut self, contexts: NumberContexts, set: u32, zero: bool) {
        self.flag(contexts.set(set), zero);
    }

    /// Writes a number that is not zero; `before` is the sign of the last surprise.
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

    /// Writes as many yeses as the exponent, and a no.
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

/// The state of each context. A message begins with all of them at their priors. Each is set to its prior when the message first
/// uses it, since most messages use few contexts.
#[derive(Debug, Clone)]
pub struct SymbolStates {
    states: Vec<ContextState>,
    /// The number of the message; never 0.
    message: u32,
}

/// A context's state, and the message that last used it.
#[derive(Debug, Clone, Copy)]
struct ContextState {
    state: State,
    message: u32,
}

impl SymbolStates {
    /// The states of `contexts` contexts.
    #[must_use]
    pub fn new(contexts: usize) -> Self {
        let unused = ContextState { state: State::new(UNKNOWN_PRIOR), message: 0 };
        Self { states: vec![unused; contexts], message: 1 }
    }

    /// Begins another message.
    fn restart(&mut self) {
        self.message = self.message.wrapping_add(1);
        // Message 0 marks states that no message has used.
        if self.message == 0 {
            *self = Self::new(self.states.len());
        }
    }

    /// A context's state, which is its prior's if this message has not used it before.
    #[inline]
    fn state(&mut self, context: u32, priors: &[Prior]) -> &mut State {
        let used = &mut self.states[context as usize];
        if used.message != self.message {
            *used = ContextState { state: State::new(priors[context as usize]), message: self.message };
        }
        &mut used.state
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
    /// Reads on from `coder`, with each context at its prior.
    #[must_use]
    pub fn start(coder: RangeReader<'a>, priors: &'a Priors, states: &'a mut SymbolStates) -> Self {
        states.restart();
        Self { coder, priors: priors.levels(), states }
    }

    /// Reads a yes or no.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn flag(&mut self, context: u32) -> Result<bool, DecodeError> {
        let state = self.states.state(context, self.priors);
        let decision = self.coder.read(state.yes)?;
        state.learn(decision);
        Ok(decision)
    }

    /// Reads a number of fixed width.
    ///
    /// # Errors
    /// [`DecodeError`] at the end of the bytes.
    pub fn raw(&mut self, bits: u32) -> Result<u32, DecodeError> {
        self.coder.read_raw(bits)
    }

    /// Reads a count that is mostly small.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end.
    pub fn count(&mut self, first: u32) -> Result<u32, DecodeError> {
        let exponent = self.exponent(first)?;
        Ok((1 << exponent | self.raw(exponent)?) - 1)
    }

    /// Reads a choice among a column's other values.
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

    /// Reads if a number is zero.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end.
    #[inline]
    pub fn is_zero(&mut self, contexts: NumberContexts, set: u32) -> Result<bool, DecodeError> {
        self.flag(contexts.set(set))
    }

    /// Reads a number that is not zero; `before` is the sign of the last surprise.
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
        // 2^31 is not an i32; it wraps to the negative one, as the writer's magnitude did.
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
            states.state(0, &priors).learn(false);
            assert_ne!(*states.state(0, &priors), State::new(40), "it has adapted");
            states.restart();
            assert_eq!([0, 1].map(|context| *states.state(context, &priors)), priors.map(State::new));
        }
        let other = [1, 2];
        states.restart();
        assert_eq!([0, 1].map(|context| *states.state(context, &other)), other.map(State::new));
    }
}
