/**
 * Tests of a room, with a fake WebSocket and a fake clock.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { worldLayout } from "../src/codec/layout.js";
import { JoinError, join, parseNetwork, shapedWebSocket } from "../src/drumline.js";
import { readControl } from "../src/messages/control.js";
import { schemaHash } from "../src/schema/schema.js";
import { allParts, tableStructs } from "../src/view/struct.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeLobby, TICKET, answer, notUpgraded, refuse, settle } from "./support/fake-lobby.js";
import { FakeSocket } from "./support/fake-socket.js";
import { emptyKeyframe, firstSnapshot } from "./support/server.js";
import { bytes, hex, snapshots, vectors } from "./support/vectors.js";

const TICK_MS = 1000 / 30;
const welcome = bytes(vectors.welcome);
const pong = bytes("00020900");
const event = vectors.control.find((/** @type {any} */ { type }) => type === "event");
const keyframe = snapshots.map(({ keyframe }) => keyframe).lastIndexOf(true);

const isInput = (/** @type {Uint8Array} */ message) => message[0] === 1;
const isPing = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] === 0;
const isAck = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] === 2;
const isResync = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] === 1;

/** @param {Partial<import("../src/drumline.js").JoinOptions>} [options] */
async function knock(options) {
  const clock = new FakeClock();
  const lobby = new FakeLobby();
  const joining = join("https://example.test/lobby", {
    game: "kitchen",
    name: "Zoë",
    clock,
    WebSocket: /** @type {any} */ (FakeSocket),
    fetch: lobby.fetch,
    ...options,
  });
  await settle();
  return { clock, lobby, joining, socket: FakeSocket.last };
}

/** @param {Partial<import("../src/drumline.js").JoinOptions>} [options] @param {Uint8Array} [first] the first message */
async function joined(options, first = welcome) {
  const { clock, lobby, joining, socket } = await knock(options);
  socket.open();
  socket.deliver(first);
  socket.deliver(firstSnapshot(first));
  return { clock, lobby, socket, room: await joining };
}

test("join reserves a seat, connects with its ticket, and resolves with the first snapshot", async () => {
  const schema = vectors.schema_hash.toUpperCase();
  const { room, lobby, socket } = await joined({ room: "a b", schema });
  assert.equal(lobby.last.url.href, "https://example.test/api/join");
  assert.deepEqual(lobby.last.body, { game: "kitchen", name: "Zoë", room: "a b", schema });
  assert.equal(socket.url, "wss://example.test/play/kitchen?room=a%20b");
  assert.deepEqual(socket.protocols, ["drumline.1", `drumline.ticket.${TICKET}`]);
  assert.equal(socket.binaryType, "arraybuffer");
  const { id, game, player, maxPlayers, tickRateHz, tick, schemaHash } = room;
  assert.deepEqual([id, game, player, maxPlayers, tickRateHz, tick], ["küche", "kitchen", 3, 300, 30, 0]);
  assert.equal(schemaHash, vectors.schema_hash);
  assert.equal(room.tables.things.size, 0);
});

test("the reason for a refused handshake is requested with the same ticket, and has the server's code", async () => {
  const { joining, lobby, socket } = await knock();
  lobby.handshake = () => refuse(403, "bad_ticket");
  socket.end(1006, "");
  await assert.rejects(joining, { name: "JoinError", code: "bad_ticket", message: "bad_ticket, in words", status: 403 });
  assert.equal(lobby.last.url.href, socket.url.replace("wss://", "https://"));
  assert.equal(lobby.last.headers.get("drumline-protocol"), socket.protocols.join(", "));
});

test("a handshake that failed without a refusal is a failed connection", async () => {
  const page = () => new Response("<html>", { status: 502 });
  for (const handshake of [notUpgraded, page, () => answer(200, null), () => Promise.reject(new TypeError())]) {
    const { joining, lobby, socket } = await knock();
    lobby.handshake = handshake;
    socket.end(1006, "");
    await assert.rejects(joining, { code: "connection_failed", message: "could not open a WebSocket" });
  }
});

test("a join is rejected if the connection ends before the welcome or starts with another message", async () => {
  const closing = await knock();
  closing.socket.open();
  closing.socket.end(1001, "the server is shutting down");
  const close = { code: 1001, reason: "the server is shutting down", clean: true };
  await assert.rejects(closing.joining, { code: "closed", message: "the server is shutting down", close });

  for (const message of [pong, welcome.subarray(0, 100), bytes(snapshots[0].hex)]) {
    const { joining, socket } = await knock();
    socket.open();
    socket.deliver(message);
    await assert.rejects(joining, (error) => error instanceof JoinError && error.code === "malformed");
    assert.equal(socket.closedWith?.[0], 4001);
  }

  const other = await knock({ schema: "0123456789abcdef" });
  other.socket.open();
  other.socket.deliver(welcome);
  await assert.rejects(other.joining, { code: "schema_mismatch" });
  assert.equal(other.socket.closedWith?.[0], 1000);
  assert.equal(other.clock.waiting, 0);
});

test("snapshots fill the tables and emit spawns and despawns", async () => {
  const { room, socket, clock } = await joined();
  /** @type {Map<number, object>} */
  const sparks = new Map();
  /** @type {number[]} */
  const ticks = [];
  room.on("spawn", (table, entity) => table === "sparks" && sparks.set(entity.id, entity));
  room.on("despawn", (table, entity) => table === "sparks" && assert.ok(sparks.delete(entity.id)));
  room.on("snapshot", ({ tick }) => ticks.push(tick));
  for (const { hex, tick, tables, ticks } of snapshots) {
    clock.pass((ticks || 1) * TICK_MS);
    socket.deliver(bytes(hex));
    assert.equal(room.tick, tick);
    assert.equal(room.tables.things.size, tables[0].length);
    const bySlot = [...sparks.keys()].sort((a, b) => (a % 65_536) - (b % 65_536));
    assert.deepEqual([...room.tables.sparks].map(({ id }) => id), bySlot);
  }
  assert.deepEqual(ticks, snapshots.map(({ tick }) => tick));
  const { stats } = room;
  assert.deepEqual([stats.snapshots, stats.keyframes, stats.mismatches], [1 + snapshots.length, 3, 0]);
  assert.equal(stats.hashesChecked, snapshots.reduce((sum, { hashes_checked }) => sum + hashes_checked, 1));
  assert.deepEqual([stats.areas, stats.areasSkipped], [1, 0]);
  assert.ok(Math.abs(stats.lastIntervalMs - TICK_MS) < 1e-6);
  assert.ok(stats.updatesPerS > 15 && stats.updatesPerS < 32 && stats.bytesPerS > 100);
  const shown = room.view();
  assert.ok(shown.tick < room.tick && shown.tick > room.tick - 4);
  assert.ok(shown.tables.things.length > 0);
  assert.equal(typeof shown.tables.weather.storm, "boolean");
});

test("inputs are numbered, paced by the tick rate, and keep their values", async () => {
  const { room, socket, clock } = await joined();
  room.input({ health: 7 });
  room.input({ alive: true, mood: "Angry", seen: 5n });
  clock.pass(10 * TICK_MS + 1);
  const inputs = socket.sent.filter(isInput);
  assert.equal(inputs.length, 10);
  const start = readControl(welcome);
  assert.ok(start.type === "welcome");
  inputs.forEach((message, index) => {
    const view = new DataView(message.buffer);
    assert.equal(view.getUint16(1, true), (start.lastInput + index + 1) & 0xffff);
    assert.equal(view.getUint16(3, true), 0);
    // The room's tick was 0 at the start, and the first lead is two ticks.
    assert.equal(view.getInt8(5), index + 1 + 2);
    assert.deepEqual(message.subarray(6), inputs[0].subarray(6));
  });
  room.input({ health: 8 });
  clock.pass(TICK_MS);
  assert.notDeepEqual(socket.sent.filter(isInput)[10].subarray(6), inputs[0].subarray(6));
  assert.equal(room.stats.inputsSent, 11);
  assert.throws(() => room.input({ helth: 1 }), TypeError);
  assert.throws(() => room.input({ mood: "Hungry" }), TypeError);
});

test("presses go out with the next input, counted on from those in the welcome", async () => {
  // A game without tables, whose input is a press; 254 presses so far.
  const schema = [0, 1, 4, ...Buffer.from("dash"), 11, 0, 0, 0, 1, 0, 1, 20, 0, 0, 0, 0, 0, 0];
  const hash = bytes(schemaHash(Uint8Array.from(schema))).reverse();
  const place = [0, 0, 1, 1, 97, 1, 98, 0, 3, 0, 4, 30, 0, 1, 65, 30, 8, 1];
  const marks = [1, 0, 0, 1];
  const { room, clock, socket } = await joined({}, Uint8Array.of(...place, 1, 251, 254, 0, ...marks, 253, ...hash, ...schema));
  const countIn = (/** @type {Uint8Array} */ message) =>
    message[7] & 1 ? (message[7] >> 1) + ((message[8] & 1) << 7) + 1 : 0;
  const counts = () => socket.sent.filter(isInput).map(countIn);
  clock.pass(3 * TICK_MS);
  room.press("dash");
  clock.pass(5);
  room.press("dash");
  room.press("dash");
  clock.pass(3 * TICK_MS);
  assert.deepEqual([...new Set(counts())], [254, 1]);
  assert.throws(() => room.press("jump"), { name: "TypeError", message: "the input has no press jump, only dash" });
  assert.throws(() => room.input({ dash: 1 }), { name: "TypeError", message: /room\.press\("dash"\)/ });
  const other = await joined();
  assert.throws(() => other.room.press("health"), { name: "TypeError" });
});

test("after delayed timers one input is sent, not all that were missed", async () => {
  const { socket, clock } = await joined();
  clock.pass(TICK_MS * 3);
  const before = socket.sent.filter(isInput).length;
  clock.sleep(5000);
  assert.equal(socket.sent.filter(isInput).length, before + 1);
  clock.pass(TICK_MS * 1.5);
  assert.equal(socket.sent.filter(isInput).length, before + 2);
});

test("small delays of timers do not lower the input rate", async () => {
  const { socket, clock } = await joined();
  for (let now = 0; now < 3000; now += 20) {
    clock.sleep(20);
  }
  const sent = socket.sent.filter(isInput).length;
  assert.ok(sent >= 88 && sent <= 90, String(sent));
});

test("a ping is sent at once and every second, and its pong is measured", async () => {
  const { room, socket, clock } = await joined();
  assert.deepEqual(socket.sent.map(hex), ["000001"]);
  clock.pass(40);
  socket.deliver(bytes("00020100"));
  assert.ok(Math.abs(room.stats.pingMs - 40) < 1e-6);
  clock.pass(1000);
  assert.deepEqual(socket.sent.filter(isPing).map(hex), ["000001", "000002"]);
  clock.pass(20);
  socket.deliver(bytes("00020200"));
  const { pingMs, leastPingMs } = room.stats;
  assert.ok(pingMs > 40 && pingMs < 60 && Math.abs(leastPingMs - 40) < 1e-6);
  // A pong of another ping, or a second one of the same, is ignored.
  clock.pass(100);
  socket.deliver(pong);
  socket.deliver(bytes("00020200"));
  assert.equal(room.stats.pingMs, pingMs);
  clock.pass(2000);
  assert.equal(socket.sent.filter(isPing).length, 4);
});

test("a room can be played over a simulated network", async () => {
  const clock = new FakeClock();
  const profile = parseNetwork("delay=50ms");
  const WebSocket = shapedWebSocket(/** @type {any} */ (FakeSocket), profile, { clock });
  const { joining } = await knock({ clock, WebSocket });
  clock.pass(50);
  const socket = FakeSocket.last;
  socket.open();
  socket.deliver(welcome);
  socket.deliver(firstSnapshot(welcome));
  clock.pass(50);
  const room = await joining;
  clock.pass(50);
  assert.deepEqual(socket.sent.filter(isPing).map(hex), ["000001"]);
  socket.deliver(bytes("00020100"));
  snapshots.slice(0, 2).forEach(({ hex }) => socket.deliver(bytes(hex)));
  assert.equal(room.stats.snapshots, 1);
  clock.pass(50);
  assert.ok(Math.abs(room.stats.pingMs - 100) < 1e-6);
  assert.equal(room.tick, snapshots[1].tick);
  room.leave();
  clock.pass(50);
  assert.equal(socket.closedWith?.[0], 1000);
});

test("the first pong decides the input lead", async () => {
  const { room, socket, clock } = await joined();
  clock.pass(200);
  // The ping reached the server before its tick 41.
  socket.deliver(bytes("00020128"));
  const before = socket.sent.filter(isInput).length;
  clock.pass(TICK_MS);
  const [input] = socket.sent.filter(isInput).slice(before);
  // An input that is sent 200 ms after that ping arrives before tick 47 at the latest.
  const { tick } = room.inputs.newest;
  assert.ok(tick >= 47 && tick <= 48, String(tick));
  assert.equal(new DataView(input.buffer).getInt8(5), tick);
});

test("an input says how far the shown tick lies behind the newest snapshot", async () => {
  const { room, socket, clock } = await joined();
  const eighths = () => new DataView(/** @type {ArrayBuffer} */ (socket.sent.filter(isInput).at(-1)?.buffer)).getUint8(6);
  clock.pass(2 * TICK_MS);
  assert.equal(eighths(), 0, "nothing has been shown");
  for (const { hex, ticks } of snapshots.slice(0, 20)) {
    clock.pass(ticks * TICK_MS);
    socket.deliver(bytes(hex));
  }
  const shown = room.view();
  clock.pass(TICK_MS + 1);
  assert.equal(eighths(), Math.round((room.tick - shown.tick) * 8));
  assert.ok(eighths() >= 8 && eighths() <= 32, String(eighths()));
});

test("drawing a frame sends an input that is due, and only once", async () => {
  const { room, socket, clock } = await joined();
  /** @type {number[]} */
  const ticks = [];
  room.inputs.onTick = (tick) => ticks.push(tick);
  for (let frame = 0; frame < 60; frame++) {
    clock.hold(1000 / 60);
    room.view(clock.now());
  }
  const sent = socket.sent.filter(isInput).length;
  assert.ok(sent >= 29 && sent <= 30, String(sent));
  assert.deepEqual(ticks, ticks.map((_, index) => ticks[0] + index));
  clock.pass(0);
  assert.equal(socket.sent.filter(isInput).length, sent);
});

test("a hidden page, whose timers hardly run, acknowledges snapshots as they arrive", async () => {
  const { socket, clock } = await joined();
  for (const { hex, ticks } of snapshots.slice(0, 20)) {
    clock.hold(ticks * TICK_MS);
    socket.deliver(bytes(hex));
  }
  const acks = socket.sent.filter(isAck).map((message) => message[2]);
  const due = [...acks, snapshots[19].tick + 8].map((tick, index) => tick - (acks[index - 1] ?? 0));
  assert.ok(acks.length >= 2 && due.every((ticks) => ticks >= 8 && ticks <= 16), String(acks));
  assert.equal(socket.sent.filter((message) => !isPing(message)).length, acks.length);
});

test("while inputs are sent, no separate acknowledgement is", async () => {
  const { socket, clock } = await joined();
  for (const { hex, ticks } of snapshots) {
    clock.pass(ticks * TICK_MS);
    socket.deliver(bytes(hex));
  }
  assert.ok(socket.sent.some(isInput));
  assert.ok(!socket.sent.some(isAck));
});

test("a hash mismatch is reported, and deltas are ignored until a keyframe", async () => {
  const { room, socket, clock } = await joined();
  snapshots.slice(0, keyframe).forEach(({ hex }) => socket.deliver(bytes(hex)));
  const { tick } = snapshots[keyframe];
  const message = readControl(welcome);
  assert.ok(message.type === "welcome");
  socket.deliver(emptyKeyframe(worldLayout(allParts(tableStructs(message.schema))), tick, 1));
  assert.equal(room.stats.mismatches, 1);
  assert.equal(room.tick, snapshots[keyframe - 1].tick);
  const report = `0001${tick.toString(16)}`;
  assert.deepEqual(socket.sent.filter(isResync).map(hex), [report]);

  // Reported again at most once a second, while deltas still come.
  const delta = bytes(snapshots[keyframe + 1].hex);
  for (let count = 0; count < 50; count++) {
    socket.deliver(delta);
    clock.pass(50);
  }
  assert.deepEqual(socket.sent.filter(isResync).map(hex), [report, report, report]);
  // And without deltas, so that the two sides do not wait for each other.
  clock.pass(1000);
  assert.equal(socket.sent.filter(isResync).length, 4);
  assert.equal(room.tick, snapshots[keyframe - 1].tick);
  assert.equal(room.stats.mismatches, 1);

  snapshots.slice(keyframe).forEach(({ hex }) => socket.deliver(bytes(hex)));
  assert.equal(room.tick, snapshots[snapshots.length - 1].tick);
  assert.equal(socket.closedWith, undefined);
});

test("a snapshot that cannot be decoded is reported, and a keyframe recovers from it", async () => {
  const { room, socket } = await joined();
  const cut = bytes(snapshots[0].hex).subarray(0, 20);
  for (const message of [cut, bytes(snapshots[1].hex)]) {
    socket.deliver(message);
  }
  assert.equal(room.stats.mismatches, 1, "the delta that follows is passed over");
  assert.equal(socket.sent.filter(isResync).length, 1);
  snapshots.forEach(({ hex }) => socket.deliver(bytes(hex)));
  assert.equal(room.tick, snapshots[snapshots.length - 1].tick);
});

test("a malformed message ends the connection", async () => {
  for (const message of [bytes("070000"), bytes("0009"), new Uint8Array()]) {
    const { socket, clock } = await joined();
    socket.deliver(message);
    assert.equal(socket.closedWith?.[0], 4001);
    assert.equal(clock.waiting, 0);
  }
});

test("events of the game are emitted", async () => {
  const { room, socket } = await joined();
  /** @type {object[]} */
  const events = [];
  const unsubscribe = room.on("event", (event) => events.push(event));
  socket.deliver(bytes(event.hex));
  unsubscribe();
  socket.deliver(bytes(event.hex));
  assert.deepEqual(events, [{ type: "kill", by: 300, whom: "Zoë", tick: 7 }]);
  assert.throws(() => room.on(/** @type {any} */ ("spwan"), () => {}), TypeError);
});

test("the end of the session is emitted, and nothing is sent after it", async () => {
  const { room, socket, clock } = await joined();
  /** @type {object[]} */
  const ends = [];
  room.on("close", (end) => ends.push(end));
  socket.end(4004, "inputs were out of their window for too long");
  assert.deepEqual(ends, [{ code: 4004, reason: "inputs were out of their window for too long", clean: true }]);
  clock.pass(5000);
  room.view();
  assert.equal(socket.sent.filter((message) => !isPing(message)).length, 0);
  assert.equal(clock.waiting, 0);
});

test("leaving closes the connection with code 1000", async () => {
  const { room, socket, clock } = await joined();
  room.leave();
  assert.equal(socket.closedWith?.[0], 1000);
  assert.equal(clock.waiting, 0);
});
