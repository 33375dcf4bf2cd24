//! The names and help texts of gauges, and of counters that are looked up when a scrape asks.

use prometheus::process_collector::ProcessCollector;
use prometheus::{GaugeVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use super::families::REGISTERED;
use crate::measure::logs::{dropped_lines, suppressed_lines};

/// The figures that the gauges show.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Open connections, and seats held for lost ones.
    pub connections: usize,
    /// Valid tokens of sessions.
    pub session_tokens: usize,
    /// Tickets.
    pub tickets: TicketFigures,
    /// The open rooms.
    pub rooms: Vec<RoomFigures>,
    /// The shards, by index.
    pub shards: Vec<ShardFigures>,
    /// True if players are admitted.
    pub is_ready: bool,
    /// True if the server drains.
    pub is_draining: bool,
}

/// Tickets since the server started.
#[derive(Debug, Clone, Copy, Default)]
pub struct TicketFigures {
    /// Issued, and neither used nor expired.
    pub held: u64,
    /// Issued.
    pub issued: u64,
    /// Used.
    pub used: u64,
    /// Not used in time.
    pub expired: u64,
}

/// The figures of a room.
#[derive(Debug, Clone, Copy)]
pub struct RoomFigures {
    /// The game's name.
    pub game: &'static str,
    /// The name of the room's state.
    pub state: &'static str,
    /// Seats taken, held ones included.
    pub seats_taken: u16,
    /// Held seats.
    pub held_seats: u16,
    /// Spectators.
    pub spectators: u16,
    /// Events waiting to be sent.
    pub events_waiting: u32,
    /// Connections waiting for the next tick.
    pub connections_waiting: usize,
    /// Operators' commands waiting for the next tick.
    pub commands_waiting: usize,
}

/// The figures of a shard.
#[derive(Debug, Clone, Copy)]
pub struct ShardFigures {
    /// Rooms.
    pub rooms: usize,
    /// The share of the last minute that it spent in ticks, from 0 to 1.
    pub busy: f64,
    /// True if it is overloaded.
    pub is_overloaded: bool,
}

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
    log_lines_dropped: IntCounter,
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
        let busy =
            Opts::new("drumline_shard_busy_ratio", "Share of its last minute that a shard spent in ticks.");
        let counter = |name: &str, help: &str| {
            let counter = IntCounter::new(name, help).expect(REGISTERED);
            registry.register(Box::new(counter.clone())).expect(REGISTERED);
            counter
        };
        let tickets =
            Opts::new("drumline_tickets_total", "Tickets that were issued, used, and not used in time.");
        let tickets = IntCounterVec::new(tickets, &["result"]).expect(REGISTERED);
        registry.register(Box::new(tickets.clone())).expect(REGISTERED);
        let shard_busy = GaugeVec::new(busy, &["shard"]).expect(REGISTERED);
        registry.register(Box::new(shard_busy.clone())).expect(REGISTERED);
        Self {
            connections: gauge(
                "drumline_connections",
                "Open connections, players' and others, and seats held for players whose connections are lost.",
            ),
            rooms: gauges("drumline_rooms", "Open rooms, by state.", &["game", "state"]),
            players: of_game("drumline_players", "Seats taken, held ones included."),
            held_seats: of_game("drumline_held_seats", "Seats held for players whose connections are lost."),
            spectators: of_game("drumline_spectators", "Spectators, who take no seats."),
            events_waiting: of_game("drumline_events_waiting", "Events waiting to be sent."),
            arrivals_waiting: of_game(
                "drumline_arrivals_waiting",
                "Connections waiting for their room's next tick.",
            ),
            orders_waiting: of_game(
                "drumline_orders_waiting",
                "Operators' commands waiting for their room's next tick.",
            ),
            sessions: gauge("drumline_session_tokens", "Valid tokens with which sessions can be resumed."),
            tickets,
            tickets_held: gauge(
                "drumline_tickets_held",
                "Unused tickets, whose seats wait for their players.",
            ),
            shard_rooms: gauges("drumline_shard_rooms", "Rooms of each shard.", &["shard"]),
            shard_busy,
            shard_overloaded: gauges(
                "drumline_shard_overloaded",
                "1 if a shard is overloaded, else 0.",
                &["shard"],
            ),
            ready: gauge("drumline_ready", "1 if players are admitted, as /readyz answers, else 0."),
            draining: gauge("drumline_draining", "1 if the server drains, else 0."),
            log_lines_suppressed: counter(
                "drumline_log_lines_suppressed_total",
                "Log lines suppressed because too many came from one place.",
            ),
            log_lines_dropped: counter(
                "drumline_log_lines_dropped_total",
                "Log lines dropped because standard error was not read.",
            ),
        }
    }

    /// Sets all gauges. Games without rooms keep their zeros.
    pub(super) fn set(&self, figures: &Figures, games: impl Iterator<Item = &'static str>) {
        self.connections.set(figures.connections as i64);
        self.sessions.set(figures.session_tokens as i64);
        self.set_tickets(&figures.tickets);
        self.set_rooms(&figures.rooms, games);
        for (index, shard) in figures.shards.iter().enumerate() {
            let label = [index.to_string()];
            self.shard_rooms.with_label_values(&label).set(shard.rooms as i64);
            self.shard_busy.with_label_values(&label).set(shard.busy);
            self.shard_overloaded.with_label_values(&label).set(shard.is_overloaded.into());
        }
        self.ready.set(figures.is_ready.into());
        self.draining.set(figures.is_draining.into());
        raise(&self.log_lines_suppressed, suppressed_lines());
        raise(&self.log_lines_dropped, dropped_lines());
    }

    fn set_tickets(&self, tickets: &TicketFigures) {
        self.tickets_held.set(tickets.held as i64);
        let counts = [("issued", tickets.issued), ("used", tickets.used), ("expired", tickets.expired)];
        for (result, count) in counts {
            raise(&self.tickets.with_label_values(&[result]), count);
        }
    }

    fn set_rooms(&self, rooms: &[RoomFigures], games: impl Iterator<Item = &'static str>) {
        let of_games = [
            &self.players,
            &self.held_seats,
            &self.spectators,
            &self.events_waiting,
            &self.arrivals_waiting,
            &self.orders_waiting,
        ];
        // A state that no room is in any more must not keep its last number.
        self.rooms.reset();
        for game in games {
            for family in of_games {
                family.with_label_values(&[game]).set(0);
            }
            self.rooms.with_label_values(&[game, "open"]).set(0);
        }
        for room in rooms {
            self.rooms.with_label_values(&[room.game, room.state]).inc();
            let counts = [
                i64::from(room.seats_taken),
                room.held_seats.into(),
                room.spectators.into(),
                room.events_waiting.into(),
                room.connections_waiting as i64,
                room.commands_waiting as i64,
            ];
            for (family, count) in of_games.into_iter().zip(counts) {
                family.with_label_values(&[room.game]).add(count);
            }
        }
    }
}

/// Raises a counter to a count that is kept elsewhere.
fn raise(counter: &IntCounter, count: u64) {
    counter.inc_by(count.saturating_sub(counter.get()));
}
