//! Commands that wait for their tick.

use std::collections::VecDeque;

use drumline_shared::limits::{MAX_COMMANDS_PER_TICK, MAX_WAITING_COMMANDS};

use crate::player_id::PlayerId;
use crate::record::CommandRecord;

/// Commands of all players, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct CommandQueue {
    waiting: VecDeque<CommandRecord>,
    /// How many wait, by seat.
    counts: Vec<u8>,
    /// Scratch: how many more each seat may have on this tick.
    left: Vec<u8>,
}

/// [`MAX_WAITING_COMMANDS`] of the player wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QueueFull;

impl CommandQueue {
    pub(super) fn push(&mut self, command: CommandRecord) -> Result<(), QueueFull> {
        let seat = command.request.player.index();
        if self.counts.len() <= seat {
            self.counts.resize(seat + 1, 0);
        }
        if self.counts[seat] >= MAX_WAITING_COMMANDS {
            return Err(QueueFull);
        }
        self.counts[seat] += 1;
        self.waiting.push_back(command);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Moves those of a tick to `due`: the first [`MAX_COMMANDS_PER_TICK`] of each player.
    pub(super) fn take_due(&mut self, due: &mut Vec<CommandRecord>) {
        self.left.clear();
        self.left.resize(self.counts.len(), MAX_COMMANDS_PER_TICK);
        // One turn of the queue: those that are not due go to its end, in their order.
        for _ in 0..self.waiting.len() {
            let Some(command) = self.waiting.pop_front() else { return };
            let seat = command.request.player.index();
            if self.left[seat] > 0 {
                self.left[seat] -= 1;
                self.counts[seat] -= 1;
                due.push(command);
            } else {
                self.waiting.push_back(command);
            }
        }
    }

    /// Drops those of a player who has left.
    pub(super) fn forget(&mut self, player: PlayerId) {
        if let Some(count) = self.counts.get_mut(player.index()).filter(|count| **count > 0) {
            *count = 0;
            self.waiting.retain(|command| command.request.player != player);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RequestId;

    fn push(commands: &mut CommandQueue, player: u16, command: u8) -> Result<(), QueueFull> {
        let request = RequestId { player: PlayerId::first(player), number: 0, reply: false };
        commands.push(CommandRecord { request, body: vec![command].into() })
    }

    fn take(commands: &mut CommandQueue) -> Vec<u8> {
        let mut due = Vec::new();
        commands.take_due(&mut due);
        due.into_iter().map(|command| command.body[0]).collect()
    }

    #[test]
    fn commands_keep_their_order_and_each_player_has_some_a_tick() {
        let mut commands = CommandQueue::default();
        for command in 0..10 {
            push(&mut commands, 3, command).unwrap();
        }
        push(&mut commands, 0, 100).unwrap();
        assert_eq!(take(&mut commands), [0, 1, 2, 3, 4, 5, 6, 7, 100]);
        push(&mut commands, 0, 101).unwrap();
        assert_eq!(take(&mut commands), [8, 9, 101]);
        assert!(take(&mut commands).is_empty());
    }

    #[test]
    fn a_player_may_have_some_wait_and_none_after_leaving() {
        let mut commands = CommandQueue::default();
        for command in 0..64 {
            push(&mut commands, 1, command).unwrap();
        }
        assert_eq!(push(&mut commands, 1, 64), Err(QueueFull));
        push(&mut commands, 2, 200).unwrap();
        assert_eq!(take(&mut commands).len(), 9);
        push(&mut commands, 1, 65).unwrap();
        commands.forget(PlayerId::first(1));
        commands.forget(PlayerId::first(9));
        assert!(take(&mut commands).is_empty());
        for command in 0..64 {
            push(&mut commands, 1, command).unwrap();
        }
    }
}
