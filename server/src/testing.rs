//! What unit tests of this crate share: a room in a lobby whose shard is the test, and sockets on their way there.

use std::io::{Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_room::GameSpec;
use drumline_shared::messages::{ServerMessage, Welcome, read_control};
use drumline_shared::session::SessionToken;
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::arrival::{Arrival, Joining};
use crate::config::RoomsConfig;
use crate::lobby::{Lobby, LobbyConfig, RoomChoice, Seat};
use crate::permit::Permit;
use crate::refusal::Refusal;
use crate::shard::{NewRoom, ShardHandle};
use crate::stream::Stream;

/// A lobby of two games with one room, of the arena, that waits to be run, and a seat in it.
pub fn open_room() -> (Arc<Lobby>, NewRoom, Seat) {
    open_room_with(RoomsConfig::default())
}

/// As [`open_room`], with other settings.
pub fn open_room_with(config: RoomsConfig) -> (Arc<Lobby>, NewRoom, Seat) {
    let (shard, mut opened) = ShardHandle::to_this_thread();
    let spec = Arc::new(GameSpec::of::<Arena>());
    let games = vec![Arc::clone(&spec), Arc::new(GameSpec::of::<Frontier>())];
    let lobby = Arc::new(Lobby::new(games, config, &LobbyConfig::default(), vec![shard]));
    let seat = lobby.reserve(&spec, &RoomChoice::Any.into()).unwrap();
    (lobby, opened.try_recv().unwrap(), seat)
}

/// A socket, and the client's end of it.
pub fn arrival() -> (Arrival, TcpStream) {
    arrival_among(&Arc::new(Semaphore::new(1)))
}

/// The same, with a place among those that there are.
pub fn arrival_among(places: &Arc<Semaphore>) -> (Arrival, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_nonblocking(true).unwrap();
    let place = Arc::clone(places).try_acquire_owned().unwrap();
    let permit = Arc::new(Permit::new(Arc::new(place), None));
    (Arrival { stream: Stream::Plain(stream), leftover: Vec::new(), permit }, client)
}

/// Sends a new player to their seat's room.
pub fn join(seat: Seat) -> Peer {
    let (arrival, client) = arrival();
    Seat::send(Joining { arrival, joiner: "a".into(), seat });
    Peer::new(client)
}

/// Sends a player back to their seat's room, if the lobby lets them.
pub fn resume(lobby: &Lobby, token: SessionToken, mirror_tick: Option<u32>) -> Result<Peer, Refusal> {
    let way = lobby.sessions().reserve("arena", Some(token))?;
    let (arrival, client) = arrival();
    way.send(arrival, mirror_tick);
    Ok(Peer::new(client))
}

/// The client's end of a socket.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    /// What has arrived and is not looked at yet.
    unread: Vec<u8>,
}

/// What a client has been sent since it last looked.
#[derive(Debug, Default)]
pub struct Heard {
    /// The payloads of binary frames, but for events: when those come is the game's affair.
    pub messages: Vec<Vec<u8>>,
    /// The code of the close frame, which is the last.
    pub closed: Option<u16>,
    /// Its words.
    pub words: String,
    /// Whether the connection has ended.
    pub ended: bool,
}

impl Heard {
    /// The welcome, which must be the first message.
    pub fn welcome(&self) -> Welcome {
        match read_control(&self.messages[0]) {
            Ok(ServerMessage::Welcome(welcome)) => welcome,
            other => panic!("a welcome first: {other:?}"),
        }
    }

    /// The kinds of the messages.
    pub fn kinds(&self) -> Vec<u8> {
        self.messages.iter().map(|message| message[0] & 0b11).collect()
    }
}

impl Peer {
    /// A client whose handshake is done.
    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// Waits for so many messages.
    pub fn hear(&mut self, messages: usize) -> Heard {
        let mut heard = Heard::default();
        while heard.messages.len() < messages {
            assert!(!heard.ended, "there is more to come: {heard:?}");
            self.read(&mut heard);
        }
        heard
    }

    /// Waits for the end of the connection.
    pub fn hear_out(&mut self) -> Heard {
        let mut heard = Heard::default();
        while !heard.ended {
            self.read(&mut heard);
        }
        heard
    }

    fn read(&mut self, heard: &mut Heard) {
        let mut cursor = Cursor::new(&self.unread[..]);
        if let Some((header, length)) = FrameHeader::parse(&mut cursor).unwrap()
            && cursor.position() + length <= self.unread.len() as u64
        {
            assert_eq!(heard.closed, None, "nothing comes after the close frame");
            let start = cursor.position() as usize;
            let end = start + length as usize;
            let payload = &self.unread[start..end];
            match header.opcode {
                OpCode::Data(Data::Binary) => {
                    if !matches!(read_control(payload), Ok(ServerMessage::Event(_))) {
                        heard.messages.push(payload.to_vec());
                    }
                }
                OpCode::Control(Control::Close) => {
                    heard.closed = Some(u16::from_be_bytes([payload[0], payload[1]]));
                    heard.words = String::from_utf8(payload[2..].to_vec()).unwrap();
                }
                OpCode::Control(Control::Ping) => {}
                other => panic!("{other:?}"),
            }
            self.unread.drain(..end);
            return;
        }
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer).unwrap();
        self.unread.extend_from_slice(&buffer[..read]);
        heard.ended = read == 0;
    }

    /// Sends a frame, under a mask of zeros.
    pub fn say(&mut self, opcode: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        self.stream.write_all(&[&[0x80 | opcode, 0x80 | length, 0, 0, 0, 0][..], payload].concat()).unwrap();
    }
}
