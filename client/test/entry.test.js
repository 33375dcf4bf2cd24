/** Tests of the way into a room: from the welcome to the first snapshot, with which the game accepts the player. */

/** @import { JoinOptions } from "../src/drumline.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { worldLayout } from "../src/codec/layout.js";
import { join, resume } from "../src/drumline.js";
import { readControl } from "../src/messages/control.js";
import { allParts, tableStructs } from "../src/view/struct.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeLobby, settle } from "./support/fake-lobby.js";
import { FakeSocket } from "./support/fake-socket.js";
import { FakeStorage } from "./support/joined.js";
import { writeWelcome } from "./support/seat.js";
import { emptyKeyframe, firstSnapshot } from "./support/server.js";
import { bytes, hex, snapshots, vectors } from "./support/vectors.js";

const URL_OF_SERVER = "https://example.test/";
const KEY = "drumline.session.kitchen";
const event = vectors.control.find((/** @type {any} */ { type }) => type === "event");

/**
 * A page that joins, and has got the welcome.
 *
 * @param {Partial<JoinOptions>} [options]
 * @param {{ how?: any, session?: string, resumeSeconds?: number }} [settings]
 */
async function welcomed(options, { how = join, session = "first", resumeSeconds } = {}) {
  const clock = new FakeClock();
  const lobby = new FakeLobby();
  const WebSocket = /** @type {any} */ (FakeSocket);
  const joining = how(URL_OF_SERVER, { game: "kitchen", clock, WebSocket, fetch: lobby.fetch, random: () => 0.5, ...options });
  const outcome = /** @type {{ room?: any, error?: any }} */ ({});
  joining.then((/** @type {any} */ room) => (outcome.room = room), (/** @type {any} */ error) => (outcome.error = error));
  await settle();
  const socket = FakeSocket.last;
  const welcome = writeWelcome({ session, resumeSeconds });
  socket.open();
  socket.deliver(welcome);
  await settle();
  return { clock, lobby, socket, welcome, joining, outcome };
}

test("a join is over with the first snapshot, which fills the tables", async () => {
  const { socket, outcome } = await welcomed();
  assert.deepEqual(outcome, {});
  const players = Uint8Array.of(0, 6, 1, 1, 3, 3, ...Buffer.from("Ada"), 0, 0);
  socket.deliver(players);
  await settle();
  assert.deepEqual(outcome, {}, "other messages say nothing");
  socket.deliver(bytes(snapshots[0].hex));
  await settle();
  const { room } = outcome;
  assert.equal(room.tick, snapshots[0].tick);
  assert.equal(room.tables.things.size, snapshots[0].tables[0].length);
  assert.deepEqual(room.players.map((/** @type {any} */ { name }) => name), ["Ada"]);
  assert.equal(room.connected, true);
});

test("a first snapshot that cannot be used is asked for again", async () => {
  const { socket, outcome, welcome } = await welcomed();
  const message = readControl(welcome);
  assert.ok(message.type === "welcome");
  socket.deliver(emptyKeyframe(worldLayout(allParts(tableStructs(message.schema))), 0, 1));
  await settle();
  assert.deepEqual(outcome, {});
  assert.ok(socket.sent.some((message) => hex(message).startsWith("0001")), "a resync");
  socket.deliver(firstSnapshot(welcome));
  await settle();
  assert.equal(outcome.room.stats.mismatches, 1);
});

test("a game's refusal is an error with its words, and leaves nothing behind", async () => {
  const storage = new FakeStorage();
  const { socket, joining, clock } = await welcomed({ resume: storage });
  assert.equal(storage.items.has(KEY), true);
  socket.end(4013, "the teams are even");
  const close = { code: 4013, reason: "the teams are even", clean: true };
  await assert.rejects(joining, { name: "JoinError", code: "refused", message: "the teams are even", close });
  assert.deepEqual([clock.waiting, storage.items.has(KEY), FakeSocket.last === socket], [0, false, true]);
});

test("a player who is removed before the first snapshot gets an error with the reason", async () => {
  for (const [code, reason] of /** @type {const} */ ([[4007, "idle"], [4012, "insults"], [4008, ""], [1001, "restart"]])) {
    const { socket, joining, clock } = await welcomed();
    socket.end(code, reason);
    const message = reason || "the server closed the connection";
    await assert.rejects(joining, { name: "JoinError", code: "closed", message, close: { code, reason, clean: true } });
    assert.equal(clock.waiting, 0);
  }
  const { socket, joining } = await welcomed();
  socket.deliver(Uint8Array.of(99));
  assert.equal(socket.closedWith?.[0], 4001);
  socket.end(4001, "unknown_kind");
  await assert.rejects(joining, { code: "closed", message: "unknown_kind" });
});

test("a connection that is lost before the first snapshot is replaced, for the seat is held", async () => {
  const { socket, outcome, clock } = await welcomed();
  socket.end(1006, "");
  clock.pass(100);
  const next = FakeSocket.last;
  assert.notEqual(next, socket);
  assert.deepEqual(next.protocols, ["drumline.1", "drumline.session.first"]);
  const welcome = writeWelcome({ session: "second" });
  next.open();
  next.deliver(welcome);
  await settle();
  assert.deepEqual(outcome, {});
  next.deliver(firstSnapshot(welcome));
  await settle();
  assert.equal(outcome.room.session, "second");
});

test("if a lost connection cannot be replaced, that is the error", async () => {
  const late = await welcomed();
  late.socket.end(1006, "");
  late.clock.pass(31_000);
  await assert.rejects(late.joining, { name: "JoinError", code: "expired" });
  const never = await welcomed({}, { resumeSeconds: 0 });
  never.socket.end(1006, "");
  await assert.rejects(never.joining, { name: "JoinError", code: "closed" });
});

test("what came before the first snapshot is news to handlers that are added after the join", async () => {
  const { socket, joining, welcome } = await welcomed();
  /** @type {any[]} */
  const news = [];
  const chat = vectors.control.find((/** @type {any} */ { type }) => type === "chat");
  const received = (async () => {
    const room = await joining;
    await Promise.resolve();
    room.on("event", (/** @type {any} */ { type }) => news.push(type));
    room.on("chat", (/** @type {any} */ { text }) => news.push(text));
    room.on("snapshot", (/** @type {any} */ { tick }) => news.push(tick));
  })();
  socket.deliver(bytes(event.hex));
  socket.deliver(bytes(chat.hex));
  socket.deliver(firstSnapshot(welcome));
  await received;
  assert.deepEqual(news, [], "not before the handlers");
  socket.deliver(bytes(snapshots[0].hex));
  // In order, and without the snapshot that the join has waited for.
  assert.deepEqual(news, ["kill", chat.text, snapshots[0].tick]);
});

test("the loss of a connection is news at once, though no message came after the first snapshot", async () => {
  const { socket, joining, welcome } = await welcomed();
  socket.deliver(bytes(event.hex));
  socket.deliver(firstSnapshot(welcome));
  const room = await joining;
  /** @type {string[]} */
  const news = [];
  for (const name of ["event", "reconnecting", "close"]) room.on(name, () => news.push(name));
  socket.end(1006, "");
  assert.deepEqual(news, ["event", "reconnecting"]);
  await room.leave();
  assert.deepEqual(news, ["event", "reconnecting", "close"]);
});

test("a join that is aborted before the first snapshot gives the seat up, a return to one keeps it", async () => {
  const reason = new Error("changed my mind");
  const abort = new AbortController();
  const { socket, joining, clock } = await welcomed({ signal: abort.signal });
  abort.abort(reason);
  await assert.rejects(joining, reason);
  assert.equal(socket.closedWith?.[0], 1000);
  socket.end(1000, "");
  assert.equal(clock.waiting, 0);

  const stored = { server: "example.test", url: "wss://example.test/", game: "kitchen", room: "k7m2pa", token: "first" };
  const storage = new FakeStorage([[KEY, JSON.stringify(stored)]]);
  const later = new AbortController();
  const back = await welcomed({ resume: storage, signal: later.signal }, { how: resume, session: "second" });
  later.abort(reason);
  await assert.rejects(back.joining, reason);
  assert.equal(back.socket.closedWith?.[0], 4003);
  back.socket.end(4003, "");
  assert.equal(JSON.parse(storage.getItem(KEY) ?? "{}").token, "second");
  assert.equal(back.clock.waiting, 0);
});

test("a seat that the game refuses to give back is gone", async () => {
  const stored = { server: "example.test", url: "wss://example.test/", game: "kitchen", room: "k7m2pa", token: "first" };
  const storage = new FakeStorage([[KEY, JSON.stringify(stored)]]);
  const { socket, joining } = await welcomed({ resume: storage }, { how: resume, session: "second" });
  socket.end(4013, "not you");
  assert.equal(await joining, undefined);
  assert.equal(storage.items.size, 0);
});
