//! The actions that a game asks for: removals, bots, metadata, work outside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_room::{Action, Joiner, PlayerId, Removal};

use crate::net::close_reason::CloseReason;

use super::Driver;
use super::bans::RoomBan;

/// A bot that has a seat.
#[derive(Debug)]
pub(super) struct SeatedBot {
    player: PlayerId,
    /// It gives way to players.
    yields: bool,
}

impl Driver {
    /// Removes the players whom the game has refused on this tick, before a snapshot is sent to them, and returns what else it
    /// has asked for.
    pub(super) fn remove_refused(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = self.room.take_actions();
        actions.retain(|action| match action {
            Action::Remove { player, removal: Removal::Refused, reason } => {
                self.remove_for_game(*player, CloseReason::Refused, reason, now);
                false
            }
            _ => true,
        });
        actions
    }

    /// Carries out what the game has asked for, in its order.
    pub(super) fn carry_out_actions(&mut self, actions: Vec<Action>, now: Instant) {
        for action in actions {
            match action {
                Action::Remove { player, removal, reason } => self.kick_or_ban(player, removal, &reason, now),
                Action::Hold { player, seconds } => {
                    self.hold_for(player, Duration::from_secs(seconds.into()));
                }
                Action::SeatBot { name, yields } => self.seat_bot(&name, yields),
                Action::SetMaxPlayers(players) => {
                    let seats = self.entry().max_players;
                    self.entry().board.set_max_players(players.clamp(1, seats));
                }
                Action::SetMetadata(metadata) => self.entry().board.set_metadata(metadata),
                Action::Start(job) => self.jobs.start(job),
            }
        }
    }

    fn kick_or_ban(&mut self, player: PlayerId, removal: Removal, reason: &str, now: Instant) {
        let close_reason = match removal {
            Removal::Refused => CloseReason::Refused,
            Removal::Kicked => CloseReason::Kicked,
            Removal::Banned => {
                let occupant = self.occupants.get(&player);
                self.room_bans.extend(occupant.map(|occupant| RoomBan::of(occupant, reason)));
                CloseReason::Banned
            }
        };
        self.remove_for_game(player, close_reason, reason, now);
    }

    fn remove_for_game(&mut self, player: PlayerId, close_reason: CloseReason, reason: &str, now: Instant) {
        if self.remove_bot(player) {
            return;
        }
        let text = if reason.is_empty() { close_reason.text() } else { reason };
        self.remove(player, close_reason, text, now);
    }

    /// Sets for how long a player's seat is held, also if it is held now.
    fn hold_for(&mut self, player: PlayerId, time: Duration) {
        if let Some(occupant) = self.occupants.get_mut(&player) {
            occupant.hold = Some(time);
        }
        if let Some(held) = self.held.iter_mut().find(|held| held.session.player == player) {
            held.until = held.since + time;
        }
    }

    /// Gives a bot a seat, if one is free that no player has reserved.
    fn seat_bot(&mut self, name: &str, yields: bool) {
        let entry = Arc::clone(&self.registration.room().entry);
        let taken = usize::from(entry.seats_taken()) + self.bots.len();
        if taken >= entry.board.max_players().into() {
            tracing::debug!(room = self.id(), name, "there is no free seat for a bot");
            return;
        }
        match self.room.join(Joiner { is_bot: true, ..Joiner::named(name) }) {
            Ok(player) => {
                tracing::debug!(room = self.id(), %player, name, "a bot has a seat");
                self.bots.push(SeatedBot { player, yields });
                self.publish_bots();
            }
            Err(error) => tracing::warn!(room = self.id(), name, %error, "a bot gets no seat"),
        }
    }

    /// Frees a bot's seat for a player who has reserved one, if all are taken: first of those that give way.
    pub(super) fn make_seat(&mut self) {
        let seats = usize::from(self.entry().max_players);
        if self.occupants.len() + self.bots.len() < seats {
            return;
        }
        let last = self.bots.iter().rev().find(|bot| bot.yields).or(self.bots.last());
        if let Some(player) = last.map(|bot| bot.player) {
            self.remove_bot(player);
        }
    }

    /// Removes a bot. Returns false if the player is none.
    fn remove_bot(&mut self, player: PlayerId) -> bool {
        let Some(index) = self.bots.iter().position(|bot| bot.player == player) else { return false };
        self.bots.remove(index);
        self.room.leave(player);
        self.publish_bots();
        true
    }

    fn publish_bots(&self) {
        let steady = self.bots.iter().filter(|bot| !bot.yields).count();
        self.entry().board.set_bots(self.bots.len() as u16, steady as u16);
    }

    /// Passes the outcomes of jobs to the game.
    pub(super) fn take_outcomes(&mut self) {
        while let Some(outcome) = self.jobs.next_outcome() {
            self.room.handle_outcome(outcome.job, outcome.result);
        }
    }
}
