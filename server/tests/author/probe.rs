//! A small game that does what its players' commands say, and a client for it.

use std::time::Duration;

use crate::common::{At, Client, join, soon};
use drumline::prelude::*;
use drumline::{Config, RoomsConfig, Running};
use drumline_shared::encoding::{decode, encode};
use drumline_shared::wire::control::{ClientMessage, SUBPROTOCOL, ServerMessage, write_control};
use serde::{Deserialize, Serialize};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, Semaphore};
use tokio_tungstenite::WebSocketStream;

/// A player's mark in the world.
#[derive(Replicate)]
pub struct Mark {
    player: PlayerId,
    bot: bool,
}

#[derive(Default, Replicate)]
pub struct Push {
    go: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    #[default]
    Red,
    Blue,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[serde(default, deny_unknown_fields)]
pub struct Loadout {
    pub weapon: Colour,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[serde(default, deny_unknown_fields)]
pub struct JoinOptions {
    pub colour: Colour,
    pub loadout: Loadout,
}

/// The hooks that can panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    Join,
    Away,
    Back,
    Outcome,
    Timer,
    BotInput,
}

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Kick(PlayerId),
    Ban(PlayerId),
    HoldSeat(u32),
    SetMaxPlayers(u16),
    SetMap(String),
    SeatBot {
        name: String,
        yields: bool,
    },
    Start(Work),
    /// Makes a hook panic from now on.
    Arm(Hook),
    Timer,
    /// Leaves a job when the room ends.
    SaveAtEnd,
    /// Closes the way in, with words.
    Refuse(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Joined { name: String, colour: Colour },
    Outcome(String),
    Away(PlayerId),
    Back(PlayerId),
    Label(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
pub struct Metadata {
    map: String,
}

/// Work outside.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Echo(String),
    Panic,
    Save,
}

/// The state that all jobs share.
pub struct Shelf {
    pub saved: Mutex<Vec<JobKey>>,
    /// Lets savers begin.
    pub gate: Semaphore,
}

impl Shelf {
    pub fn new() -> Self {
        Self { saved: Mutex::default(), gate: Semaphore::new(0) }
    }
}

impl Job for Work {
    type Outcome = String;
    type Context = std::sync::Arc<Shelf>;

    async fn run(self, key: JobKey, context: &Self::Context) -> String {
        match self {
            Self::Echo(text) => format!("{key}: {text}"),
            Self::Panic => panic!("a job panics, says the test"),
            Self::Save => {
                context.gate.acquire().await.unwrap().forget();
                // A server that does not wait has ended by then.
                for _ in 0..500_000 {
                    tokio::task::yield_now().await;
                }
                context.saved.lock().await.push(key);
                String::new()
            }
        }
    }
}

#[derive(Default, World)]
pub struct Probe {
    pub marks: Players<Mark>,
    #[sync(skip)]
    pub label: String,
    #[sync(skip)]
    pub armed: Option<Hook>,
    #[sync(skip)]
    pub refusal: Option<String>,
    #[sync(skip)]
    pub saves: bool,
}

impl Probe {
    fn at(&self, hook: Hook) {
        assert!(self.armed != Some(hook), "boom, says the test");
    }

    fn obey(&mut self, player: PlayerId, command: Command, tick: &mut Tick<Self>) {
        match command {
            Command::Kick(other) => tick.kick(other, "you are it"),
            Command::Ban(other) => tick.ban(other, "and stay out"),
            Command::HoldSeat(seconds) => tick.hold_seat(player, seconds),
            Command::SetMaxPlayers(players) => tick.set_max_players(players),
            Command::SetMap(map) => tick.set_metadata(&Metadata { map }).unwrap(),
            Command::SeatBot { name, yields } => tick.seat_bot(&name, yields),
            Command::Start(work) => drop(tick.start(&work).unwrap()),
            Command::Arm(hook) => self.armed = Some(hook),
            Command::Timer => drop(tick.timers().after(0.0, ())),
            Command::SaveAtEnd => self.saves = true,
            Command::Refuse(words) => self.refusal = Some(words),
        }
    }
}

#[game]
impl Game for Probe {
    const NAME: &'static str = "probe";
    const MAX_PLAYERS: u16 = 4;
    type Input = Push;
    type Event = Event;
    type Command = Command;
    type JoinOptions = JoinOptions;
    type Metadata = Metadata;
    type Timer = ();
    type Job = Work;

    fn join(&mut self, player: PlayerId, tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.at(Hook::Join);
        let info = &tick.players()[player];
        let (name, colour) = (info.name.clone(), info.options.colour);
        if let Some(words) = &self.refusal {
            return Err(words.as_str().into());
        }
        self.marks.insert(player, Mark { player, bot: info.is_bot });
        tick.send(player, &Event::Label(self.label.clone()));
        tick.broadcast(&Event::Joined { name, colour });
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.marks.remove(player);
    }

    fn away(&mut self, player: PlayerId, tick: &mut Tick<Self>) {
        self.at(Hook::Away);
        tick.broadcast(&Event::Away(player));
    }

    fn back(&mut self, player: PlayerId, tick: &mut Tick<Self>) {
        self.at(Hook::Back);
        tick.broadcast(&Event::Back(player));
    }

    fn outcome(&mut self, _: JobId, outcome: Result<String, JobError>, tick: &mut Tick<Self>) {
        self.at(Hook::Outcome);
        let text = match outcome {
            Ok(text) => text,
            Err(JobError::Panicked(words)) => format!("panicked: {words}"),
            Err(error) => error.to_string(),
        };
        tick.broadcast(&Event::Outcome(text));
    }

    fn bot_input(&mut self, _: PlayerId, _: &View<'_>) -> Push {
        self.at(Hook::BotInput);
        Push { go: true }
    }

    fn timer(&mut self, (): (), _: &mut Tick<Self>) {
        self.at(Hook::Timer);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (player, command, _) in tick.commands() {
            self.obey(player, command, tick);
        }
    }

    fn close(&mut self, _: EndReason) -> Option<Work> {
        self.saves.then_some(Work::Save)
    }
}

/// Settings for a server of one shard, on a free port.
pub fn config() -> Config {
    let rooms = RoomsConfig { shards: Some(1), ..RoomsConfig::default() };
    Config { rooms, ..Config::on_free_port() }
}

/// A player of the game.
pub struct Player {
    pub client: Client,
    /// The game's label, which it tells those whom it lets in.
    pub label: String,
    commands: u32,
}

impl Player {
    /// Joins with a query such as `name=a&room=new`, and waits until the game has let the player in.
    pub async fn join(server: &impl At, query: &str) -> Self {
        Self::begin(join(server, "probe", query).await).await
    }

    /// Begins with a connection whose handshake is done.
    pub async fn begin(socket: WebSocketStream<TcpStream>) -> Self {
        Self::new(Client::begin(socket).await).await
    }

    /// Joins with a ticket.
    pub async fn enter(server: &Running, ticket: &str) -> Self {
        let offers = format!("{SUBPROTOCOL}, drumline.ticket.{ticket}");
        Self::new(Client::offering(server, "/play/probe", &offers).await.expect("the ticket is good")).await
    }

    /// Resumes with the token of a session.
    pub async fn resume(server: &Running, token: &str) -> Option<Self> {
        let offers = format!("{SUBPROTOCOL}, drumline.session.{token}");
        let mut client = Client::offering(server, "/play/probe", &offers).await?;
        client.update().await;
        Some(Self { client, label: String::new(), commands: 0 })
    }

    async fn new(client: Client) -> Self {
        let mut player = Self { client, label: String::new(), commands: 0 };
        player.label =
            player.event(|event| if let Event::Label(label) = event { Some(label) } else { None }).await;
        player
    }

    pub fn id(&self) -> PlayerId {
        PlayerId::of_number(self.client.welcome.player)
    }

    pub fn room(&self) -> &str {
        &self.client.welcome.room
    }

    /// Sends a command.
    pub async fn order(&mut self, command: Command) {
        self.commands += 1;
        let (request, body) = (self.commands, encode(&command));
        self.client.send(write_control(&ClientMessage::Command { request, reply: false, body })).await;
    }

    /// Waits until all orders have been carried out. From then on the player's seat is held if the connection is lost.
    pub async fn settle(&mut self) {
        self.order(Command::Start(Work::Echo("settled".to_owned()))).await;
        let settled =
            |event| matches!(event, Event::Outcome(text) if text.ends_with(": settled")).then_some(());
        self.event(settled).await;
    }

    /// Reads to the next event that is wanted.
    pub async fn event<T>(&mut self, wanted: impl Fn(Event) -> Option<T>) -> T {
        loop {
            if let ServerMessage::Event(event) = self.client.control().await
                && let Some(found) = wanted(decode(&event.body).unwrap())
            {
                return found;
            }
        }
    }

    /// Breaks the connection without a close frame.
    pub fn kill(self) {
        SockRef::from(self.client.socket.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
        drop(self.client);
    }
}

/// Waits until something of the server's is as it should be.
pub async fn until(is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    soon(wait).await;
}
