// Drift on ws: the whole state as JSON, serialized once for each room, to every client twenty times a second.

import { WebSocketServer } from "ws";
import { BODIES, PERIOD_MS, advance, neutralInput, placeBody, placeShip } from "../drift.mjs";
import { announce } from "../ready.mjs";

const ROOM_SIZE = Number(process.env.ROOM_SIZE);

class Room {
  players = new Set();
  bodies = Array.from({ length: BODIES }, () => {
    const body = {};
    return { velocity: placeBody(body), body };
  });
  seats = 0;
  tick = 0;
  timer = setInterval(() => this.step(), PERIOD_MS);

  join(socket) {
    const ship = { player: this.seats };
    placeShip(ship, `player ${this.seats}`);
    this.seats += 1;
    const player = { socket, ship, input: neutralInput() };
    this.players.add(player);
    socket.on("message", (text) => {
      player.input = JSON.parse(text);
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.players.delete(player);
      if (this.players.size === 0) {
        clearInterval(this.timer);
      }
    });
  }

  step() {
    advance(this.players, this.bodies, PERIOD_MS / 1000);
    this.tick += 1;
    const state = JSON.stringify({
      tick: this.tick,
      ships: Array.from(this.players, ({ ship }) => ({
        ...ship,
        x: round(ship.x),
        y: round(ship.y),
        angle: round(ship.angle),
      })),
      bodies: this.bodies.map(({ body }) => ({ x: round(body.x), y: round(body.y) })),
    });
    for (const { socket } of this.players) {
      socket.send(state);
    }
  }
}

/** Two decimals are enough for a client, and shorter. */
function round(value) {
  return Math.round(value * 100) / 100;
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
let filling = null;
// ws sets TCP_NODELAY on every socket by itself.
server.on("connection", (socket) => {
  if (filling === null || filling.seats === ROOM_SIZE) {
    filling = new Room();
  }
  filling.join(socket);
});
server.on("listening", () => announce(server.address()));
