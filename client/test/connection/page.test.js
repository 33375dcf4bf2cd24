/** Tests of a connection whose page is put aside and shown again, or frozen, or goes for good. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeStorage, joined } from "../support/joined.js";
import { LATENCY_MS } from "../support/seat.js";

/** @typedef {Awaited<ReturnType<typeof joined>>} Joined */

/** The ways in which a page is put aside, and back: into the browser's cache, frozen in its tab, or both. */
const WAYS = [
  { asleep: [["pagehide", true]], awake: [["pageshow", true]] },
  { asleep: [["freeze"]], awake: [["resume"]] },
  { asleep: [["pagehide", true], ["freeze"]], awake: [["resume"], ["pageshow", true]] },
];

/** @param {Joined} client @param {any[][]} events */
function happen({ window }, events) {
  for (const [name, persisted] of events) {
    if (persisted === undefined) window.life(name);
    else window.page(name, persisted);
  }
}

test("a page that is put aside closes its connection, and resumes at once when it is back", async () => {
  for (const { asleep, awake } of WAYS) {
    const client = await joined();
    const { clock, server, room, names, pass } = client;
    await pass(500);
    const { player } = room;
    happen(client, asleep);
    // The code must be one after which the server holds the seat.
    assert.equal(server.socket.closedWith?.[0], 4003);
    assert.deepEqual([room.connected, names()], [false, []]);
    server.socket.end(1005, "");
    // No code of the page runs meanwhile.
    clock.hold(12_000);
    happen(client, awake);
    await pass(4 * LATENCY_MS);
    assert.deepEqual(client.events.map(([name, event]) => [name, event.inMs]), [["reconnecting", 0], ["resumed", undefined]]);
    assert.ok(room.connected && room.player === player && server.sockets.length === 2);
  }
});

test("nothing wakes a page that is put aside but its way back", async () => {
  const client = await joined();
  const { server, window, names, pass } = client;
  await pass(500);
  happen(client, WAYS[0].asleep);
  window.online();
  window.turn("visible");
  window.page("pageshow", false);
  await pass(60_000);
  assert.deepEqual([server.sockets.length, names()], [1, []]);
  happen(client, WAYS[0].awake);
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
});

test("a page that is put aside while it reconnects goes on with that when it is back", async () => {
  for (const answer of ["down", "mute"]) {
    const client = await joined();
    const { server, names, pass } = client;
    await pass(500);
    server.answer = answer;
    server.socket.cut();
    await pass(1000);
    happen(client, WAYS[2].asleep);
    const { length } = server.sockets;
    await pass(20_000);
    assert.equal(server.sockets.length, length);
    server.answer = "yes";
    happen(client, WAYS[2].awake);
    await pass(200);
    assert.equal(names().pop(), "resumed");
    assert.equal(server.sockets.length, length + 1);
  }
});

test("a page that was put aside for longer than its seat is held gets a clear end at once", async () => {
  const client = await joined({ resume: new FakeStorage() });
  const { clock, server, room, events, pass } = client;
  await pass(500);
  const order = assert.rejects(room.command({ type: "order", dish: "" }, { timeout: 60_000 }), { code: "closed" });
  happen(client, WAYS[1].asleep);
  server.tokens.clear();
  clock.hold(40_000);
  happen(client, WAYS[1].awake);
  await pass(500);
  assert.deepEqual(events.map(([name]) => name), ["reconnecting", "close"]);
  assert.deepEqual([events[1][1].error.code, server.sockets.length], ["unknown_session", 2]);
  await order;
});

test("a page that leaves the room while it is put aside has left, and none wakes up to a room it has left", async () => {
  const storage = new FakeStorage();
  const client = await joined({ resume: storage });
  const { server, room, names, pass } = client;
  await pass(500);
  happen(client, WAYS[0].asleep);
  await room.leave();
  happen(client, WAYS[0].awake);
  await pass(5000);
  assert.deepEqual([names(), server.sockets.length, storage.items.size], [["close"], 1, 0]);
});

test("a page that goes for good leaves its connection to the browser, and its session in the storage", async () => {
  const storage = new FakeStorage();
  const client = await joined({ resume: storage });
  const { server, room, pass } = client;
  await pass(500);
  happen(client, [["pagehide", false]]);
  assert.equal(server.socket.closedWith, undefined);
  assert.equal(JSON.parse([...storage.items.values()][0]).token, room.session);
});

test("a page whose seat is not held keeps its connection", async () => {
  const client = await joined({ resumeSeconds: 0 });
  const { server, pass } = client;
  await pass(500);
  happen(client, WAYS[2].asleep);
  assert.equal(server.socket.closedWith, undefined);
  happen(client, WAYS[2].awake);
  await pass(500);
  assert.deepEqual([server.sockets.length, client.room.connected], [1, true]);
});
