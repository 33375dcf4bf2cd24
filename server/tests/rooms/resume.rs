//! Connections that are lost in every possible way, over real sockets, and players who resume.
//!
//! A failure names its seed: `DRUMLINE_SEED=… cargo test -p drumline --test rooms resume` replays it, as far as the
//! kernel's timing allows.

use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use crate::common::{goodbye, http, soon};
use drumline::{Config, RoomListing, RoomsConfig, Running, Server};
use drumline_room::{Game, JoinRefused, PlayerId, Rng, RngExt, SeedableRng, Setup, Tick, game};
use drumline_shared::frame::EntityId;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::limits::TickLimits;
use drumline_shared::mirror::Applied;
use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, SUBPROTOCOL, ServerMessage, Welcome, read_control, write_control,
};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Entity, Mirror, Replicate, Single, Table, World};
use futures_util::{SinkExt, StreamExt};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

#[derive(Debug, Default, PartialEq, Replicate)]
struct Score {
    player: u32,
    #[sync(range = 0..=1_000_000)]
    points: u32,
}

#[derive(Debug, Default, PartialEq, Replicate)]
struct Doors {
    came: u32,
    went: u32,
}

/// A player's claim to a number of points: an input that may be repeated.
#[derive(Debug, Default, Replicate)]
struct Claim {
    #[sync(range = 0..=1_000_000)]
    points: u32,
}

#[derive(Default, World)]
struct Board {
    scores: Table<Score>,
    doors: Single<Doors>,
}

const SCORES: usize = 0;
const DOORS: usize = 1;

/// A game in which players have the most points that they have ever claimed.
#[derive(Default)]
struct Tally {
    board: Board,
    seats: Vec<(PlayerId, Entity)>,
}

#[game]
impl Game for Tally {
    const NAME: &'static str = "tally";
    type World = Board;
    type Input = Claim;

    fn new(_setup: &Setup) -> Self {
        Self::default()
    }

    fn world(&self) -> &Board {
        &self.board
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.board.doors.came += 1;
        self.seats.push((player, self.board.scores.insert(Score { player: player.number(), points: 0 })));
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.board.doors.went += 1;
        let seat = self.seats.iter().position(|(other, _)| *other == player).expect("they joined");
        self.board.scores.remove(self.seats.swap_remove(seat).1);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (player, claim) in tick.inputs() {
            let (_, entity) = self.seats.iter().find(|(other, _)| *other == player).expect("they joined");
            let score = self.board.scores.get_mut(*entity).expect("they are in the world");
            score.points = score.points.max(claim.points);
        }
    }
}

fn start(resume_seconds: u16) -> Running {
    let rooms = RoomsConfig {
        tick_hz: Some(240),
        shards: Some(1),
        resume_seconds,
        reload_seconds: resume_seconds.min(8),
        ..RoomsConfig::default()
    };
    let config = Config { rooms, ..Config::on_free_port() };
    Server::new().game::<Tally>().game::<drumline_arena::Arena>().start(&config).unwrap()
}

fn room(server: &Running) -> RoomListing {
    server.listing().rooms[0].clone()
}

/// A path of one connection from a client to the server, which can be blocked while both sockets stay open.
struct Path {
    address: SocketAddr,
    blocked: watch::Sender<bool>,
}

impl Path {
    async fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (blocked, is_blocked) = watch::channel(false);
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = TcpStream::connect(server).await.unwrap().into_split();
            tokio::spawn(forward(from_client, to_server, is_blocked.clone()));
            tokio::spawn(forward(from_server, to_client, is_blocked));
        });
        Self { address, blocked }
    }
}

/// Carries bytes until one end is closed, and holds them back while the path is blocked.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut blocked: watch::Receiver<bool>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if blocked.wait_for(|blocked| !blocked).await.is_err() || to.write_all(&buffer[..read]).await.is_err()
        {
            return;
        }
    }
}

/// A connection, and the welcome that came with it.
async fn connect(address: SocketAddr, query: &str) -> (WebSocketStream<TcpStream>, Welcome) {
    let url = format!("ws://{address}/play/tally?{query}");
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = soon(client_async(request, stream)).await.unwrap();
    let first = soon(socket.next()).await.unwrap().unwrap().into_data();
    let Ok(ServerMessage::Welcome(welcome)) = read_control(&first) else { panic!("a welcome first") };
    (socket, *welcome)
}

/// A client that outlives its connections.
struct Client {
    /// `None` while there is no connection.
    socket: Option<WebSocketStream<TcpStream>>,
    welcome: Welcome,
    mirror: Mirror,
    inputs: u32,
}

impl Client {
    async fn join(address: SocketAddr) -> Self {
        let (socket, welcome) = connect(address, "").await;
        let mirror = Mirror::new(Layout::new(&welcome.schema).unwrap(), welcome.tick_rate_hz);
        Self { socket: Some(socket), welcome, mirror, inputs: 0 }
    }

    fn socket(&mut self) -> &mut WebSocketStream<TcpStream> {
        self.socket.as_mut().expect("there is a connection")
    }

    /// Resumes over another connection, and returns the old one.
    async fn resume(&mut self, address: SocketAddr, tell_tick: bool) -> Option<WebSocketStream<TcpStream>> {
        let tick = if tell_tick { format!("&tick={}", self.mirror.tick()) } else { String::new() };
        let (socket, welcome) = connect(address, &format!("session={}{tick}", self.welcome.session)).await;
        let same = |welcome: &Welcome| (welcome.player, welcome.room.clone(), welcome.schema_hash);
        assert_eq!(same(&welcome), same(&self.welcome));
        assert_ne!(welcome.session, self.welcome.session);
        self.welcome = welcome;
        self.socket.replace(socket)
    }

    /// Reads to the next snapshot, applies it (which checks its hashes) and acknowledges it.
    async fn update(&mut self) -> Applied {
        loop {
            if let Some(applied) = self.read().await.1 {
                return applied;
            }
        }
    }

    async fn read(&mut self) -> (Option<ServerMessage>, Option<Applied>) {
        let Message::Binary(bytes) = soon(self.socket().next()).await.unwrap().unwrap() else {
            return (None, None);
        };
        if bytes[0] == KIND_CONTROL {
            return (Some(read_control(&bytes).unwrap()), None);
        }
        let applied = self.mirror.apply(&bytes).unwrap();
        self.send(write_control(&ClientMessage::Ack { tick: applied.tick })).await;
        (None, Some(applied))
    }

    async fn send(&mut self, bytes: Vec<u8>) {
        self.socket().send(Message::Binary(bytes.into())).await.unwrap();
    }

    /// Waits until the server has read everything that was sent.
    async fn be_heard(&mut self) {
        self.send(write_control(&ClientMessage::Ping { nonce: 0 })).await;
        while !matches!(self.read().await.0, Some(ServerMessage::Pong { .. })) {}
    }

    /// Claims points until the server has counted them.
    async fn earn(&mut self, points: u32) {
        let layout = InputLayout::of::<Claim>();
        while self.score().1 < points {
            self.inputs += 1;
            let tick = self.mirror.tick();
            let header =
                InputHeader { number: self.inputs, acked_tick: tick, tick: tick + 2, view_eighths: 0 };
            let mut row = [0];
            Claim { points }.quantize(&mut row);
            let mut message = Vec::new();
            write_input(&layout, header, &row, &mut message);
            self.send(message).await;
            self.update().await;
        }
    }

    /// The client's own entity and its points; `None` before the first snapshot.
    fn score(&self) -> (Option<EntityId>, u32) {
        self.score_of(self.welcome.player)
    }

    fn score_of(&self, player: u32) -> (Option<EntityId>, u32) {
        let mut scores = self.mirror.rows::<Score>(SCORES);
        let found = scores.find(|(_, score)| score.player == player);
        found.map_or((None, 0), |(entity, score)| (Some(entity), score.points))
    }

    fn doors(&self) -> Doors {
        self.mirror.rows(DOORS).next().unwrap().1
    }
}

/// Ends a connection by a reset, as a crash does.
fn reset(socket: &WebSocketStream<TcpStream>) {
    SockRef::from(socket.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Reads a connection to its end. Returns the close code, after which nothing may come.
async fn close_code(mut socket: WebSocketStream<TcpStream>) -> u16 {
    let mut code = None;
    while let Some(Ok(message)) = soon(socket.next()).await {
        assert_eq!(code, None, "nothing comes after the close");
        if let Message::Close(Some(frame)) = message {
            code = Some(frame.code.into());
        }
    }
    code.expect("there was a close frame")
}

/// The answer to a plain request with a token.
async fn ask(server: &Running, game: &str, token: &str) -> (u16, String) {
    let (status, body) = http(server, "GET", &format!("/play/{game}?session={token}"), "").await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

async fn is_refused(server: &Running, game: &str, token: &str) -> bool {
    match ask(server, game, token).await {
        (403, error) if error == "unknown_session" => true,
        // Everything but the handshake itself was valid.
        (426, _) => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hundred_connections_are_lost_and_nothing_else() {
    let seed =
        std::env::var("DRUMLINE_SEED").map_or(1, |seed| seed.parse().expect("DRUMLINE_SEED is a number"));
    println!("DRUMLINE_SEED={seed}");
    let mut rng = Rng::seed_from_u64(seed);
    let server = start(20);
    let address = server.address();
    let mut bystander = Client::join(address).await;
    let mut path = Path::new(address).await;
    let mut client = Client::join(path.address).await;
    let mut resumes = 0;
    for turn in 0..100 {
        client.earn(turn + 1).await;
        let before = client.score();
        let old = client.welcome.session.clone();
        let next = Path::new(address).await;
        let kind = turn % 3;
        match kind {
            // At the server's end: nobody receives its last bytes.
            0 => reset(&client.socket.take().unwrap()),
            // At the client's end, without a close frame.
            1 => SockRef::from(client.socket().get_ref()).shutdown(Shutdown::Both).unwrap(),
            // On the path: neither end notices.
            _ => drop(path.blocked.send_replace(true)),
        }
        // At once, or after fewer ticks than the frame ring holds, or more.
        let away_ticks = [0, 5, TickLimits::LEAST.frame_ring + 5][rng.random_range(0..3)];
        let back = bystander.update().await.tick + away_ticks;
        while bystander.mirror.tick() < back {
            bystander.update().await;
        }
        if kind < 2 && rng.random_bool(0.5) {
            while room(&server).held_seats == 0 {
                bystander.update().await;
            }
            assert_eq!(room(&server).players, 2);
        }
        if rng.random_bool(0.25) {
            // This connection is lost before any message: the old token is still valid.
            let (lost, _) = connect(address, &format!("session={old}")).await;
            reset(&lost);
            resumes += 1;
        }
        let tell_tick = rng.random_bool(0.7);
        let older = client.resume(next.address, tell_tick).await;
        resumes += 1;
        let applied = client.update().await;
        assert!(applied.keyframe || tell_tick, "without a tick all is told anew");
        assert!(
            applied.ticks == 1 || applied.hashes_checked > 0,
            "what may have been missed carries its hash"
        );
        assert_eq!(client.score(), before, "the same entity and score, in turn {turn}");
        assert_eq!(client.doors(), Doors { came: 2, went: 0 }, "the game has not noticed");
        if kind == 2 {
            path.blocked.send_replace(false);
            assert_eq!(close_code(older.unwrap()).await, 4005);
        }
        path = next;
        client.be_heard().await;
        assert!(is_refused(&server, "tally", &old).await, "whoever has stolen the old token has nothing");
        assert!(!is_refused(&server, "tally", &client.welcome.session).await);
        let mut guess = client.welcome.session.clone().into_bytes();
        let at = rng.random_range(0..guess.len() - 1);
        guess[at] = if guess[at] == b'A' { b'B' } else { b'A' };
        assert!(is_refused(&server, "tally", &String::from_utf8(guess).unwrap()).await);
        assert!(is_refused(&server, "arena", &client.welcome.session).await);
    }
    let room = room(&server);
    assert_eq!((room.players, room.held_seats, room.resumes), (2, 0, resumes));
    let listing = server.listing();
    assert!(listing.closes["taken_over"] >= 33 && listing.closes["lost"] > 0, "{:?}", listing.closes);
    assert_eq!(
        listing.closes.values().sum::<u64>(),
        resumes,
        "each newer connection is one after an older one"
    );
    bystander.be_heard().await;
    assert_eq!(bystander.score_of(client.welcome.player), client.score());
    server.stop();
}

#[tokio::test]
async fn a_held_seat_is_free_when_its_time_is_over() {
    let server = start(1);
    let mut bystander = Client::join(server.address()).await;
    let mut client = Client::join(server.address()).await;
    assert_eq!(client.welcome.resume_seconds, 1);
    // A seat is only held for a client that has sent a message.
    client.be_heard().await;
    let token = client.welcome.session.clone();
    drop(client);
    while room(&server).held_seats == 0 {
        bystander.update().await;
    }
    assert!(bystander.score_of(1).0.is_some() && !is_refused(&server, "tally", &token).await);
    while room(&server).players == 2 {
        bystander.update().await;
    }
    assert!(is_refused(&server, "tally", &token).await);
    bystander.be_heard().await;
    assert_eq!((bystander.doors(), bystander.score_of(1).0), (Doors { came: 2, went: 1 }, None));
    let mut next = Client::join(server.address()).await;
    assert!(next.update().await.keyframe && next.welcome.player == 2048 + 1, "another has the seat");
    server.stop();
}

#[tokio::test]
async fn a_client_that_leaves_cannot_resume() {
    let server = start(3600);
    let mut bystander = Client::join(server.address()).await;
    let mut client = Client::join(server.address()).await;
    let token = client.welcome.session.clone();
    client.socket().close(Some(goodbye())).await.unwrap();
    while room(&server).players == 2 {
        bystander.update().await;
    }
    assert!(is_refused(&server, "tally", &token).await);
    server.stop();
}

#[tokio::test]
async fn where_resuming_is_off_a_lost_seat_is_free_at_once() {
    let server = start(0);
    let mut bystander = Client::join(server.address()).await;
    let client = Client::join(server.address()).await;
    assert_eq!(client.welcome.resume_seconds, 0);
    let token = client.welcome.session.clone();
    assert!(is_refused(&server, "tally", &token).await);
    drop(client);
    while room(&server).players == 2 {
        bystander.update().await;
        assert_eq!(room(&server).held_seats, 0);
    }
    server.stop();
}
