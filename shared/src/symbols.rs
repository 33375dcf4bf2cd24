//! The symbols that deltas are made of, and how each becomes decisions of the range coder.
//!
//! The delta codec says *what* a symbol is and in which context; only this file knows how it is written. Numbers are
//! Exp-Golomb codes (Teuhola, 1978) of decisions that adapt: the exponent, then the bits below it.

use crate::contexts::{EXPONENTS, MAX_MODELLED_CHOICES, NumberContexts, Sign};
use crate::delta::DecodeError;
use crate::priors::{Priors, State};
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
            states: SymbolStates::new(priors),
            tallies: vec![[0; 2]; priors.states().len()],
            weight: 0,
        }
    }

    /// Has the next message begin from other priors than the last.
    pub fn change_priors(&mut self, priors: &Priors) {
        self.states.change_priors(priors);
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
    pub fn start(&mut self, priors: &Priors, weight: u32) {
        self.states.restart(priors);
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
        let state = self.states.touch(context);
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

/// Every context's state. A message begins with all of them at their priors; if the last one was short, only those that it has
/// touched need be set back.
#[derive(Debug, Clone)]
pub struct SymbolStates {
    states: Vec<State>,
    /// The contexts of the decisions so far, as far as there is room for them.
    touched: Vec<u32>,
}

impl SymbolStates {
    /// States at these priors.
    #[must_use]
    pub fn new(priors: &Priors) -> Self {
        let states = priors.states().to_vec();
        // Beyond so many it is as well to copy all.
        let touched = Vec::with_capacity(states.len() / 8);
        Self { states, touched }
    }

    /// Sets all to other priors than those of the last message.
    pub fn change_priors(&mut self, priors: &Priors) {
        self.touched.clear();
        self.states.copy_from_slice(priors.states());
    }

    /// Sets all to their priors, which are those of the last message.
    fn restart(&mut self, priors: &Priors) {
        if self.touched.len() == self.touched.capacity() {
            self.states.copy_from_slice(priors.states());
        } else {
            for &context in &self.touched {
                self.states[context as usize] = priors.states()[context as usize];
            }
        }
        self.touched.clear();
    }

    #[inline]
    fn touch(&mut self, context: u32) -> &mut State {
        if self.touched.len() < self.touched.capacity() {
            self.touched.push(context);
        }
        &mut self.states[context as usize]
    }
}

/// Reads the symbols that a [`SymbolWriter`] wrote.
#[derive(Debug)]
pub struct SymbolReader<'a> {
    coder: RangeReader<'a>,
    states: &'a mut SymbolStates,
}

impl<'a> SymbolReader<'a> {
    /// Reads on from `coder`, every context at its prior.
    #[must_use]
    pub fn start(coder: RangeReader<'a>, priors: &Priors, states: &'a mut SymbolStates) -> Self {
        states.restart(priors);
        Self { coder, states }
    }

    /// A yes or no.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn flag(&mut self, context: u32) -> Result<bool, DecodeError> {
        let state = self.states.touch(context);
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
