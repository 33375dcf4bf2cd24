/** Tests of spectators. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { join, watch } from "../src/drumline.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeLobby, TICKET, refuse, settle } from "./support/fake-lobby.js";
import { FakeSocket } from "./support/fake-socket.js";
import { FakeStorage } from "./support/joined.js";
import { writeWelcome } from "./support/seat.js";
import { firstSnapshot } from "./support/server.js";
import { bytes, hex, snapshots } from "./support/vectors.js";

const NO_SESSION = "";
const NO_PLAYER = 0xffff_ffff;

/** @param {FakeSocket} socket */
function deliverWelcome(socket) {
  const welcome = writeWelcome({ session: NO_SESSION, resumeSeconds: 0, player: NO_PLAYER, spectator: true });
  socket.open();
  socket.deliver(welcome);
  socket.deliver(firstSnapshot(welcome));
}

async function watching() {
  const clock = new FakeClock();
  const lobby = new FakeLobby();
  const pass = { url: "ws://example.test/play/kitchen?room=k7m2pa", ticket: TICKET };
  const means = { clock, WebSocket: /** @type {any} */ (FakeSocket), fetch: lobby.fetch };
  const coming = watch("https://example.test/admin", pass, means);
  await settle();
  return { clock, lobby, coming, socket: FakeSocket.last };
}

async function watched() {
  const { coming, socket, ...others } = await watching();
  deliverWelcome(socket);
  return { socket, room: await coming, ...others };
}

test("a spectator connects with its ticket, and sees the world", async () => {
  const { room, socket, clock } = await watched();
  assert.equal(socket.url, "wss://example.test/play/kitchen?room=k7m2pa");
  assert.deepEqual(socket.protocols, ["drumline.1", `drumline.ticket.${TICKET}`]);
  assert.deepEqual([room.spectator, room.player, room.schema.tables[0].name], [true, NO_PLAYER, "things"]);
  for (const snapshot of snapshots.slice(0, 3)) {
    socket.deliver(bytes(snapshot.hex));
    clock.pass(33);
  }
  assert.equal(room.stats.snapshots, 4);
  assert.equal(room.tables.things.size, snapshots[2].tables[0].length);
  assert.equal(room.view(clock.now()).tables.things.length > 0, true);
});

test("a spectator sends only acknowledgements and pings", async () => {
  const { room, socket, clock } = await watched();
  for (const snapshot of snapshots.slice(0, 4)) {
    socket.deliver(bytes(snapshot.hex));
    room.view(clock.now());
    clock.pass(300);
  }
  const kinds = new Set(socket.sent.map((/** @type {Uint8Array} */ message) => hex(message.subarray(0, 2))));
  assert.deepEqual([...kinds].sort(), ["0000", "0002"], "pings and acks");
  assert.throws(() => room.input({}), /a spectator has no inputs/);
  assert.throws(() => room.press("dash"), /a spectator has no inputs/);
  assert.throws(() => room.send({ type: "order", dish: "" }), /a spectator has no commands/);
  await assert.rejects(room.command({ type: "order", dish: "" }), { name: "TypeError", message: /a spectator has no commands/ });
  await assert.rejects(room.chat("hello"), { name: "TypeError", message: /a spectator has no chat/ });
  assert.equal(room.stats.inputsSent, 0);
  assert.equal(socket.sent.filter((/** @type {Uint8Array} */ [kind, type]) => kind !== 0 || type > 2).length, 0);
});

test("a spectator does not reconnect", async () => {
  const { room, socket, clock } = await watched();
  /** @type {number[]} */
  const codes = [];
  room.on("close", ({ code }) => codes.push(code));
  socket.end(1006, "");
  clock.pass(60_000);
  assert.deepEqual([codes, FakeSocket.last === socket, room.connected], [[1006], true, false]);
});

test("a player joins as a spectator by the ticket of a join, without a seat to come back to", async () => {
  const seat = JSON.stringify({
    server: "example.test", url: "wss://example.test/", game: "kitchen", room: "k7m2pa", token: "seat",
  });
  for (const place of [{ room: "k7m2pa" }, { code: "QX3F7" }, {}]) {
    const clock = new FakeClock();
    const lobby = new FakeLobby();
    const storage = new FakeStorage([["drumline.session.kitchen", seat]]);
    const means = { clock, WebSocket: /** @type {any} */ (FakeSocket), fetch: lobby.fetch, resume: storage };
    const joining = join("https://example.test/", { game: "kitchen", ...place, spectate: true, ...means });
    await settle();
    assert.deepEqual(lobby.last.body, { game: "kitchen", ...place, spectate: true });
    const socket = FakeSocket.last;
    assert.deepEqual(socket.protocols, ["drumline.1", `drumline.ticket.${TICKET}`]);
    deliverWelcome(socket);
    const room = await joining;
    assert.deepEqual([room.spectator, room.session], [true, ""]);
    assert.throws(() => room.input({}), /a spectator has no inputs/);
    assert.equal(storage.getItem("drumline.session.kitchen"), seat, "the seat of another page stays");
    const leaving = room.leave();
    socket.end(1000, "");
    await leaving;
    assert.equal(storage.getItem("drumline.session.kitchen"), seat);
  }
  const lobby = new FakeLobby();
  for (const [status, code] of /** @type {const} */ ([[403, "no_spectators"], [503, "too_many_spectators"]])) {
    lobby.answer = () => refuse(status, code);
    const watching = join("https://example.test/", { game: "kitchen", spectate: true, fetch: lobby.fetch });
    await assert.rejects(watching, { name: "JoinError", code, status });
  }
});

test("an invalid ticket is an error", async () => {
  const { coming, socket, lobby } = await watching();
  lobby.handshake = () => refuse(403, "bad_ticket");
  socket.end(1006, "");
  await assert.rejects(coming, { name: "JoinError", code: "bad_ticket" });
  await assert.rejects(watch("https://example.test", { url: "/play/kitchen", ticket: "two words" }), { code: "malformed" });
});
