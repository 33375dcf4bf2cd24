//! The arrival of commands and chat messages, which share a sequence of numbers.

use bytes::Bytes;
use drumline_shared::error::MessageError;
use drumline_shared::wire::control::{Channel, Refused};
use thiserror::Error;

use super::command_queue::QueueFull;
use super::request_numbers::Place;
use super::{Intake, SeatMarks};
use crate::player_id::PlayerId;
use crate::record::{ChatRecord, CommandRecord, RequestId};
use crate::text::check_chat;

/// A command is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// Too many commands of the player wait already. The connection may go on.
    #[error("too many commands wait")]
    QueueFull,
    /// The bytes are no command of this game or come from a spectator, or numbers are missing before this one. The connection
    /// should be closed.
    #[error(transparent)]
    Malformed(#[from] MessageError),
}

/// A chat message is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChatError {
    /// It breaks the rules of the chat. The client gets the reason.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It comes from a spectator, or numbers are missing before it. The connection should be closed.
    #[error(transparent)]
    Malformed(#[from] MessageError),
}

impl Intake {
    /// Takes a command: a serialized [`Game::Command`](crate::Game::Command). One that was accepted before, or comes after one
    /// that was refused, is ignored.
    ///
    /// # Errors
    /// [`CommandError`] if too many wait, or the bytes are no command of this game, or numbers are missing before this one.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn command(&mut self, request: RequestId, body: Bytes) -> Result<(), CommandError> {
        let checked = if self.is_spectator(request.player) {
            Err(MessageError::Malformed("a spectator cannot send commands".to_owned()))
        } else {
            (self.config.check_command)(&body).and_then(|()| self.is_next(request))
        };
        match checked {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                self.stats.malformed_commands += 1;
                return Err(error.into());
            }
        }
        let pushed = self.commands.push(CommandRecord { request, body });
        let requests = &mut self.seat_mut(request.player).requests;
        if pushed == Err(QueueFull) {
            requests.refuse();
            self.stats.commands_refused += 1;
            return Err(CommandError::QueueFull);
        }
        requests.accept();
        Ok(())
    }

    /// Takes a chat message. One that was accepted before, or comes after a command that was refused, is ignored.
    ///
    /// # Errors
    /// [`ChatError`] if it breaks the rules for length, characters or rate, or numbers are missing before this one.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn chat(&mut self, request: RequestId, channel: Channel, text: &str) -> Result<(), ChatError> {
        if self.is_spectator(request.player) {
            return Err(MessageError::Malformed("a spectator cannot chat".to_owned()).into());
        }
        if !self.is_next(request)? {
            return Ok(());
        }
        // A refusal uses the number up, since it is the answer to it.
        self.seat_mut(request.player).requests.accept();
        let text = self.check_chat(request.player, text)?;
        let chat = ChatRecord { request, channel, text };
        match channel {
            Channel::Room => self.next.public.chat.push(chat),
            Channel::Team => self.next.private.team_chat.push(chat),
        }
        Ok(())
    }

    fn check_chat(&mut self, player: PlayerId, text: &str) -> Result<String, Refused> {
        let (rules, tick, tick_rate_hz) = (self.config.chat, self.now.tick, self.config.tick_rate_hz);
        if !rules.enabled {
            return Err(Refused::NoChat);
        }
        // The rate comes first: a flood is refused without a look at its text.
        if !self.seat_mut(player).chat.allow(&rules, tick, tick_rate_hz) {
            return Err(Refused::TooFast);
        }
        check_chat(text, &rules)
    }

    /// Returns true if a request has the next number of its seat, and false if it is to be ignored.
    fn is_next(&self, request: RequestId) -> Result<bool, MessageError> {
        match self.seat(request.player).requests.place(request.number) {
            Place::Next => Ok(true),
            Place::Ignored => Ok(false),
            Place::Gap => {
                let number = request.number;
                Err(MessageError::Malformed(format!("numbers are missing before request {number}")))
            }
        }
    }

    /// The highest number of a command or chat message that was accepted, if the client has not been told of it yet and is
    /// connected.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn take_confirmation(&mut self, player: PlayerId) -> Option<u32> {
        let seat = self.seat_mut(player);
        if seat.is_away() { None } else { seat.requests.take_confirmation() }
    }

    /// The highest numbers that the room has of a seat.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn marks(&self, player: PlayerId) -> SeatMarks {
        let seat = self.seat(player);
        SeatMarks { input: seat.inputs.last_number(), command: seat.requests.accepted() }
    }
}
