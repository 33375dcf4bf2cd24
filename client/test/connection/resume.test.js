/** Tests of resuming a session: its token, its mirror, its inputs, and when it is over. */

/** @import { SeatSocket } from "../support/seat.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { join } from "../../src/drumline.js";
import { FakeClock } from "../support/fake-clock.js";
import { answer, settle } from "../support/fake-lobby.js";
import { joined } from "../support/joined.js";
import { seeded } from "../support/random.js";
import { LATENCY_MS, SeatServer, TICK_MS, sessionIn } from "../support/seat.js";

/** @param {SeatSocket} socket */
const query = ({ url }) => Object.fromEntries(new URL(url).searchParams);

test("a lost connection resumes on the same seat", async () => {
  const { server, room, events, names, pass } = await joined();
  await pass(1000);
  const [lost] = server.sockets;
  const tables = room.tables.things.size;
  const { tick } = room;
  const before = room.view().tables.things.length;
  assert.ok(tables > 0 && before > 0 && room.connected);

  server.answer = "down";
  lost.cut();
  assert.equal(room.connected, false);
  assert.deepEqual([names(), events[0][1].attempt], [["reconnecting"], 0]);
  await pass(2000);
  // The view stays.
  assert.deepEqual([room.tick, room.tables.things.size, room.view().tables.things.length], [tick, tables, before]);
  assert.equal(room.connected, false);
  assert.ok(events.length > 3 && names().every((name) => name === "reconnecting"), String(names()));
  assert.deepEqual(events.map(([, { attempt }]) => attempt), [...events.keys()]);

  server.answer = "yes";
  await pass(6000);
  assert.equal(names().pop(), "resumed");
  assert.equal(names().indexOf("resumed"), names().length - 1);
  const { ms } = events[events.length - 1][1];
  assert.ok(ms > 2000 && ms < 8000);
  assert.deepEqual([room.stats.resumes, room.stats.resumeMs, room.stats.mismatches], [1, ms, 0]);
  assert.ok(room.connected && room.player === 3 && room.tick >= server.tick - 2);
  assert.deepEqual(query(server.socket), { tick: String(tick), schema: room.schemaHash });
  assert.equal(sessionIn(server.socket.protocols), server.sentTokens[0]);
});

test("each resume brings a new token, and the old one is valid until a message has arrived", async () => {
  const { server, room, pass } = await joined();
  for (let time = 1; time <= 3; time++) {
    await pass(300);
    server.socket.cut();
    await pass(500);
    assert.equal(room.stats.resumes, time);
    assert.equal(sessionIn(server.socket.protocols), server.sentTokens[time - 1]);
    assert.deepEqual([...server.tokens], [server.sentTokens[time]]);
  }

  // A welcome that is lost on the way leaves the client with the old token.
  server.answer = "dumb";
  server.socket.cut();
  await pass(1000);
  assert.equal(room.stats.resumes, 3);
  server.answer = "yes";
  await pass(6000);
  assert.equal(room.stats.resumes, 4);
  assert.equal(sessionIn(server.socket.protocols), server.sentTokens[3]);
});

test("if no snapshot was lost, the mirror gets a delta; else a keyframe", async () => {
  const { clock, server, room, pass } = await joined();
  const deltas = [];
  for (let time = 0; time < 20; time++) {
    // Between the arrival of a snapshot and the next tick nothing is in flight.
    const next = new Promise((resolve) => room.on("snapshot", resolve));
    await pass(200);
    await next;
    clock.pass(((time % 4) * TICK_MS) / 4);
    const { keyframes } = room.stats;
    server.socket.cut();
    await pass(700);
    assert.equal(room.stats.resumes, time + 1);
    assert.ok(room.tick >= server.tick - 1);
    assert.equal(room.stats.mismatches, 0);
    deltas.push(room.stats.keyframes === keyframes);
  }
  assert.ok(deltas.includes(true) && deltas.includes(false), String(deltas));
  const count = deltas.filter((delta) => delta).length;
  assert.deepEqual([server.deltas, server.keyframes], [count, deltas.length - count]);
  assert.equal(room.stats.keyframes, 1 + server.keyframes);
});

test("without a connection no inputs are sent, and their numbers continue after it", async () => {
  const { server, room, pass } = await joined();
  await pass(1000);
  server.answer = "down";
  server.socket.cut();
  const sent = room.stats.inputsSent;
  await pass(10_000);
  assert.equal(room.stats.inputsSent, sent);
  server.answer = "yes";
  await pass(7000);
  assert.equal(room.stats.resumes, 1);
  const at = server.inputs.indexOf(sent + 1);
  assert.ok(at > 0);
  assert.deepEqual(server.inputs.slice(at), Array.from({ length: server.inputs.length - at }, (_, index) => sent + 1 + index));
  // The first second after the resume has no burst of inputs.
  assert.ok(server.inputs.length - at <= (7000 / TICK_MS) + 1);
});

test("after the resume time the session is over", async () => {
  const { server, room, events, names, pass } = await joined({ resumeSeconds: 7 });
  await pass(500);
  server.answer = "mute";
  server.socket.cut();
  await pass(6990);
  assert.ok(!names().includes("close"));
  await pass(10);
  const { code, reason, clean, error } = events[events.length - 1][1];
  assert.deepEqual([names().pop(), code, reason, clean, error.code], ["close", 1006, "", false, "expired"]);
  assert.equal(room.connected, false);
  const sockets = server.sockets.length;
  assert.ok(server.sockets.slice(1).every(({ closedWith }) => closedWith?.[0] === 4003));
  await pass(20_000);
  assert.deepEqual([server.sockets.length, names().filter((name) => name === "close").length], [sockets, 1]);
});

test("a client does not reconnect to a server that holds no seats", async () => {
  const { server, events, pass } = await joined({ resumeSeconds: 0 });
  server.socket.cut();
  await pass(1000);
  assert.deepEqual(events, [["close", { code: 1006, reason: "", clean: false }]]);
  assert.equal(server.sockets.length, 1);
});

test("a refused token ends the session at once", async () => {
  const { server, events, names, pass } = await joined();
  server.tokens.clear();
  server.socket.cut();
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "close"]);
  assert.deepEqual([events[1][1].error.code, events[1][1].error.status], ["unknown_session", 403]);
});

test("a client that lost its seat to a newer connection does not take it back", async () => {
  for (const code of [4005, 4006, 4007]) {
    const { server, events, pass } = await joined();
    server.answer = "mute";
    server.socket.cut();
    await pass(500);
    server.socket.open();
    server.socket.cut(code);
    await pass(10_000);
    assert.deepEqual(events.slice(1), [["close", { code, reason: "", clean: true }]]);
    assert.equal(server.sockets.length, 2);
  }
});

test("a client reconnects to the address of its seat", async () => {
  const clock = new FakeClock();
  const server = new SeatServer(clock, seeded(1));
  const { WebSocket, fetch, lobby } = server;
  lobby.answer = () => answer(200, { room: "k7m2pa", url: "wss://two.test/play/kitchen?room=k7m2pa", ticket: "t" });
  const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch, random: () => 0 });
  await settle();
  clock.pass(10 * LATENCY_MS);
  const room = await joining;
  server.socket.cut();
  clock.pass(1000);
  assert.equal(room.stats.resumes, 1);
  assert.equal(new URL(server.socket.url).origin, "wss://two.test");
});

test("a welcome for another seat is refused", async () => {
  const { server, events, names, pass } = await joined();
  server.player = 4;
  server.socket.cut();
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "close"]);
  assert.equal(events[1][1].error.code, "malformed");
  assert.equal(server.socket.closedWith?.[0], 4001);
});

test("a message that confirms the new token is sent at once", async () => {
  const { server, room, pass } = await joined();
  await pass(500);
  let sent = -1;
  room.on("resumed", () => (sent = server.socket.sent.length));
  server.socket.cut();
  await pass(500);
  assert.equal(sent, 1);
});

test("a mirror with a mismatch resumes without a tick", async () => {
  const { server, room, pass } = await joined();
  await pass(500);
  server.socket.deliver(Uint8Array.of(1, 0, 0x80, 0xff));
  assert.equal(room.stats.mismatches, 1);
  server.socket.cut();
  await pass(1000);
  assert.deepEqual(query(server.socket), { schema: room.schemaHash });
  assert.deepEqual([room.stats.resumes, room.stats.mismatches, server.keyframes], [1, 1, 1]);
  assert.ok(room.tick >= server.tick - 1);
});

test("a mismatch is not reported again after a resume, which brings a keyframe", async () => {
  const { server, room, pass } = await joined();
  await pass(500);
  server.socket.deliver(Uint8Array.of(1, 0, 0x80, 0xff));
  server.answer = "down";
  server.socket.cut();
  await pass(3000);
  server.answer = "yes";
  await pass(6000);
  assert.deepEqual([room.stats.resumes, server.keyframes], [1, 1]);
  const isResync = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] === 1;
  assert.deepEqual(server.socket.sent.filter(isResync), []);
});
