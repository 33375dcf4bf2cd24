//! Delivery: nobody is expelled for what others said, nothing is dropped in silence, and reliable messages arrive once and in
//! order, however often connections are lost.

use std::collections::VecDeque;

use drumline_room::{PlayerId, Rng, RngExt, Room, SeedableRng};
use drumline_shared::encoding::decode;
use drumline_shared::wire::control::{Outcome, Refused};

use crate::post::{Client, GAME, Letter, Mail, Order, Parcel, follow, hand_over, room, take};

fn chat(text: &str) -> Letter {
    Letter::Chat(text.to_owned())
}

/// Lets all clients live some ticks on perfect lines. Nobody may be kicked.
fn live(room: &mut Room, clients: &mut [Client], ticks: u32) {
    for _ in 0..ticks {
        room.tick();
        for client in &mut *clients {
            follow(room, client);
            assert_eq!(room.kick_reason(client.player), None);
        }
    }
}

fn numbers(until: u32) -> Vec<u32> {
    (1..=until).collect()
}

#[test]
fn a_burst_of_chat_expels_nobody() {
    let mut room = room(66, Mail::default());
    let mut clients: Vec<Client> = (0..66).map(|n| Client::join(&mut room, &format!("p{n}"))).collect();
    live(&mut room, &mut clients, 2);
    let (quiet, talkers) = clients.split_first_mut().unwrap();
    for client in talkers {
        (0..4).for_each(|n| client.write(chat(&format!("line {n}"))));
        for (request, letter) in client.flush() {
            hand_over(&mut room, request, &letter);
        }
    }
    assert_eq!(quiet.unconfirmed(), 0);
    live(&mut room, &mut clients, 5);
    assert!(clients.iter().all(|client| client.chats.len() == 65 * 4), "everybody heard every line");
    assert!(clients[1..].iter().all(|client| client.replies.len() == 4 && client.unconfirmed() == 0));
}

#[test]
fn a_client_that_stalls_for_a_second_gets_the_events_of_it() {
    let mut room = room(2, Mail { a_tick: 10, ..Mail::default() });
    let mut clients = [Client::join(&mut room, "steady"), Client::join(&mut room, "stalled")];
    live(&mut room, &mut clients, 30);
    for _ in 0..27 {
        room.tick();
        follow(&mut room, &mut clients[0]);
        assert_eq!(room.kick_reason(clients[1].player), None);
    }
    live(&mut room, &mut clients, 10);
    assert_eq!(clients[1].parcels_of(GAME), numbers(670));
}

#[test]
fn a_level_at_join_arrives_while_events_go_on_and_again_after_a_loss() {
    let mail = Mail { at_join: 1, join_bytes: 250 << 10, a_tick: 5 };
    let mut room = room(1, mail);
    let mut clients = [Client::join(&mut room, "new")];
    live(&mut room, &mut clients, 3);
    assert!(clients[0].parcels_of(GAME + 1).is_empty(), "the level is on its way");
    room.hold(clients[0].player);
    for _ in 0..60 {
        room.tick();
    }
    room.resume(clients[0].player, None);
    clients[0].welcome(&room);
    live(&mut room, &mut clients, 60);
    let [client] = clients;
    assert_eq!((client.parcels_of(GAME + 1), client.lost), (vec![1], 0));
    let events = client.parcels_of(GAME);
    assert_eq!(events, numbers(events.len() as u32));
    assert!(events.len() >= 5 * 120);
}

#[test]
fn three_large_messages_at_join_all_arrive() {
    let mut room = room(1, Mail { at_join: 3, join_bytes: 200 << 10, a_tick: 0 });
    let mut clients = [Client::join(&mut room, "new")];
    live(&mut room, &mut clients, 60);
    assert_eq!(clients[0].parcels_of(GAME + 1), [1, 2, 3]);
}

#[test]
fn chat_passes_a_level() {
    let mut room = room(2, Mail { at_join: 4, join_bytes: 250 << 10, a_tick: 0 });
    let mut clients = [Client::join(&mut room, "old")];
    live(&mut room, &mut clients, 60);
    let [old] = clients;
    let mut clients = [old, Client::join(&mut room, "new")];
    live(&mut room, &mut clients, 2);
    clients[0].write(chat("hello"));
    live(&mut room, &mut clients, 2);
    assert_eq!(clients[1].chats, ["hello"]);
    assert!(clients[1].parcels_of(GAME + 1).len() < 4, "and the levels are still on their way");
}

#[test]
fn nothing_is_dropped_in_silence() {
    let mut room = room(16, Mail { at_join: 1, join_bytes: 100 << 10, a_tick: 0 });
    let mut clients: Vec<Client> = (0..16).map(|n| Client::join(&mut room, &format!("p{n}"))).collect();
    live(&mut room, &mut clients, 60);
    for client in &clients {
        assert_eq!(client.parcels_of(GAME + 1), [1], "sixteen who join at once all get their level");
    }
    clients[0].write(Letter::Order(Order::Burst { parcels: 65, bytes: 1 }));
    clients[0].write(Letter::Order(Order::Send { bytes: 300 << 10 }));
    clients[0].write(Letter::Order(Order::Burst { parcels: 50, bytes: 100 << 10 }));
    live(&mut room, &mut clients, 60);
    let parcel = |outcome: &Outcome| match outcome {
        Outcome::Done(body) => decode::<Parcel>(body).unwrap().number,
        Outcome::Refused(refused) => panic!("{refused}"),
    };
    assert_eq!(parcel(&clients[0].replies[0].1), 65);
    assert_eq!(clients[0].replies[1], (2, Outcome::Refused(Refused::TooLarge)));
    let queued = parcel(&clients[0].replies[2].1);
    assert!(queued < 50, "the game is told what the tick had no room for: {queued}");
    assert_eq!(clients[1].parcels_of(0).len() as u32, 65 + queued, "and all the others arrive");
    // The heavy parcel, the heavy reply, and what the last burst could not send.
    assert_eq!(room.stats().events_dropped, 2 + u64::from(50 - queued));
}

#[test]
fn a_client_that_takes_nothing_is_kicked_in_the_end_and_one_that_is_away_learns_what_it_has_lost() {
    let order = || Letter::Order(Order::Send { bytes: 200 << 10 });
    let mut room = room(2, Mail::default());
    let mut clients = [Client::join(&mut room, "busy"), Client::join(&mut room, "slow")];
    live(&mut room, &mut clients, 2);
    let slow = clients[1].player;
    // The events of the busy one, 4 MiB and more, which the slow one never takes.
    let mut ticks = 0;
    while room.kick_reason(slow).is_none() {
        if ticks < 22 {
            clients[0].write(order());
        }
        room.tick();
        follow(&mut room, &mut clients[0]);
        ticks += 1;
        assert!(ticks < 1000);
    }
    assert!(ticks > 150, "five seconds of patience: {ticks} ticks");
    room.hold(slow);
    clients[0].write(order());
    for _ in 0..3 {
        room.tick();
        follow(&mut room, &mut clients[0]);
    }
    room.resume(slow, None);
    clients[1].welcome(&room);
    live(&mut room, &mut clients, 60);
    let arrived = clients[1].parcels_of(0);
    assert!(clients[1].lost > 0, "the client is told of the gap");
    assert_eq!(arrived.len() as u32 + clients[1].lost, 23);
    assert!(arrived.is_sorted() && arrived.last() == Some(&23), "the newest are kept");
}

#[test]
fn a_game_does_not_open_what_an_operator_has_locked_nor_the_other_way_round() {
    let mut room = room(1, Mail::default());
    let mut clients = [Client::join(&mut room, "p")];
    let mut order = |room: &mut Room, locked| {
        clients[0].write(Letter::Order(Order::Lock(locked)));
        live(room, &mut clients, 2);
    };
    order(&mut room, true);
    room.lock(true);
    order(&mut room, false);
    assert!(room.is_locked(), "the operator's lock holds");
    order(&mut room, true);
    room.lock(false);
    room.tick();
    assert!(room.is_locked(), "the game's lock holds");
    order(&mut room, false);
    assert!(!room.is_locked());
}

/// A client, and the lines to it and from it.
struct Line {
    client: Client,
    /// Messages on their way, and the tick on which each arrives.
    down: VecDeque<(u32, Vec<u8>)>,
    up: VecDeque<(u32, Up)>,
    delay: u32,
    away_until: Option<u32>,
    orders: u32,
    chats: u32,
}

enum Up {
    Ack(u32),
    Request(drumline_room::RequestId, Letter),
}

/// Clients of a room whose connections are lost at random points.
struct Simulation {
    rng: Rng,
    room: Room,
    lines: Vec<Line>,
    losses: u32,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::seed_from_u64(seed);
        let mut room = room(4, Mail { at_join: 1, join_bytes: 20_000, a_tick: 1 });
        let line = |n: usize| Line {
            client: Client::join(&mut room, &format!("p{n}")),
            down: VecDeque::new(),
            up: VecDeque::new(),
            delay: rng.random_range(0..8),
            away_until: None,
            orders: 0,
            chats: 0,
        };
        let mut lines: Vec<Line> = (0..4).map(line).collect();
        // One of them sends more than the server queues, and has to send again what is refused.
        lines[0].client.window = 200;
        Self { rng, room, lines, losses: 0 }
    }

    fn run(&mut self, ticks: u32, loses: bool) {
        for _ in 0..ticks {
            self.room.tick();
            for index in 0..self.lines.len() {
                if loses {
                    self.write(index);
                }
                self.live(index, loses);
            }
        }
    }

    fn write(&mut self, index: usize) {
        let (line, rng) = (&mut self.lines[index], &mut self.rng);
        let orders = match rng.random_range(0..200) {
            0..20 => 1,
            // More than the server lets wait.
            20 => 100,
            _ => 0,
        };
        for _ in 0..orders {
            let bytes =
                if rng.random_bool(0.05) { rng.random_range(0..8000) } else { rng.random_range(0..50) };
            line.client.write(Letter::Order(Order::Send { bytes }));
            line.orders += 1;
        }
        if rng.random_bool(0.02) {
            line.client.write(chat("well"));
            line.chats += 1;
        }
    }

    fn live(&mut self, index: usize, loses: bool) {
        let now = self.room.current_tick();
        let line = &mut self.lines[index];
        let player = line.client.player;
        if let Some(until) = line.away_until {
            if now < until && loses {
                return;
            }
            // A client resumes from its mirror, or without one.
            let mirror_tick = self.rng.random_bool(0.7).then(|| line.client.mirror.tick());
            self.room.resume(player, mirror_tick);
            line.client.welcome(&self.room);
            line.away_until = None;
        }
        assert_eq!(self.room.kick_reason(player), None);
        line.down.extend(take(&mut self.room, player).into_iter().map(|message| (now + line.delay, message)));
        while line.down.front().is_some_and(|(due, _)| *due <= now) {
            let (_, message) = line.down.pop_front().unwrap();
            line.client.receive(&message);
        }
        line.up.push_back((now + line.delay, Up::Ack(line.client.mirror.tick())));
        let requests = line.client.flush().into_iter();
        line.up.extend(requests.map(|(request, letter)| (now + line.delay, Up::Request(request, letter))));
        // A loss at any point: what is on its way is lost, or a part of it.
        if loses && self.rng.random_bool(0.04) {
            self.losses += 1;
            for _ in 0..self.rng.random_range(0..=line.up.len()) {
                line.up.pop_back();
            }
            line.down.clear();
            deliver(&mut self.room, player, &mut line.up, u32::MAX);
            // Often the newer connection comes before the loss is noticed.
            if self.rng.random_bool(0.7) {
                self.room.hold(player);
                line.away_until = Some(now + self.rng.random_range(1..60));
            } else {
                line.away_until = Some(now);
            }
            return;
        }
        deliver(&mut self.room, player, &mut line.up, now);
    }
}

fn deliver(room: &mut Room, player: PlayerId, up: &mut VecDeque<(u32, Up)>, now: u32) {
    while up.front().is_some_and(|(due, _)| *due <= now) {
        match up.pop_front().unwrap().1 {
            Up::Ack(tick) => room.handle_ack(player, tick),
            Up::Request(request, letter) => hand_over(room, request, &letter),
        }
    }
}

#[test]
fn over_a_thousand_losses_every_command_event_and_reply_arrives_once_and_in_order() {
    let seeds = match std::env::var("DRUMLINE_SEED") {
        Ok(seed) => vec![seed.parse().expect("DRUMLINE_SEED is a number")],
        Err(_) => (0..20).collect(),
    };
    let is_single = seeds.len() == 1;
    let (mut losses, mut doubles, mut refused) = (0, 0, 0);
    for seed in seeds {
        println!("DRUMLINE_SEED={seed}");
        let mut simulation = Simulation::new(seed);
        simulation.run(600, true);
        simulation.run(400, false);
        losses += simulation.losses;
        let sent: Vec<u32> = simulation.lines.iter().map(|line| line.orders).collect();
        for line in &simulation.lines {
            let client = &line.client;
            assert_eq!((client.unconfirmed(), client.lost), (0, 0));
            for (from, &orders) in sent.iter().enumerate() {
                assert_eq!(client.parcels_of(from as u16), numbers(orders), "each command was executed once");
            }
            let events = client.parcels_of(GAME);
            assert!(events.len() > 980, "all but those on their way");
            assert_eq!(events, numbers(events.len() as u32), "every event, once and in order");
            assert_eq!(client.parcels_of(GAME + 1), [1]);
            let is_done =
                |(_, outcome): &&(u32, Outcome)| matches!(outcome, Outcome::Done(body) if !body.is_empty());
            let replies: Vec<u32> =
                client.replies.iter().filter(is_done).map(|(request, _)| *request).collect();
            assert!(replies.is_sorted_by(|one, other| one < other), "replies are in order");
            assert_eq!(replies.len() as u32, line.orders, "each command has one reply");
            assert_eq!(client.replies.len() as u32, line.orders + line.chats, "and so has each chat message");
            doubles += client.doubles;
            refused += client.refused;
        }
    }
    if !is_single {
        assert!(
            losses > 1000 && doubles > 1000 && refused > 10,
            "{losses} losses, {doubles} doubles, {refused} refused"
        );
    }
}
