//! The plain server: what one writes with tokio and tokio-tungstenite without thinking of the netcode much.
//!
//! A room is a task with a timer. Each client has a task that reads inputs and passes them on to the room by a channel,
//! and one that writes what the room puts into its channel. The whole state is serialized once a tick, by bincode.

use std::net::Ipv4Addr;
use std::time::Duration;

use bincode::config;
use bincode::serde::{decode_from_slice, encode_to_vec};
use drumline_room::{Game, PlayerId, Setup};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::Bytes;
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};

use crate::harness::{Outcome, PERIOD, child};
use drumline_worlds::drift::{Controls, Drift};

/// Messages that may wait in a channel.
const QUEUE: usize = 64;

/// A player's input on the wire.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PlainInput {
    /// Left, nowhere or right.
    pub dx: i8,
    /// Up, nowhere or down.
    pub dy: i8,
    /// Where to look, in radians.
    pub angle: f32,
    /// Whether to fire.
    pub fire: bool,
}

#[derive(Serialize)]
struct PlainShip<'a> {
    player: u16,
    name: &'a str,
    x: f32,
    y: f32,
    angle: f32,
    hp: u8,
    score: u32,
}

#[derive(Serialize)]
struct PlainBody {
    x: f32,
    y: f32,
}

#[derive(Serialize)]
struct PlainState<'a> {
    tick: u32,
    ships: Vec<PlainShip<'a>>,
    bodies: Vec<PlainBody>,
}

/// A client's message to its room.
enum ToRoom {
    Joined { player: PlayerId, name: String, out: mpsc::Sender<Bytes> },
    Input { player: PlayerId, input: PlainInput },
    Left { player: PlayerId },
}

/// Serves until the process ends.
///
/// # Errors
/// If nothing can be listened on.
pub fn serve(room_size: u16) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(accept(room_size))
}

/// Fills one room after the other.
async fn accept(room_size: u16) -> Outcome<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    child::end_with_parent();
    super::announce(listener.local_addr()?);
    loop {
        let (to_room, from_clients) = mpsc::channel(QUEUE * usize::from(room_size));
        tokio::spawn(run_room(from_clients));
        for seat in 0..room_size {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve_client(stream, PlayerId::first(seat), to_room.clone()));
        }
    }
}

/// Ticks until the last client has gone.
async fn run_room(mut from_clients: mpsc::Receiver<ToRoom>) {
    let mut drift = Drift::new(&Setup::new(1));
    let mut inputs: Vec<(PlayerId, Controls)> = Vec::new();
    let mut clients: Vec<(PlayerId, mpsc::Sender<Bytes>)> = Vec::new();
    let mut timer = interval(PERIOD);
    timer.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut tick = 0;
    loop {
        timer.tick().await;
        loop {
            match from_clients.try_recv() {
                Ok(ToRoom::Joined { player, name, out }) => {
                    drift.enter(player.index(), name);
                    inputs.push((player, Controls::default()));
                    clients.push((player, out));
                }
                Ok(ToRoom::Input { player, input }) => {
                    if let Some((_, newest)) = inputs.iter_mut().find(|(other, _)| *other == player) {
                        let PlainInput { dx, dy, angle, fire } = input;
                        *newest = Controls { dx, dy, angle, fire };
                    }
                }
                Ok(ToRoom::Left { player }) => {
                    drift.exit(player.index());
                    inputs.retain(|(other, _)| *other != player);
                    clients.retain(|(other, _)| *other != player);
                }
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => return,
            }
        }
        tick += 1;
        let dt = PERIOD.as_secs_f32();
        drift.advance(inputs.iter().map(|(player, controls)| (player.index(), controls)), dt);
        let state = Bytes::from(encode(tick, &drift));
        for (_, out) in &clients {
            // A client that does not keep up misses this state; the next one is as good.
            let _ = out.try_send(state.clone());
        }
    }
}

fn encode(tick: u32, drift: &Drift) -> Vec<u8> {
    let world = drift.world();
    let ships = world.ships.values().map(|ship| PlainShip {
        player: ship.player,
        name: &ship.name,
        x: ship.position.x,
        y: ship.position.y,
        angle: ship.angle,
        hp: ship.hp,
        score: ship.score,
    });
    let bodies = world.bodies.values().map(|body| PlainBody { x: body.position.x, y: body.position.y });
    let state = PlainState { tick, ships: ships.collect(), bodies: bodies.collect() };
    encode_to_vec(state, config::standard()).expect("plain data always serializes")
}

/// A client's reading half; the writing half is a task of its own.
async fn serve_client(stream: TcpStream, player: PlayerId, room: mpsc::Sender<ToRoom>) {
    // The default of 128 KiB for each connection is more than a message of a few bytes needs.
    let config = WebSocketConfig::default().read_buffer_size(4096);
    let handshake = accept_async_with_config(stream, Some(config));
    let Ok(Ok(socket)) = tokio::time::timeout(Duration::from_secs(10), handshake).await else { return };
    let (mut sink, mut source) = socket.split();
    let (out, mut queue) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        while let Some(state) = queue.recv().await {
            if sink.send(Message::Binary(state)).await.is_err() {
                break;
            }
        }
    });
    if room.send(ToRoom::Joined { player, name: format!("player {player}"), out }).await.is_err() {
        return;
    }
    while let Some(Ok(message)) = source.next().await {
        if let Message::Binary(bytes) = message
            && let Ok((input, _)) = decode_from_slice(&bytes, config::standard())
            && room.send(ToRoom::Input { player, input }).await.is_err()
        {
            break;
        }
    }
    // The room may be gone before its last client.
    let _ = room.send(ToRoom::Left { player }).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use drumline_shared::Replicate;

    type Ship = (u16, String, f32, f32, f32, u8, u32);
    type State = (u32, Vec<Ship>, Vec<(f32, f32)>);

    #[test]
    fn the_state_has_all_that_drumline_sends() {
        let mut drift = Drift::new(&Setup::new(1));
        drift.enter(0, "ada".to_owned());
        let (state, _) = decode_from_slice(&encode(7, &drift), config::standard()).unwrap();
        let (tick, ships, bodies): State = state;
        assert_eq!((tick, ships.len(), bodies.len()), (7, 1, drumline_worlds::drift::BODIES));
        assert_eq!((ships[0].1.as_str(), ships[0].5), ("ada", 100));
        // A position is one field with Drumline, two here.
        assert_eq!(drumline_worlds::drift::Ship::FIELDS.len(), 6);
    }
}
