// Drift on Colyseus. Every setting and its reason is in ../README.md.

import { Room, Server } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { BODIES, PERIOD_MS, advance, neutralInput, placeBody, placeShip } from "../drift.mjs";
import { announce } from "../ready.mjs";

const ROOM_SIZE = Number(process.env.ROOM_SIZE);
/** The type of input messages; the load sends them as bytes. */
const INPUT_TYPE = 0;

const Ship = schema(
  { name: t.string(), x: t.float32(), y: t.float32(), angle: t.float32(), hp: t.uint8(), score: t.uint32() },
  "Ship",
);
const Body = schema({ x: t.float32(), y: t.float32() }, "Body");
const State = schema({ ships: t.map(Ship), bodies: t.array(Body) }, "State");

class DriftRoom extends Room {
  maxClients = ROOM_SIZE;
  patchRate = PERIOD_MS;
  state = new State();
  players = new Set();
  bodies = [];

  onCreate() {
    for (let index = 0; index < BODIES; index += 1) {
      const body = new Body();
      this.bodies.push({ velocity: placeBody(body), body });
      this.state.bodies.push(body);
    }
    this.onMessageBytes(INPUT_TYPE, (client, bytes) => readInput(bytes, client.userData.input));
    this.setTimestep(() => advance(this.players, this.bodies, PERIOD_MS / 1000), PERIOD_MS);
  }

  onJoin(client, options) {
    const ship = new Ship();
    placeShip(ship, String(options.name).slice(0, 16));
    this.state.ships.set(client.sessionId, ship);
    client.userData = { ship, input: neutralInput() };
    this.players.add(client.userData);
  }

  onLeave(client) {
    this.state.ships.delete(client.sessionId);
    this.players.delete(client.userData);
  }
}

/** Two signed bytes, a float and a flag. */
function readInput(bytes, input) {
  input.dx = bytes.readInt8(0);
  input.dy = bytes.readInt8(1);
  input.angle = bytes.readFloatLE(2);
  input.fire = bytes[6] !== 0;
}

const transport = new WebSocketTransport({ perMessageDeflate: false });
const server = new Server({ transport, greet: false });
server.define("drift", DriftRoom);
await server.listen(0, "127.0.0.1");
announce(transport.server.address());
