//! What is not counted but looked up when somebody asks.

use std::sync::atomic::Ordering::Relaxed;

use prometheus::process_collector::ProcessCollector;
use prometheus::{GaugeVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use super::families::REGISTERED;
use crate::health::Readiness;
use crate::lobby::Lobby;
use crate::logs::suppressed_lines;

/// The gauges of a server.
#[derive(Debug)]
pub(super) struct Gauges {
    connections: IntGauge,
    rooms: IntGaugeVec,
    players: IntGaugeVec,
    held_seats: IntGaugeVec,
    spectators: IntGaugeVec,
    events_waiting: IntGaugeVec,
    arrivals_waiting: IntGaugeVec,
    orders_waiting: IntGaugeVec,
    sessions: IntGauge,
    tickets: IntCounterVec,
    tickets_held: IntGauge,
    shard_rooms: IntGaugeVec,
    shard_busy: GaugeVec,
    shard_overloaded: IntGaugeVec,
    ready: IntGauge,
    draining: IntGauge,
    log_lines_suppressed: IntCounter,
}

impl Gauges {
    pub(super) fn new(registry: &Registry) -> Self {
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            let family = IntGaugeVec::new(Opts::new(name, help), labels).expect(REGISTERED);
            registry.register(Box::new(family.clone())).expect(REGISTERED);
            family
        };
        let gauge = |name: &str, help: &str| gauges(name, help, &[]).with_label_values::<&str>(&[]);
        let of_game = |name: &str, help: &str| gauges(name, help, &["game"]);
        let build = gauges("drumline_build_info", "The version that runs: always 1.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(ProcessCollector::for_self())).expect(REGISTERED);
        let busy = Opts::new(
            "drumline_shard_busy_ratio",
            "The share of its last minute that a shard spent in ticks.",
        );
        let suppressed = "Lines left out of the log because too many came of one place.";
        let log_lines_suppressed =
            IntCounter::new("drumline_log_lines_suppressed_total", suppressed).expect(REGISTERED);
        registry.register(Box::new(log_lines_suppressed.clone())).expect(REGISTERED);
        let tickets =
            Opts::new("drumline_tickets_total", "Tickets that were issued, used, and not used in time.");
        let tickets = IntCounterVec::new(tickets, &["result"]).expect(REGISTERED);
        registry.register(Box::new(tickets.clone())).expect(REGISTERED);
        let shard_busy = GaugeVec::new(busy, &["shard"]).expect(REGISTERED);
        registry.register(Box::new(shard_busy.clone())).expect(REGISTERED);
        Self {
            connections: gauge(
                "drumline_connections",
                "Connections that are open, players' and others, and seats held for those whose connections are lost.",
            ),
            rooms: gauges("drumline_rooms", "Rooms that are open, by state.", &["game", "state"]),
            players: of_game("drumline_players", "Seats taken, those that are held included."),
            held_seats: of_game("drumline_held_seats", "Seats held for players whose connections are lost."),
            spectators: of_game("drumline_spectators", "Who looks on at rooms without a seat."),
            events_waiting: of_game("drumline_events_waiting", "Events that wait to be sent."),
            arrivals_waiting: of_game(
                "drumline_arrivals_waiting",
                "Sockets that wait for their room's next tick.",
            ),
            orders_waiting: of_game(
                "drumline_orders_waiting",
                "Orders that wait for their room's next tick.",
            ),
            sessions: gauge("drumline_session_tokens", "Tokens with which seats can be taken up again."),
            tickets,
            tickets_held: gauge("drumline_tickets_held", "Tickets whose seats wait for their players."),
            shard_rooms: gauges("drumline_shard_rooms", "Rooms of each shard.", &["shard"]),
            shard_busy,
            shard_overloaded: gauges(
                "drumline_shard_overloaded",
                "Whether a shard has more to do than it has time for.",
                &["shard"],
            ),
            ready: gauge("drumline_ready", "Whether players are let in, as /readyz says."),
            draining: gauge("drumline_draining", "Whether the server drains."),
            log_lines_suppressed,
        }
    }

    /// Looks everything up anew. Games without rooms keep their zeros.
    pub(super) fn look(&self, lobby: &Lobby, games: impl Iterator<Item = &'static str>, connections: usize) {
        self.connections.set(connections as i64);
        self.sessions.set(lobby.sessions().count() as i64);
        let tickets = lobby.ticket_counters().counts();
        self.tickets_held.set(tickets.held as i64);
        for (result, count) in
            [("issued", tickets.issued), ("used", tickets.used), ("expired", tickets.expired)]
        {
            let told = self.tickets.with_label_values(&[result]);
            told.inc_by(count.saturating_sub(told.get()));
        }
        let of_games = [
            &self.players,
            &self.held_seats,
            &self.spectators,
            &self.events_waiting,
            &self.arrivals_waiting,
            &self.orders_waiting,
        ];
        self.rooms.reset();
        for game in games {
            for family in of_games {
                family.with_label_values(&[game]).set(0);
            }
            self.rooms.with_label_values(&[game, "open"]).set(0);
        }
        for (room, seats_taken) in lobby.entries() {
            self.rooms.with_label_values(&[room.game, room.state().name()]).inc();
            let counts = [
                i64::from(seats_taken),
                room.held_seats.load(Relaxed).into(),
                room.spectators.load(Relaxed).into(),
                room.events_waiting.load(Relaxed).into(),
                room.ways.arrivals_waiting() as i64,
                room.ways.orders_waiting() as i64,
            ];
            for (family, count) in of_games.into_iter().zip(counts) {
                family.with_label_values(&[room.game]).add(count);
            }
        }
        for (index, shard) in lobby.shards().iter().enumerate() {
            let label = [index.to_string()];
            self.shard_rooms.with_label_values(&label).set(shard.rooms as i64);
            self.shard_busy.with_label_values(&label).set(shard.recent.busy);
        }
        for (index, is_overloaded) in lobby.overloaded_shards().enumerate() {
            self.shard_overloaded.with_label_values(&[index.to_string()]).set(is_overloaded.into());
        }
        let readiness = Readiness::of(lobby);
        self.ready.set(readiness.ready.into());
        self.draining.set(readiness.seconds_left.is_some().into());
        let told = self.log_lines_suppressed.get();
        self.log_lines_suppressed.inc_by(suppressed_lines().saturating_sub(told));
    }
}
