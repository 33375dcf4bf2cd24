//! What players may say to each other, and how often.

use drumline_shared::messages::{Channel, Chat, Refused, ServerMessage, write_control};
use unicode_normalization::char::is_combining_mark;

use crate::names::steers_direction;

/// Seconds over which chat messages are counted.
const PERIOD_SECONDS: u32 = 10;
/// Marks that may stand on one letter: a few languages use three.
const MAX_MARKS: usize = 4;

/// The rules of a room's chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatRules {
    /// Whether there is any.
    pub enabled: bool,
    /// Bytes of a message, UTF-8; at most [`MAX_CHAT_BYTES`](drumline_shared::limits::MAX_CHAT_BYTES).
    pub max_bytes: u16,
    /// Messages that a player may send in ten seconds, on average.
    pub per_10_seconds: u16,
    /// Messages that a player may send at once, if they have not said anything for a while.
    pub burst: u16,
}

impl Default for ChatRules {
    fn default() -> Self {
        Self { enabled: true, max_bytes: 200, per_10_seconds: 5, burst: 4 }
    }
}

/// What a game thinks of a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is told.
    Pass,
    /// It is not, and its speaker learns that it is not allowed.
    Refuse,
}

/// How much a player may still say. It counts in ticks, so that it is the same in every run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChatMeter {
    /// What was used up, as of `tick`: a message is a period's worth of ticks.
    used: u64,
    tick: u32,
}

impl ChatMeter {
    /// Counts a message; whether it may be said.
    pub(crate) fn count(&mut self, rules: &ChatRules, tick: u32, tick_rate_hz: u32) -> bool {
        let message = u64::from(PERIOD_SECONDS * tick_rate_hz);
        let regained = u64::from(tick - self.tick) * u64::from(rules.per_10_seconds);
        (self.used, self.tick) = (self.used.saturating_sub(regained), tick);
        let fits = self.used + message <= message * u64::from(rules.burst);
        self.used += if fits { message } else { 0 };
        fits
    }
}

/// A message as it may be told: without white space around it.
pub(crate) fn check_text(text: &str, rules: &ChatRules) -> Result<String, Refused> {
    let text = text.trim();
    if text.len() > usize::from(rules.max_bytes) {
        return Err(Refused::TooLong);
    }
    let breaks = |c: char| c.is_control() || steers_direction(c) || matches!(c, '\u{2028}' | '\u{2029}');
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > MAX_MARKS || breaks(c) {
            return Err(Refused::BadText);
        }
    }
    if text.chars().all(is_invisible) { Err(Refused::BadText) } else { Ok(text.to_owned()) }
}

/// Whether a character shows nothing by itself.
fn is_invisible(c: char) -> bool {
    let blank = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    );
    blank || c.is_whitespace() || is_combining_mark(c)
}

/// The message that tells what a player has said.
pub(crate) fn write_chat(tick: u32, player: u16, name: &str, channel: Channel, text: String) -> Vec<u8> {
    write_control(&ServerMessage::Chat(Chat { tick, player, name: name.to_owned(), channel, text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked() {
        let rules = ChatRules { max_bytes: 20, ..ChatRules::default() };
        let check = |text: &str| check_text(text, &rules);
        assert_eq!(check("  grüße, Zoë 😀 "), Ok("grüße, Zoë 😀".into()));
        assert_eq!(check("👩\u{200d}🚀 ë ệ"), Ok("👩\u{200d}🚀 ë ệ".into()));
        assert_eq!(check(&"x".repeat(20)), Ok("x".repeat(20)));
        assert_eq!(check(&"x".repeat(21)), Err(Refused::TooLong));
        assert_eq!(check(&format!("{:40}", "hi")), Ok("hi".into()), "white space around it does not count");
        let marks = |count| format!("a{}", "\u{301}".repeat(count));
        assert!(check(&marks(4)).is_ok());
        let bad = [
            "",
            " \t ",
            "\u{200b}\u{feff}",
            "\u{3164}",
            "\u{301}",
            "a\nb",
            "a\0",
            "a\u{202e}b",
            "a\u{2028}b",
        ];
        for text in bad.into_iter().chain([&*marks(5)]) {
            assert_eq!(check(text), Err(Refused::BadText), "{text:?}");
        }
    }

    #[test]
    fn a_burst_and_then_some_every_ten_seconds() {
        let rules = ChatRules { per_10_seconds: 5, burst: 3, ..ChatRules::default() };
        let mut meter = ChatMeter::default();
        // At 30 Hz, a message is regained in 60 ticks.
        let mut said = |tick| (0..10).filter(|_| meter.count(&rules, tick, 30)).count();
        assert_eq!(said(7), 3);
        assert_eq!(said(60), 0);
        assert_eq!(said(67), 1);
        assert_eq!(said(190), 2);
        assert_eq!(said(100_000), 3);
        let never = ChatRules { burst: 0, ..rules };
        assert!(!ChatMeter::default().count(&never, 1000, 30));
    }
}
