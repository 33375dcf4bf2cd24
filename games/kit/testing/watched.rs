//! A game's room and one client that watches it, for tests of the rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use drumline_room::{
    ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, PlayerId, RequestId, Room, RoomConfig, Setup,
};
use drumline_shared::encoding::{decode, encode};
use drumline_shared::layout::InputLayout;
use drumline_shared::schema::width;
use drumline_shared::wire::control::{Outcome, ServerMessage, read_control};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Mirror, Replicate};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A room of a game with some players. The first one is a viewer whose mirror is kept.
pub struct Watched<G: Game> {
    pub room: Room,
    pub mirror: Mirror,
    /// Events and replies that the viewer has received.
    pub events: Vec<G::Event>,
    pub replies: Vec<(u32, G::Reply)>,
    /// The bytes of all snapshots, concatenated.
    pub bytes: Vec<u8>,
    layout: InputLayout,
    numbers: Vec<u32>,
    /// By player: the number of the last command.
    #[allow(dead_code, reason = "not every test sends commands")]
    requests: Vec<u32>,
    game: std::marker::PhantomData<G>,
}

impl<G: Game<Event: DeserializeOwned, Reply: DeserializeOwned>> Watched<G> {
    /// Opens a room for the viewer, as player 0, and the others, from player 1 on.
    pub fn new<N: AsRef<str>>(seed: u64, others: &[N]) -> Self {
        Self::set_up(Setup::new(seed), others)
    }

    /// As [`new`](Self::new), with options.
    pub fn set_up<N: AsRef<str>>(setup: Setup, others: &[N]) -> Self {
        let spec = GameSpec::of::<G>();
        let mirror = Mirror::new(spec.layout.clone(), 30);
        let (max_players, tick_rate_hz) = (spec.max_players, spec.tick_rate_hz);
        let budget_bytes = DEFAULT_BUDGET_BYTES;
        let config = RoomConfig {
            max_players,
            tick_rate_hz,
            setup,
            budget_bytes,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(Arc::new(spec), config);
        assert_eq!(room.join("viewer").unwrap(), PlayerId::first(0));
        for name in others {
            room.join(name.as_ref()).unwrap();
        }
        Self {
            room,
            mirror,
            events: Vec::new(),
            replies: Vec::new(),
            bytes: Vec::new(),
            layout: InputLayout::of::<G::Input>(),
            numbers: vec![0; others.len() + 1],
            requests: vec![0; others.len() + 1],
            game: std::marker::PhantomData,
        }
    }

    /// Advances one tick with these inputs. The room repeats the other players' inputs, as in play.
    pub fn tick(&mut self, inputs: &[(u16, G::Input)]) {
        let mut row = vec![0; width(G::Input::FIELDS)];
        for (player, input) in inputs {
            input.quantize(&mut row);
            let number = &mut self.numbers[usize::from(*player)];
            *number += 1;
            let now = self.room.current_tick();
            let header = InputHeader { number: *number, acked_tick: now, tick: now + 1, view_eighths: 0 };
            let mut message = Vec::new();
            write_input(&self.layout, header, &row, &mut message);
            self.room.handle_input(PlayerId::first(*player), &message).unwrap();
        }
        self.room.tick();
        let viewer = PlayerId::first(0);
        while let Some(event) = self.room.poll_message(viewer) {
            match read_control(&event).unwrap() {
                ServerMessage::Event(event) => self.events.push(decode(&event.body).unwrap()),
                ServerMessage::Reply { request, outcome: Outcome::Done(reply) } => {
                    self.replies.push((request, decode(&reply).unwrap()));
                }
                ServerMessage::Players(_) | ServerMessage::Received { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        let message = self.room.poll_snapshot(viewer).unwrap();
        let applied = self.mirror.apply(message).unwrap();
        self.bytes.extend(message);
        self.room.handle_ack(viewer, applied.tick);
    }

    #[allow(dead_code, reason = "not every test sends commands")]
    /// Sends a command that wants a reply, for the next tick. Returns its number.
    pub fn command(&mut self, player: u16, command: &G::Command) -> u32
    where
        G::Command: Serialize,
    {
        let number = &mut self.requests[usize::from(player)];
        *number += 1;
        let request = RequestId { player: PlayerId::first(player), number: *number, reply: true };
        self.room.handle_command(request, &encode(command)).unwrap();
        request.number
    }

    /// All rows of a table, including fields that the viewer does not receive.
    pub fn rows<T: Replicate>(&self, table: usize) -> Vec<T> {
        let layout = self.mirror.layout();
        let frame = self.room.frame(self.room.current_tick()).unwrap();
        let mut wholes = BTreeMap::new();
        for part in layout.tables[table].parts.clone() {
            for (entity, row) in frame.rows(part).iter() {
                let whole = wholes.entry(entity).or_insert_with(|| vec![0; layout.tables[table].width]);
                layout.parts[part].put(row, whole);
            }
        }
        wholes.values().map(|whole| T::dequantize(whole)).collect()
    }
}
