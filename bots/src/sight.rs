//! What a bot does with a message: shows it, measures it, and answers.

use std::time::Duration;

use drumline_shared::error::DecodeError;
use drumline_shared::mirror::{Applied, MirrorError};
use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control,
};
use drumline_shared::wire::fragment::KIND_FRAGMENT;
use futures_util::SinkExt;
use tokio::time::Instant;

use crate::behaviour::View;
use crate::board::Board;
use crate::bot::{Bot, End};
use crate::conduct::Conduct;
use crate::connection::Connection;
use crate::crew::Crew;
use crate::inputs::Told;
use crate::resume::ResumeError;
use crate::stats::Stats;

/// What has gone on for so long when the measurement ends counts as it is: shorter ones tell nothing.
const OPEN_END: Duration = Duration::from_secs(1);
/// Inputs for a tick up to which a bot keeps to what can be told apart.
const TAKEN_A_TICK: u32 = 64;

impl Bot {
    /// Takes a message.
    pub(crate) async fn take(
        &mut self,
        bytes: &[u8],
        now: Instant,
        connection: &mut Connection,
    ) -> Result<(), End> {
        if self.play.crew.measuring.get() {
            self.play.crew.stats.borrow_mut().bytes += wire_bytes(bytes.len());
        }
        match bytes.first() {
            Some(&KIND_CONTROL) => return Ok(()),
            Some(&head) if head & KIND_FRAGMENT == KIND_FRAGMENT => return self.put_together(bytes),
            _ => {}
        }
        let applied = self.mirror.apply_with(&mut self.play.crew.decoder.borrow_mut(), bytes);
        match applied {
            Ok(applied) => {
                self.awaits_keyframe = false;
                self.note(&applied, bytes.len(), now)?;
                self.answer(applied.tick, now, connection).await
            }
            // Deltas already under way when a mirror was found wrong are of no use to it.
            Err(MirrorError::Decode(DecodeError::NoBaseline)) if self.awaits_keyframe => Ok(()),
            Err(error) => {
                self.awaits_keyframe = true;
                let crew = &self.play.crew;
                crew.stats.borrow_mut().mismatches += 1;
                self.play.room.count_mismatch();
                Board::count(&crew.board.mismatches);
                crew.board.trouble(&format!("{}: {error}", self.ticket.name));
                let tick = match error {
                    MirrorError::HashMismatch { tick, .. } => tick,
                    MirrorError::Decode(_) => self.mirror.tick(),
                };
                let message = crew.message(&write_control(&ClientMessage::Resync { tick }));
                Ok(connection.socket.send(message).await?)
            }
        }
    }

    /// Takes a fragment of a message.
    fn put_together(&mut self, fragment: &[u8]) -> Result<(), End> {
        match self.assembler.take(fragment) {
            Ok(None) => Ok(()),
            Ok(Some(message)) if read_control::<ServerMessage>(&message).is_ok() => Ok(()),
            Ok(Some(_)) => Err(End::Closed("a message in fragments is none".to_owned())),
            Err(error) => Err(End::Closed(error.to_string())),
        }
    }

    /// Answers a snapshot: with an input, or more than one.
    async fn answer(&mut self, tick: u32, now: Instant, connection: &mut Connection) -> Result<(), End> {
        let view = View::new(&self.mirror, self.session.player);
        self.play.mind.act(&view, &mut self.row);
        let crew = &self.play.crew;
        let (message, mut sent) = match self.inputs.write(tick, &self.row, now) {
            Some(input) => (crew.message(input), 1),
            None => (crew.message(&write_control(&ClientMessage::Ack { tick })), 0),
        };
        connection.socket.send(message).await?;
        if let Conduct::Spam(spam) = self.play.conduct {
            let wanted = (f64::from(spam.inputs_per_second) * self.session.tick.as_secs_f64()) as u32;
            while sent < wanted {
                let Some(more) = self.inputs.write_again(tick, &self.row, now, wanted > TAKEN_A_TICK) else {
                    break;
                };
                let message = crew.message(more);
                connection.socket.feed(message).await?;
                sent += 1;
            }
            connection.socket.flush().await?;
        }
        if crew.measuring.get() {
            crew.stats.borrow_mut().inputs_sent += u64::from(sent);
        }
        Ok(())
    }

    /// Measures an applied snapshot.
    fn note(&mut self, applied: &Applied, bytes: usize, now: Instant) -> Result<(), End> {
        if self.session.is_interrupted() && !self.inputs.are_known(applied.ack) {
            return Err(End::Closed(ResumeError::OtherInputs.to_string()));
        }
        let newest = self.play.room.arrived(applied.tick, now);
        let blind = self.is_blind();
        self.seat.tick.set(applied.tick);
        self.seat.counts.set(!blind);
        let shown_before = self.shown.replace(applied.tick);
        let updated_before = self.updated.replace(now);
        let told = applied
            .ack
            .and_then(|ack| self.inputs.hear(ack, shown_before.unwrap_or_default(), applied.tick, now));
        let overdue = self.inputs.overdue(applied.tick);
        if applied.ack.is_some() && !self.is_heard {
            self.is_heard = true;
            if let Some(path) = &self.ticket.path {
                path.spare(false);
            }
        }
        let outage = self.session.see();
        // What a bot brought upon itself is nobody's fault.
        let provoked = std::mem::take(&mut self.provoked) && outage.is_some();
        let Crew { stats, measuring, board, .. } = &*self.play.crew;
        let stats = &mut *stats.borrow_mut();
        if let Some(outage) = outage {
            stats.resumed_after.record(outage);
            Board::count(&board.resumes);
        }
        if let Some(since) = self.joining_since.take() {
            stats.joined_after.record(now.duration_since(since));
        }
        if let Some(since) = self.reads_on.take_if(|_| applied.tick + 2 >= newest) {
            stats.recoveries_ms.push(since.elapsed().as_secs_f64() * 1000.0);
        }
        stats.hashes_checked += u64::from(applied.hashes_checked);
        if !measuring.get() {
            return Ok(());
        }
        let tick = self.session.tick;
        let interval =
            updated_before.filter(|_| !blind && !provoked).map(|before| now.duration_since(before));
        self.play.room.count_update(interval);
        stats.updates += 1;
        stats.update_bytes += wire_bytes(bytes);
        if let Some(interval) = interval {
            stats.intervals.record(interval);
            stats.intervals_felt.record_felt(interval, tick);
        }
        if !provoked && !self.play.conduct.is_slow() {
            let skipped = shown_before.map_or(0, |before| applied.tick.saturating_sub(before + 1));
            stats.ticks_coalesced += u64::from(skipped);
            stats.ticks_missed += if outage.is_some() { u64::from(skipped) } else { 0 };
        }
        if !blind && !provoked && !self.play.conduct.is_spam() {
            stats.inputs_missed += u64::from(overdue);
            if let Some(told) = told {
                note_told(stats, told, tick);
            }
        }
        Ok(())
    }

    /// Counts what has been waited for in vain when the measurement ends.
    pub(crate) fn note_open_ends(&self) {
        if self.is_blind() || self.play.conduct.is_spam() {
            return;
        }
        let now = Instant::now();
        let stats = &mut *self.play.crew.stats.borrow_mut();
        let silence = self.updated.map(|updated| now.duration_since(updated));
        if let Some(silence) = silence.filter(|silence| *silence >= OPEN_END) {
            stats.intervals_felt.record_felt(silence, self.tick());
        }
        if let Some(waiting) = self.inputs.waiting(now).filter(|waiting| *waiting >= OPEN_END) {
            stats.latencies_felt.record_felt(waiting, self.tick());
        }
    }
}

fn note_told(stats: &mut Stats, told: Told, tick: Duration) {
    stats.latencies.record(told.latency);
    stats.latencies_felt.record_overdue(told.latency, told.gap, tick);
    stats.inputs_met += u64::from(told.met);
    stats.inputs_missed += u64::from(told.missed);
}

/// A message's bytes on the wire from a server: RFC 6455, 5.2, without a mask.
fn wire_bytes(payload: usize) -> u64 {
    let header = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    (payload + header) as u64
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;

    use allocation_counter::measure;
    use drumline_arena::Arena;
    use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, GameSpec, Room, RoomConfig, Setup};
    use drumline_shared::wire::session::SessionToken;
    use futures_util::StreamExt;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::{Message, Role};

    use super::*;
    use crate::behaviour::Typed;
    use crate::behaviour::arena::Chase;
    use crate::bot::Play;
    use crate::connection::Ticket;
    use crate::course::CourseWatch;
    use crate::stream::Stream;

    /// A room of the arena and the bot in it, who has seen nothing yet.
    fn room_and_bot() -> (Room, drumline_room::PlayerId, Bot) {
        let spec = Arc::new(GameSpec::of::<Arena>());
        let config = RoomConfig {
            id: "r".into(),
            max_players: 4,
            tick_rate_hz: 30,
            setup: Setup::new(1),
            budget_bytes: DEFAULT_BUDGET_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(Arc::clone(&spec), config);
        let player = room.join("bot").unwrap();
        let welcome = room.welcome(player, SessionToken([0; 16]), 0);
        let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else { panic!("no welcome") };
        let crew = Rc::new(Crew::new(&spec.layout, Arc::default()));
        crew.measuring.set(true);
        let play = Play {
            mind: Box::new(Typed::<Arena, _>::new(Chase::new(1))),
            conduct: Conduct::Plain,
            stall: None,
            leave: None,
            course: CourseWatch::new().1,
            crew,
            room: Rc::new(crate::room::Room::new(None)),
        };
        let ticket = Ticket {
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
        let bot = Bot::new(ticket, play, &welcome, Duration::ZERO, false);
        (room, player, bot)
    }

    #[test]
    fn a_bot_takes_no_memory_for_a_message() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut room, player, mut bot) = room_and_bot();
        let (near, far) = tokio::io::duplex(1 << 16);
        let (near, mut far) = runtime.block_on(async {
            let near = WebSocketStream::from_raw_socket(Stream::Led(near), Role::Client, None).await;
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
                    let taken = bot.take(&message.into_data(), Instant::now(), &mut connection).await;
                    assert!(taken.is_ok());
                });
            });
            allocations.push(info.count_total);
            let answer = runtime.block_on(far.next()).unwrap().unwrap().into_data();
            room.handle_input(player, &answer).unwrap();
        }
        assert!(bot.play.crew.stats.borrow().updates == 600);
        // The world still grows at first, and has more in it than ever before now and then.
        let late: u64 = allocations[300..].iter().sum();
        assert!(late <= 30, "{late} allocations in 300 messages: {allocations:?}");
    }
}
