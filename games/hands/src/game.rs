//! The game: a room in which players sit at a table.

use std::ops::RangeInclusive;

use drumline::prelude::*;

use crate::messages::{Command, Event, Reply, Summary};
use crate::rules::{Rules, Settings};
use crate::world::{HandsWorld, Presses, SEATS};

/// The option for the cards that each player is dealt.
const CARDS_OPTION: &str = "cards";
const CARDS_RANGE: RangeInclusive<u64> = 1..=8;
const CARDS: u8 = 7;
/// The option for the length of a turn.
const TURN_OPTION: &str = "turn_seconds";
const TURN_RANGE: RangeInclusive<u64> = 5..=120;
const TURN_SECONDS: u16 = 20;

/// The card game.
///
/// The option `cards` sets how many cards each player is dealt, and `turn_seconds` how long a turn may be.
pub struct Hands {
    rules: Rules,
    /// The metadata that lists of rooms show.
    summary: Option<Summary>,
}

#[game]
impl Game for Hands {
    const NAME: &'static str = "hands";
    const TICK_RATE_HZ: u32 = 5;
    const MAX_PLAYERS: u16 = SEATS;
    // By then the cards that a viewer sees are played.
    const SPECTATORS: Spectators = Spectators::Allowed { delay_seconds: 60 };
    type World = HandsWorld;
    type Input = Presses;
    type Event = Event;
    type Command = Command;
    type Reply = Reply;
    type Metadata = Summary;

    fn rules(mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        if !mode.is_empty() {
            return Err(SetupError::UnknownMode(mode.to_owned()));
        }
        let known = |name: &String| [CARDS_OPTION, TURN_OPTION].contains(&name.as_str());
        if let Some(name) = options.keys().find(|name| !known(name)) {
            return Err(SetupError::UnknownOption(name.clone()));
        }
        settings(options)?;
        // The operator may set fewer seats, never more: a deck is not enough for them.
        Ok(RoomRules { max_players: Some(SEATS), ..RoomRules::default() })
    }

    fn new(setup: &Setup) -> Self {
        let defaults = Settings { cards: CARDS, turn_seconds: TURN_SECONDS };
        Self { rules: Rules::new(setup.seed, settings(&setup.options).unwrap_or(defaults)), summary: None }
    }

    fn world(&self) -> &HandsWorld {
        &self.rules.world
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.rules.sit(player);
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.rules.leave(player);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.rules.tick(tick);
        let summary = self.rules.summary();
        if self.summary != Some(summary) && tick.set_metadata(&summary).is_ok() {
            self.summary = Some(summary);
        }
    }
}

fn settings(options: &Options) -> Result<Settings, SetupError> {
    let number = |name, range: RangeInclusive<u64>, default, expected| match options.get(name) {
        None => Ok(default),
        Some(value) => match value.as_u64().filter(|number| range.contains(number)) {
            Some(number) => Ok(number as u16),
            None => Err(SetupError::BadOption { name, expected }),
        },
    };
    let cards = number(CARDS_OPTION, CARDS_RANGE, CARDS.into(), "a whole number from 1 to 8")?;
    let turn_seconds =
        number(TURN_OPTION, TURN_RANGE, TURN_SECONDS, "a whole number of seconds from 5 to 120")?;
    Ok(Settings { cards: cards as u8, turn_seconds })
}
