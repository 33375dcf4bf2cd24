//! A client of a room under test: it decodes every snapshot and checks every hash.

use std::marker::PhantomData;

use bytes::Bytes;
use drumline_shared::frame::EntityId;
use drumline_shared::wire::control::{Outcome, Refused, ServerMessage, read_control};
use drumline_shared::wire::fragment::Assembler;
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Mirror, Replicate};

use crate::player_id::PlayerId;
use crate::room::Room;
use crate::simulation::bots::view::View;
use crate::simulation::game::Game;
use crate::simulation::host::spec::GameSpec;

/// A client.
pub(super) struct Client<G: Game> {
    mirror: Mirror,
    fragments: Assembler,
    /// The input's row, with counts of presses.
    row: Vec<u32>,
    /// The number of the newest input.
    inputs: u32,
    /// The number of the newest command or chat message.
    pub(super) requests: u32,
    pub(super) is_away: bool,
    /// Chat messages, with their speakers.
    pub(super) heard: Vec<(PlayerId, String)>,
    /// The bodies of events.
    pub(super) events: Vec<Bytes>,
    /// The bodies of replies, by the number of their command.
    pub(super) replies: Vec<(u32, Result<Bytes, Refused>)>,
    game: PhantomData<fn() -> G>,
}

impl<G: Game> Client<G> {
    pub(super) fn new(spec: &GameSpec) -> Self {
        Self {
            mirror: Mirror::new(spec.layout.clone(), spec.tick_rate_hz),
            fragments: Assembler::default(),
            row: spec.input_layout.neutral.clone(),
            inputs: 0,
            requests: 0,
            is_away: false,
            heard: Vec::new(),
            events: Vec::new(),
            replies: Vec::new(),
            game: PhantomData,
        }
    }

    /// Sets the input. Its presses are added to those before.
    pub(super) fn set_input(&mut self, spec: &GameSpec, input: &G::Input) {
        let layout = &spec.input_layout;
        let mut row = vec![0; self.row.len()];
        input.quantize(&mut row);
        for &column in &layout.presses {
            row[column] = self.row[column].wrapping_add(row[column]) & layout.row.columns[column].max;
        }
        self.row = row;
    }

    /// Sends the input for the next tick.
    pub(super) fn send_input(&mut self, player: PlayerId, room: &mut Room, spec: &GameSpec) {
        self.inputs += 1;
        let (number, tick) = (self.inputs, room.current_tick() + 1);
        let header = InputHeader { number, acked_tick: self.mirror.tick(), tick, view_eighths: 0 };
        let mut message = Vec::new();
        write_input(&spec.input_layout, header, &self.row, &mut message);
        room.handle_input(player, &message).expect("an input of the game");
    }

    /// Takes what the room has for this client after a tick.
    pub(super) fn receive(&mut self, player: PlayerId, room: &mut Room) {
        while let Some(message) = room.poll_message(player) {
            self.take(&message);
        }
        if let Some(snapshot) = room.poll_snapshot(player) {
            let applied = self.mirror.apply(snapshot).expect("the client's state is the room's");
            room.handle_ack(player, applied.tick);
        }
        while let Some(fragment) = room.poll_fragment(player) {
            let whole = self.fragments.take(fragment).expect("fragments come in order");
            if let Some(message) = whole {
                self.take(&message);
            }
        }
    }

    fn take(&mut self, message: &[u8]) {
        match read_control(message).expect("a message of the room") {
            ServerMessage::Event(event) | ServerMessage::Latest(event) => self.events.push(event.body.into()),
            ServerMessage::Reply { request, outcome } => {
                let reply = match outcome {
                    Outcome::Done(body) => Ok(body.into()),
                    Outcome::Refused(refused) => Err(refused),
                };
                self.replies.push((request, reply));
            }
            ServerMessage::Chat(chat) => self.heard.push((PlayerId::of_number(chat.player), chat.text)),
            // A game does not see them.
            _ => {}
        }
    }

    /// The tick of the newest snapshot.
    pub(super) fn mirror_tick(&self) -> Option<u32> {
        (self.mirror.tick() > 0).then(|| self.mirror.tick())
    }

    pub(super) fn view(&self, player: PlayerId) -> View<'_> {
        View::of_mirror(&self.mirror, player)
    }

    pub(super) fn rows<T: Replicate>(&self, table: usize) -> Vec<(EntityId, T)> {
        self.mirror.rows(table).collect()
    }
}
