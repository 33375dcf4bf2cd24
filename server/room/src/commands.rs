//! Commands on their way to the game, and who is to get their replies.

use std::collections::VecDeque;

use drumline_shared::limits::{MAX_COMMANDS_PER_TICK, MAX_WAITING_COMMANDS};

use crate::game::PlayerId;

/// What a reply answers: [`Tick::reply`](crate::Tick::reply) uses it up. Keep it to answer on a later tick; without an answer the
/// client gives up after a while.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub(crate) player: PlayerId,
    pub(crate) number: u32,
    /// The connection that it came on: a reply on another would find nobody who waits for it.
    pub(crate) connection: u32,
}

impl Request {
    /// Whether the client wants a reply.
    #[must_use]
    pub fn wants_reply(&self) -> bool {
        self.number != 0
    }
}

/// Commands that wait for their tick, in the order of their arrival.
#[derive(Debug)]
pub(crate) struct Commands<C> {
    waiting: VecDeque<(PlayerId, C, Request)>,
    /// How many wait, by seat.
    counts: Vec<u8>,
}

impl<C> Commands<C> {
    pub(crate) fn new() -> Self {
        Self { waiting: VecDeque::new(), counts: Vec::new() }
    }

    /// Has a command wait; whether it does: a player may have [`MAX_WAITING_COMMANDS`] do so.
    pub(crate) fn push(&mut self, command: C, request: Request) -> bool {
        let (player, seat) = (request.player, usize::from(request.player.0));
        if self.counts.len() <= seat {
            self.counts.resize(seat + 1, 0);
        }
        let fits = self.counts[seat] < MAX_WAITING_COMMANDS;
        if fits {
            self.counts[seat] += 1;
            self.waiting.push_back((player, command, request));
        }
        fits
    }

    /// Takes those of a tick: of each player the first [`MAX_COMMANDS_PER_TICK`].
    pub(crate) fn take(&mut self) -> Vec<(PlayerId, C, Request)> {
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let mut left = vec![MAX_COMMANDS_PER_TICK; self.counts.len()];
        let mut is_due = |player: PlayerId| {
            let left = &mut left[usize::from(player.0)];
            let due = *left > 0;
            *left -= u8::from(due);
            due
        };
        let (due, later): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|(player, ..)| is_due(*player));
        self.waiting.extend(later);
        for (player, ..) in &due {
            self.counts[usize::from(player.0)] -= 1;
        }
        due
    }

    /// Forgets those of a player who has left.
    pub(crate) fn forget(&mut self, player: PlayerId) {
        if let Some(count) = self.counts.get_mut(usize::from(player.0)).filter(|count| **count > 0) {
            *count = 0;
            self.waiting.retain(|(other, ..)| *other != player);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(commands: &mut Commands<u32>, player: u16, command: u32) -> bool {
        commands.push(command, Request { player: PlayerId(player), number: 0, connection: 0 })
    }

    fn take(commands: &mut Commands<u32>) -> Vec<u32> {
        commands.take().into_iter().map(|(_, command, _)| command).collect()
    }

    #[test]
    fn commands_keep_their_order_and_each_player_has_some_a_tick() {
        let mut commands = Commands::new();
        for command in 0..10 {
            assert!(push(&mut commands, 3, command));
        }
        assert!(push(&mut commands, 0, 100));
        assert_eq!(take(&mut commands), [0, 1, 2, 3, 4, 5, 6, 7, 100]);
        assert!(push(&mut commands, 0, 101));
        assert_eq!(take(&mut commands), [8, 9, 101]);
        assert!(take(&mut commands).is_empty());
    }

    #[test]
    fn a_player_may_have_some_wait_and_none_once_they_have_left() {
        let mut commands = Commands::new();
        assert!((0..64).all(|command| push(&mut commands, 1, command)));
        assert!(!push(&mut commands, 1, 64) && push(&mut commands, 2, 200));
        assert_eq!(take(&mut commands).len(), 9);
        assert!(push(&mut commands, 1, 65));
        commands.forget(PlayerId(1));
        commands.forget(PlayerId(9));
        assert!(take(&mut commands).is_empty());
        assert!((0..64).all(|command| push(&mut commands, 1, command)));
    }
}
