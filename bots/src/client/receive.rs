//! A bot's way with a message: it applies a snapshot to its mirror, records it, and answers with an input.

use drumline_room::View;
use drumline_shared::error::DecodeError;
use drumline_shared::mirror::MirrorError;
use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control,
};
use drumline_shared::wire::fragment::KIND_FRAGMENT;
use futures_util::SinkExt;
use tokio::time::Instant;

use crate::behaviour::connection_habit::ConnectionHabit;
use crate::client::bot::Bot;
use crate::client::connect::Connection;
use crate::client::listen::ConnectionEnd;
use crate::client::record::wire_bytes;
use crate::measure::live_counters::LiveCounters;

/// Inputs per tick up to which a spamming bot sends no more than acknowledgements can tell apart. Beyond that, the server is
/// meant to cut it off.
const ACCEPTED_PER_TICK: u32 = 64;

impl Bot {
    /// Processes a message that arrived at `now`.
    pub(crate) async fn receive(
        &mut self,
        bytes: &[u8],
        now: Instant,
        connection: &mut Connection,
    ) -> Result<(), ConnectionEnd> {
        if self.config.context.measuring.get() {
            self.config.context.stats.borrow_mut().bytes += wire_bytes(bytes.len());
        }
        match bytes.first() {
            Some(&KIND_CONTROL) => return Ok(()),
            Some(&head) if head & KIND_FRAGMENT == KIND_FRAGMENT => return self.receive_fragment(bytes),
            _ => {}
        }
        let applied = self.mirror.apply_with(&mut self.config.context.decoder.borrow_mut(), bytes);
        match applied {
            Ok(applied) => {
                self.awaits_keyframe = false;
                self.record_snapshot(&applied, bytes.len(), now)?;
                self.answer(applied.tick, now, connection).await
            }
            // Deltas that were in flight when the mirror was found to be wrong cannot be applied.
            Err(MirrorError::Decode(DecodeError::NoBaseline)) if self.awaits_keyframe => Ok(()),
            Err(error) => self.request_keyframe(&error, connection).await,
        }
    }

    /// The mirror is wrong: counts a mismatch, and asks the server for a keyframe.
    async fn request_keyframe(
        &mut self,
        error: &MirrorError,
        connection: &mut Connection,
    ) -> Result<(), ConnectionEnd> {
        self.awaits_keyframe = true;
        let context = &self.config.context;
        context.stats.borrow_mut().mismatches += 1;
        self.config.room.stats.count_mismatch();
        LiveCounters::count(&context.counters.mismatches);
        context.counters.problem(&format!("{}: {error}", self.target.name));
        let tick = match error {
            MirrorError::HashMismatch { tick, .. } => *tick,
            MirrorError::Decode(_) => self.mirror.tick(),
        };
        let message = context.message(&write_control(&ClientMessage::Resync { tick }));
        Ok(connection.socket.send(message).await?)
    }

    /// Adds a fragment to its message, which has to be a control message once it is complete.
    fn receive_fragment(&mut self, fragment: &[u8]) -> Result<(), ConnectionEnd> {
        match self.assembler.take(fragment) {
            Ok(None) => Ok(()),
            Ok(Some(message)) if read_control::<ServerMessage>(&message).is_ok() => Ok(()),
            Ok(Some(_)) => {
                Err(ConnectionEnd::Closed("a message in fragments is not a control message".to_owned()))
            }
            Err(error) => Err(ConnectionEnd::Closed(error.to_string())),
        }
    }

    /// Answers a snapshot with an input, or with more than one if the bot spams.
    async fn answer(
        &mut self,
        tick: u32,
        now: Instant,
        connection: &mut Connection,
    ) -> Result<(), ConnectionEnd> {
        let view = View::of_mirror(&self.mirror, self.session.player);
        self.config.behaviour.act(&view, &mut self.row);
        self.inputs.count_presses(&mut self.row);
        let context = &self.config.context;
        let (message, mut sent) = match self.inputs.write_next(tick, &self.row, now) {
            Some(input) => (context.message(input), 1),
            None => (context.message(&write_control(&ClientMessage::Ack { tick })), 0),
        };
        connection.socket.send(message).await?;
        if let ConnectionHabit::Spam(spam) = self.config.habit {
            let wanted = (f64::from(spam.inputs_per_second) * self.session.tick.as_secs_f64()) as u32;
            let ignores_limits = wanted > ACCEPTED_PER_TICK;
            while sent < wanted && (ignores_limits || self.inputs.can_tell_one_more()) {
                let message = context.message(self.inputs.write_extra(tick, &self.row, now));
                connection.socket.feed(message).await?;
                sent += 1;
            }
            connection.socket.flush().await?;
        }
        if context.measuring.get() {
            context.stats.borrow_mut().inputs_sent += u64::from(sent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;
    use std::time::Duration;

    use allocation_counter::measure;
    use drumline_arena::Arena;
    use drumline_arena::minds::Chase;
    use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, GameSpec, Room, RoomConfig, SessionTerms, Setup};
    use futures_util::StreamExt;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::{Message, Role};

    use super::*;
    use crate::behaviour::Typed;
    use crate::client::bot::BotConfig;
    use crate::client::connect::JoinTarget;
    use crate::client::shared_room::SharedRoom;
    use crate::client::thread_context::ThreadContext;
    use crate::measure::phase::PhaseWatch;
    use crate::net::transport::Transport;

    /// A room of the arena, and a bot in it that has received no snapshot yet.
    fn room_and_bot() -> (Room, drumline_room::PlayerId, Bot) {
        let spec = Arc::new(GameSpec::of::<Arena>());
        let config = RoomConfig {
            max_players: 4,
            tick_rate_hz: 30,
            setup: Setup::new(1),
            budget_bytes: DEFAULT_BUDGET_BYTES,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(Arc::clone(&spec), config);
        let player = room.join("bot").unwrap();
        let welcome = room.welcome(player, SessionTerms::default());
        let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else { panic!("no welcome") };
        let context = Rc::new(ThreadContext::new(&spec.layout, Arc::default()));
        context.measuring.set(true);
        let config = BotConfig {
            behaviour: Box::new(Typed::<Arena, _>::new(Chase::new(1))),
            habit: ConnectionHabit::Normal,
            stall: None,
            leave_at: None,
            phase: PhaseWatch::new().1,
            context,
            room: Rc::new(SharedRoom::new(None)),
        };
        let target = JoinTarget {
            url: String::new(),
            trust: None,
            spec,
            room: "r".into(),
            name: "bot".into(),
            stops_reading: false,
            from: None,
            path: None,
            seed: 1,
        };
        let bot = Bot::new(target, config, &welcome, Duration::ZERO, false);
        (room, player, bot)
    }

    #[test]
    fn a_bot_allocates_no_memory_for_a_message() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut room, player, mut bot) = room_and_bot();
        let (near, far) = tokio::io::duplex(1 << 16);
        let (near, mut far) = runtime.block_on(async {
            let near = WebSocketStream::from_raw_socket(Transport::Simulated(near), Role::Client, None).await;
            (near, WebSocketStream::from_raw_socket(far, Role::Server, None).await)
        });
        let mut connection = Connection { socket: near, round_trip: Duration::ZERO, carrier: None };
        let mut allocations = Vec::new();
        for _ in 0..600 {
            room.tick();
            let snapshot = room.poll_snapshot(player).unwrap().to_vec();
            runtime.block_on(far.send(Message::binary(snapshot))).unwrap();
            let info = measure(|| {
                runtime.block_on(async {
                    let message = connection.socket.next().await.unwrap().unwrap();
                    let received = bot.receive(&message.into_data(), Instant::now(), &mut connection).await;
                    assert!(received.is_ok());
                });
            });
            allocations.push(info.count_total);
            let answer = runtime.block_on(far.next()).unwrap().unwrap().into_data();
            room.handle_input(player, &answer).unwrap();
        }
        assert!(bot.config.context.stats.borrow().updates == 600);
        // The world still grows at first, and reaches a new maximum now and then.
        let late: u64 = allocations[300..].iter().sum();
        assert!(late <= 30, "{late} allocations in 300 messages: {allocations:?}");
    }
}
