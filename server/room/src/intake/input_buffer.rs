//! One player's inputs, between their arrival and the tick that they are meant for.
//!
//! The rules, in the order in which they are applied to an input that arrives before tick `next`:
//!
//! 1. *flood*: more than [`TickLimits::inputs_per_tick`] since the last tick: dropped;
//! 2. *duplicate*: its number is not above every number received before: dropped;
//! 3. *future*: meant for `next +` [`TickLimits::input_buffer`] or later: dropped;
//! 4. *stale*: meant for a tick more than [`TickLimits::late`] ticks before `next`: dropped;
//! 5. *late*: meant for an earlier tick than `next`: it is applied on `next`;
//! 6. two for one tick: the newer one replaces the older.
//!
//! A tick without an input repeats the last one for [`TickLimits::repeat`] ticks, then takes the neutral one. An input that is
//! older than one already consumed is passed over. After [`TickLimits::rejected_inputs`] dropped in a row the player should be
//! kicked.

use std::sync::Arc;

use drumline_shared::layout::InputLayout;
use drumline_shared::limits::TickLimits;
use drumline_shared::wire::input::InputHeader;
use drumline_shared::wire::snapshot::InputAck;

/// The outcome for an input that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputVerdict {
    /// It waits for its tick.
    Accepted,
    /// Its tick has passed; it is applied on the next one.
    Late,
    /// Dropped: too many since the last tick.
    Flood,
    /// Dropped: its number is not new.
    Duplicate,
    /// Dropped: its tick is too far ahead.
    Future,
    /// Dropped: its tick is too long past.
    Stale,
}

impl InputVerdict {
    /// Returns true if the input was dropped.
    #[must_use]
    pub fn is_rejection(self) -> bool {
        !matches!(self, Self::Accepted | Self::Late)
    }
}

/// Counts of inputs by outcome, and of ticks without one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputCounts {
    /// Arrived in time.
    pub accepted: u64,
    /// Arrived late and applied on the next tick.
    pub late: u64,
    /// Dropped as a flood.
    pub flood: u64,
    /// Dropped as a duplicate.
    pub duplicate: u64,
    /// Dropped as too far ahead.
    pub future: u64,
    /// Dropped as too long past.
    pub stale: u64,
    /// Ticks on which the last input was repeated, because none had come for them.
    pub repeated: u64,
    /// Ticks on which the neutral input was used: before a player's first, or long after their last.
    pub neutral: u64,
}

impl InputCounts {
    /// Inputs that were dropped, for any reason.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.flood + self.duplicate + self.future + self.stale
    }

    /// Adds another's counts to these.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.late += other.late;
        self.flood += other.flood;
        self.duplicate += other.duplicate;
        self.future += other.future;
        self.stale += other.stale;
        self.repeated += other.repeated;
        self.neutral += other.neutral;
    }

    fn count(&mut self, verdict: InputVerdict) {
        let counter = match verdict {
            InputVerdict::Accepted => &mut self.accepted,
            InputVerdict::Late => &mut self.late,
            InputVerdict::Flood => &mut self.flood,
            InputVerdict::Duplicate => &mut self.duplicate,
            InputVerdict::Future => &mut self.future,
            InputVerdict::Stale => &mut self.stale,
        };
        *counter += 1;
    }
}

/// A client's report of what it displayed when it made an input. Nothing in it is trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ViewReport {
    /// The tick of the newest snapshot that the client had.
    pub acked_tick: u32,
    /// The delay of the display behind that snapshot, in eighths of a tick.
    pub view_eighths: u8,
    /// Ticks since the report. The display has moved on by as many.
    pub ticks_ago: u32,
}

/// An input that waits for its tick. Inputs are numbered from 1; a number of 0 is an empty slot.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    number: u32,
    slack_ticks: i8,
    view: ViewReport,
}

/// One player's inputs. For each tick: any number of [`receive`](Self::receive), then one [`consume`](Self::consume).
#[derive(Debug)]
pub struct InputBuffer {
    layout: Arc<InputLayout>,
    limits: TickLimits,
    /// A ring indexed by tick, and the row of each slot.
    slots: Vec<Slot>,
    rows: Vec<u32>,
    /// The row of the last consumed input.
    last: Vec<u32>,
    /// The counts of presses in the newest input that was accepted.
    presses: Vec<u32>,
    ack: Option<InputAck>,
    /// The last consumed input's report, and the tick on which it was consumed.
    view: Option<(ViewReport, u32)>,
    last_number: u32,
    received_since_tick: u32,
    ticks_without_input: u32,
    rejected_in_a_row: u32,
    counts: InputCounts,
}

impl InputBuffer {
    /// An empty buffer.
    #[must_use]
    pub fn new(layout: Arc<InputLayout>, limits: TickLimits) -> Self {
        let slots = limits.input_buffer as usize;
        Self {
            limits,
            slots: vec![Slot::default(); slots],
            rows: vec![0; layout.neutral.len() * slots],
            last: layout.neutral.clone(),
            presses: vec![0; layout.presses.len()],
            layout,
            ack: None,
            view: None,
            last_number: 0,
            received_since_tick: 0,
            ticks_without_input: 0,
            rejected_in_a_row: 0,
            counts: InputCounts::default(),
        }
    }

    /// Takes an input that arrived before tick `next`.
    pub fn receive(&mut self, header: InputHeader, row: &[u32], next: u32) -> InputVerdict {
        let verdict = self.judge(header, next);
        self.counts.count(verdict);
        if verdict.is_rejection() {
            self.rejected_in_a_row += 1;
            return verdict;
        }
        self.rejected_in_a_row = 0;
        let index = (header.tick.max(next) % self.limits.input_buffer) as usize;
        let slack = i64::from(header.tick) - i64::from(next);
        let InputHeader { number, acked_tick, view_eighths, .. } = header;
        let view = ViewReport { acked_tick, view_eighths, ticks_ago: 0 };
        self.slots[index] = Slot { number, slack_ticks: slack.clamp(-127, 127) as i8, view };
        let width = self.last.len();
        self.rows[index * width..(index + 1) * width].copy_from_slice(row);
        for (presses, &column) in self.presses.iter_mut().zip(&self.layout.presses) {
            *presses = row[column];
        }
        verdict
    }

    fn judge(&mut self, header: InputHeader, next: u32) -> InputVerdict {
        self.received_since_tick += 1;
        if self.received_since_tick > self.limits.inputs_per_tick {
            return InputVerdict::Flood;
        }
        if header.number <= self.last_number {
            return InputVerdict::Duplicate;
        }
        self.last_number = header.number;
        if header.tick >= next.saturating_add(self.limits.input_buffer) {
            InputVerdict::Future
        } else if header.tick.saturating_add(self.limits.late) < next {
            InputVerdict::Stale
        } else if header.tick < next {
            InputVerdict::Late
        } else {
            InputVerdict::Accepted
        }
    }

    /// Moves on to a tick, and returns its row: its input, the last one repeated, or the neutral one.
    pub fn consume(&mut self, tick: u32) -> &[u32] {
        self.received_since_tick = 0;
        let index = (tick % self.limits.input_buffer) as usize;
        let slot = std::mem::take(&mut self.slots[index]);
        let consumed = self.ack.map_or(0, |ack| ack.number);
        if slot.number > consumed {
            let width = self.last.len();
            self.last.copy_from_slice(&self.rows[index * width..(index + 1) * width]);
            self.ack = Some(InputAck { number: slot.number, slack_ticks: slot.slack_ticks });
            self.view = Some((slot.view, tick));
            self.ticks_without_input = 0;
        } else {
            self.ticks_without_input += 1;
            if self.ack.is_some() && self.ticks_without_input <= self.limits.repeat {
                self.counts.repeated += 1;
            } else {
                self.neutralize();
                self.counts.neutral += 1;
            }
        }
        &self.last
    }

    /// Makes the last row the neutral one, in which nothing is pressed again.
    fn neutralize(&mut self) {
        let Self { layout, last, .. } = self;
        let columns = last.iter_mut().zip(&layout.neutral).enumerate();
        for (_, (column, &neutral)) in columns.filter(|(index, _)| !layout.presses.contains(index)) {
            *column = neutral;
        }
    }

    /// The counts of presses in the newest input that was accepted.
    #[must_use]
    pub fn presses(&self) -> &[u32] {
        &self.presses
    }

    /// The row of the tick that was consumed last.
    #[must_use]
    pub fn row(&self) -> &[u32] {
        &self.last
    }

    /// The last consumed input and its slack; `None` before the first.
    #[must_use]
    pub fn ack(&self) -> Option<InputAck> {
        self.ack
    }

    /// The slack of the input that was consumed on a tick; `None` if it had none.
    #[must_use]
    pub fn slack_at(&self, tick: u32) -> Option<i8> {
        let (_, consumed_at) = self.view?;
        self.ack.filter(|_| consumed_at == tick).map(|ack| ack.slack_ticks)
    }

    /// The report that came with the last consumed input, which may be that of an earlier tick; `None` before the first.
    #[must_use]
    pub fn view(&self, tick: u32) -> Option<ViewReport> {
        self.view.map(|(view, consumed)| ViewReport { ticks_ago: tick - consumed, ..view })
    }

    /// The newest number received.
    #[must_use]
    pub fn last_number(&self) -> u32 {
        self.last_number
    }

    /// Starts over for another connection. Numbers continue; inputs that were dropped before no longer count.
    pub fn restart(&mut self) {
        self.rejected_in_a_row = 0;
    }

    /// Returns true if more than [`TickLimits::rejected_inputs`] in a row have been dropped.
    #[must_use]
    pub fn is_flooding(&self) -> bool {
        self.rejected_in_a_row > self.limits.rejected_inputs
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> &InputCounts {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: TickLimits = TickLimits::LEAST;

    use drumline_shared::quantize::IntRange;
    use drumline_shared::schema::{Field, FieldKind, InputSchema, Predict};

    fn buffer_of(kind: FieldKind) -> InputBuffer {
        let fields = vec![Field::new("f", kind, Predict::Last)];
        let schema = InputSchema { fields: fields.into(), neutral: vec![0] };
        InputBuffer::new(InputLayout::new(&schema).unwrap().into(), LIMITS)
    }

    fn buffer() -> InputBuffer {
        buffer_of(FieldKind::Int(IntRange::new(0, 10_000)))
    }

    #[test]
    fn a_press_is_counted_by_the_neutral_input_too() {
        let mut buffer = buffer_of(FieldKind::Press);
        send(&mut buffer, 1, 0, 0);
        for tick in 0..2 * LIMITS.repeat {
            assert_eq!(buffer.consume(tick), [10], "nothing was pressed again");
        }
        send(&mut buffer, 2, 100, 90);
        assert_eq!(buffer.presses(), [20], "the newest, which still waits for its tick");
    }

    fn send(buffer: &mut InputBuffer, number: u32, tick: u32, next: u32) -> InputVerdict {
        buffer.receive(InputHeader { number, acked_tick: 0, tick, view_eighths: 0 }, &[number * 10], next)
    }

    #[test]
    fn an_input_waits_for_its_tick_and_reports_its_slack() {
        let mut buffer = buffer();
        assert_eq!(send(&mut buffer, 1, 12, 10), InputVerdict::Accepted);
        assert_eq!(buffer.consume(10), [0]);
        assert_eq!(buffer.ack(), None);
        buffer.consume(11);
        assert_eq!(buffer.consume(12), [10]);
        assert_eq!(buffer.ack(), Some(InputAck { number: 1, slack_ticks: 2 }));
    }

    #[test]
    fn a_late_input_is_applied_on_the_next_tick() {
        let mut buffer = buffer();
        assert_eq!(send(&mut buffer, 1, 7, 10), InputVerdict::Late);
        assert_eq!(buffer.consume(10), [10]);
        assert_eq!(buffer.ack(), Some(InputAck { number: 1, slack_ticks: -3 }));
        assert_eq!(send(&mut buffer, 2, 100, 100 + LIMITS.late), InputVerdict::Late);
        assert_eq!(send(&mut buffer, 3, 100, 101 + LIMITS.late), InputVerdict::Stale);
    }

    #[test]
    fn duplicates_and_the_far_future_are_dropped() {
        let mut buffer = buffer();
        assert_eq!(send(&mut buffer, 5, 10, 10), InputVerdict::Accepted);
        assert_eq!(send(&mut buffer, 5, 11, 10), InputVerdict::Duplicate);
        assert_eq!(send(&mut buffer, 4, 11, 10), InputVerdict::Duplicate);
        assert_eq!(send(&mut buffer, 6, 9 + LIMITS.input_buffer, 10), InputVerdict::Accepted);
        assert_eq!(send(&mut buffer, 7, 10 + LIMITS.input_buffer, 10), InputVerdict::Future);
        assert_eq!(buffer.consume(10), [50]);
    }

    #[test]
    fn the_newer_of_two_for_one_tick_wins_and_an_older_one_never_comes_after() {
        let mut buffer = buffer();
        send(&mut buffer, 1, 10, 10);
        send(&mut buffer, 2, 10, 10);
        send(&mut buffer, 3, 14, 10);
        send(&mut buffer, 4, 12, 10);
        assert_eq!(buffer.consume(10), [20]);
        buffer.consume(11);
        assert_eq!(buffer.consume(12), [40]);
        buffer.consume(13);
        assert_eq!(buffer.consume(14), [40], "number 3 is older than number 4");
        assert_eq!(buffer.ack().unwrap().number, 4);
    }

    #[test]
    fn a_missing_input_repeats_the_last_and_then_goes_neutral() {
        let mut buffer = buffer();
        send(&mut buffer, 1, 0, 0);
        for tick in 0..=LIMITS.repeat {
            assert_eq!(buffer.consume(tick), [10]);
        }
        assert_eq!(buffer.consume(LIMITS.repeat + 1), [0]);
        assert_eq!(buffer.counts().repeated, u64::from(LIMITS.repeat));
        assert_eq!(buffer.counts().neutral, 1);
    }

    #[test]
    fn a_view_report_comes_with_its_input_and_ages_without_one() {
        let mut buffer = buffer();
        let mut send = |number, acked_tick, tick, view_eighths| {
            buffer.receive(InputHeader { number, acked_tick, tick, view_eighths }, &[0], 10);
        };
        send(1, 5, 11, 20);
        send(2, 7, 13, 30);
        buffer.consume(10);
        assert_eq!(buffer.view(10), None);
        let first = ViewReport { acked_tick: 5, view_eighths: 20, ticks_ago: 0 };
        let second = ViewReport { acked_tick: 7, view_eighths: 30, ticks_ago: 0 };
        for (tick, view) in [(11, first), (12, ViewReport { ticks_ago: 1, ..first }), (13, second)] {
            buffer.consume(tick);
            assert_eq!(buffer.view(tick), Some(view));
        }
        // It ages for as long as no input comes.
        for tick in 14..=50 {
            buffer.consume(tick);
        }
        assert_eq!(buffer.view(50), Some(ViewReport { ticks_ago: 37, ..second }));
    }

    #[test]
    fn an_input_is_repeated_for_half_a_second_at_any_rate() {
        for (tick_rate_hz, repeated) in [(240, 120), (60, 30), (30, 15), (5, 15)] {
            let schema = InputSchema { fields: Vec::new().into(), neutral: Vec::new() };
            let layout = InputLayout::new(&schema).unwrap();
            let mut buffer = InputBuffer::new(layout.into(), TickLimits::of(tick_rate_hz));
            let header = InputHeader { number: 1, acked_tick: 0, tick: 1, view_eighths: 0 };
            assert_eq!(buffer.receive(header, &[], 1), InputVerdict::Accepted);
            for tick in 1..1000 {
                buffer.consume(tick);
            }
            assert_eq!(buffer.counts().repeated, repeated, "{tick_rate_hz} Hz");
        }
    }

    #[test]
    fn a_flood_is_capped_and_reported() {
        let mut buffer = buffer();
        for number in 1..=LIMITS.inputs_per_tick {
            assert_eq!(send(&mut buffer, number, 10, 10), InputVerdict::Accepted);
        }
        for number in 0..LIMITS.rejected_inputs {
            assert_eq!(send(&mut buffer, 1000 + number, 10, 10), InputVerdict::Flood);
        }
        assert!(!buffer.is_flooding());
        send(&mut buffer, 5000, 10, 10);
        assert!(buffer.is_flooding());
        buffer.consume(10);
        assert_eq!(send(&mut buffer, 5001, 11, 11), InputVerdict::Accepted);
        assert!(!buffer.is_flooding());
    }
}
