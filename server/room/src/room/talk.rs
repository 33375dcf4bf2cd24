//! What is told beside the snapshots: events, commands and their replies, chat.

use bytes::Bytes;
use drumline_shared::messages::{Channel, MessageError, Outcome, Refused, ServerMessage, write_control};

use super::Room;
use crate::chat::{Verdict, check_text, write_chat};
use crate::commands::Request;
use crate::game::PlayerId;
use crate::player::Player;
use crate::told::To;

impl Room {
    /// Takes a command that has arrived from a player: a value of the game's [`Command`](crate::Game::Command), serialized. If
    /// too many of theirs wait already it is refused, and the client is told if it wants a reply.
    ///
    /// # Errors
    /// [`MessageError`] if the bytes are no command of this game, or a spectator's; the connection should be closed.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_command(&mut self, player: PlayerId, number: u32, body: &[u8]) -> Result<(), MessageError> {
        if self.is_spectator(player) {
            self.stats.malformed_commands += 1;
            return Err(MessageError::Malformed("a spectator commands nothing".to_owned()));
        }
        let connection = self.player(player).connection;
        match self.game.push_command(Request { player, number, connection }, body) {
            Ok(true) => {}
            Ok(false) => {
                self.stats.commands_refused += 1;
                self.answer(player, number, Outcome::Refused(Refused::TooMany));
            }
            Err(error) => {
                self.stats.malformed_commands += 1;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes what a player wants to say. If it may be said, it is told with the next tick; the client is told what has come of it
    /// if it wants a reply.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_chat(&mut self, player: PlayerId, request: u32, channel: Channel, text: &str) {
        let outcome = match self.say(player, channel, text) {
            Ok(()) => {
                self.stats.chats_told += 1;
                Outcome::Done(Vec::new())
            }
            Err(refused) => {
                self.stats.chats_refused += 1;
                Outcome::Refused(refused)
            }
        };
        self.answer(player, request, outcome);
    }

    fn say(&mut self, player: PlayerId, channel: Channel, text: &str) -> Result<(), Refused> {
        let (rules, tick, rate) = (self.config.chat, self.tick, self.config.tick_rate_hz);
        if self.is_spectator(player) {
            return Err(Refused::NotAllowed);
        }
        if !rules.enabled {
            return Err(Refused::NoChat);
        }
        let mut text = check_text(text, &rules)?;
        let team = match channel {
            Channel::Room => None,
            Channel::Team => Some(self.sight(player).team.ok_or(Refused::NoTeam)?),
        };
        if !self.player_mut(player).chat.count(&rules, tick, rate) {
            return Err(Refused::TooFast);
        }
        if self.game.moderate(player, channel, &mut text) == Verdict::Refuse {
            return Err(Refused::NotAllowed);
        }
        let text = check_text(&text, &rules).map_err(|_| Refused::NotAllowed)?;
        let message = write_chat(tick + 1, player.0, &self.player(player).name, channel, text);
        self.find_teams(team.is_some());
        self.push_to_all(&message.into(), team);
        Ok(())
    }

    /// Answers a request that the game has not to do with, if an answer is wanted.
    fn answer(&mut self, player: PlayerId, request: u32, outcome: Outcome) {
        if request != 0 {
            let reply = write_control(&ServerMessage::Reply { request, outcome });
            let told = self.player_mut(player).push(reply.into(), true);
            self.stats.events_dropped += u64::from(!told);
        }
    }

    /// Has what the game has told on this tick wait for those whom it concerns.
    pub(super) fn spread(&mut self) {
        if self.told.messages.is_empty() && self.told.dropped == 0 {
            return;
        }
        let mut told = std::mem::take(&mut self.told);
        self.stats.events_dropped += told.dropped;
        self.find_teams(told.messages.iter().any(|(to, _)| matches!(to, To::Team(_))));
        for (to, message) in told.messages.drain(..) {
            match to {
                To::All => self.tell_each(&message, None),
                To::Team(team) => self.tell_each(&message, Some(team)),
                To::Player(player) => self.give_to(player, |player, tick| player.tell(message, tick)),
                To::Request(Request { player, connection, .. }) => {
                    self.give_to(player, |player, _| player.reply(message, connection));
                }
            }
        }
        told.clear();
        self.told = told;
    }

    /// Gives something to a player, if there is one.
    fn give_to(&mut self, player: PlayerId, give: impl FnOnce(&mut Player, u32) -> bool) {
        if let Some(seated) = self.seats.get_mut(usize::from(player.0)).and_then(Option::as_mut) {
            self.stats.events_dropped += u64::from(!give(seated, self.tick));
        }
    }

    /// Asks the game for each player's team, if that is needed.
    fn find_teams(&mut self, needed: bool) {
        self.teams.clear();
        if needed {
            for seat in 0..self.seats.len() {
                let is_taken = self.seats[seat].is_some();
                let team = if is_taken { self.sight(PlayerId(seat as u16)).team } else { None };
                self.teams.push(team);
            }
        }
    }

    fn tell_each(&mut self, message: &Bytes, team: Option<u16>) {
        let tick = self.tick;
        self.give_each(team, |player| player.tell(message.clone(), tick));
    }

    fn push_to_all(&mut self, message: &Bytes, team: Option<u16>) {
        self.give_each(team, |player| player.push(message.clone(), false));
    }

    /// Gives something to each player, or to those of a team.
    fn give_each(&mut self, team: Option<u16>, mut give: impl FnMut(&mut Player) -> bool) {
        for (seat, player) in self.seats.iter_mut().enumerate() {
            let concerned = team.is_none() || self.teams[seat] == team;
            if let Some(player) = player.as_mut().filter(|_| concerned) {
                self.stats.events_dropped += u64::from(!give(player));
            }
        }
    }

    /// The next message for a player that goes before the snapshot, if one waits and their seat is not held.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn poll_message(&mut self, player: PlayerId) -> Option<Bytes> {
        let tick = self.tick;
        self.player_mut(player).pop_message(tick)
    }

    /// The next fragment of a large message for a player that goes after the snapshot, if one waits and there is room for it.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn poll_fragment(&mut self, player: PlayerId) -> Option<&[u8]> {
        self.message.clear();
        let seated = self.seats[usize::from(player.0)].as_mut().expect("the driver names seated players");
        seated.pop_fragment(&mut self.message).then_some(&*self.message)
    }
}
