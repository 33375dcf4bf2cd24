/**
 * Tests of resuming a session, over connections that break in every way.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { join } from "../../src/drumline.js";
import { FakeClock } from "../support/fake-clock.js";
import { answer, settle } from "../support/fake-lobby.js";
import { seeded } from "../support/random.js";
import { LATENCY_MS, SeatServer, SeatSocket, TICK_MS, sessionIn, writeWelcome } from "../support/seat.js";

/** A page's window and document. The test dispatches their events. */
class FakeWindow extends EventTarget {
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });

  online() {
    this.dispatchEvent(new Event("online"));
  }

  /** @param {string} state */
  turn(state) {
    this.document.visibilityState = state;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }
}

/** @param {{ seed?: number, resumeSeconds?: number }} [options] */
async function joined({ seed = 1, resumeSeconds = 30 } = {}) {
  const clock = new FakeClock();
  const below = seeded(seed);
  const server = new SeatServer(clock, below);
  server.resumeSeconds = resumeSeconds;
  const window = new FakeWindow();
  const { WebSocket } = server;
  // A test may replace it.
  const fetch = (/** @type {any} */ address, /** @type {any} */ init) => server.fetch(address, init);
  const random = () => below(2 ** 30) / 2 ** 30;
  const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch, random, window });
  await settle();
  clock.pass(10 * LATENCY_MS);
  const room = await joining;
  /** @type {[string, any][]} */
  const events = [];
  room.on("reconnecting", (event) => events.push(["reconnecting", event]));
  room.on("resumed", (event) => events.push(["resumed", event]));
  room.on("close", (event) => events.push(["close", event]));
  const names = () => events.map(([name]) => name);
  /** Lets time pass in small steps, and promises settle. @param {number} ms */
  const pass = async (ms) => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.pass(Math.min(end - clock.now(), 50));
      await settle();
    }
  };
  return { clock, server, window, room, events, names, pass };
}

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

test("final close codes end the session, and after others the client reconnects", async () => {
  for (const code of [1000, 1001, 1002, 1003, 1009, 4001, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 4011]) {
    const { server, events, pass } = await joined();
    server.socket.cut(code);
    await pass(1000);
    assert.deepEqual(events, [["close", { code, reason: "", clean: true }]]);
    assert.equal(server.sockets.length, 1);
  }
  for (const code of [1005, 1006, 1011, 4002, 4003]) {
    const { server, names, pass } = await joined();
    server.socket.cut(code);
    await pass(1000);
    assert.deepEqual(names(), ["reconnecting", "resumed"], String(code));
  }
});

test("a socket on which nothing is received is given up, and ignored from then on", async () => {
  const { server, room, names, pass } = await joined();
  await pass(500);
  const [old] = server.sockets;
  const player = room.player;
  old.dead = true;
  await pass(3000);
  assert.ok(room.connected);
  await pass(1600);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
  // The server may still receive this code: it must not end the session.
  assert.equal(old.closedWith?.[0], 4003);

  const { snapshots } = room.stats;
  old.deliver(writeWelcome({ session: "f".repeat(32) }));
  old.deliver(Uint8Array.of(9));
  old.end(1000, "");
  assert.equal(room.stats.snapshots, snapshots);
  await pass(1000);
  assert.ok(room.connected && room.player === player);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
  assert.deepEqual([room.stats.mismatches, room.stats.resumes], [0, 1]);
});

test("a page whose timers were delayed does not give up its socket", async () => {
  const { clock, server, names, pass } = await joined();
  await pass(500);
  // The page sleeps; messages that arrived meanwhile are delivered after the timers have fired.
  clock.hold(60_000);
  clock.pass(0);
  await pass(1000);
  assert.deepEqual([names(), server.sockets.length], [[], 1]);
});

test("when the network is back, or the page is visible, a wait ends", async () => {
  const online = (/** @type {FakeWindow} */ window) => window.online();
  const visible = (/** @type {FakeWindow} */ window) => window.turn("visible");
  for (const back of [online, visible]) {
    const { server, window, names, events, pass } = await joined();
    server.answer = "down";
    server.socket.cut();
    while (events.length === 0 || events[events.length - 1][1].inMs < 1500) await pass(50);
    server.answer = "yes";
    back(window);
    await pass(4 * LATENCY_MS + 50);
    assert.equal(names().pop(), "resumed");
  }
});

test("when the network is back, an attempt over the old one is replaced", async () => {
  const { server, window, names, pass } = await joined();
  server.answer = "mute";
  server.socket.cut();
  await pass(1000);
  assert.equal(server.sockets.length, 2);
  server.answer = "yes";
  window.turn("visible");
  await pass(200);
  assert.deepEqual([server.sockets.length, names()], [2, ["reconnecting"]]);
  window.online();
  await pass(200);
  assert.deepEqual([server.sockets.length, names()], [3, ["reconnecting", "resumed"]]);
});

test("a socket that may be dead is checked by a ping when the page is visible again", async () => {
  const { clock, server, window, room, names, pass } = await joined();
  await pass(500);
  window.turn("hidden");
  const [socket] = server.sockets;
  const isPing = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] === 0;
  const pings = () => socket.sent.filter(isPing).length;
  const before = pings();
  await pass(100);
  assert.equal(pings(), before, "hidden is no reason");
  window.turn("visible");
  assert.equal(pings(), before + 1);
  await pass(3000);
  assert.deepEqual([names(), room.connected], [[], true]);

  socket.dead = true;
  clock.hold(100);
  window.online();
  await pass(1400);
  assert.deepEqual(names(), []);
  await pass(400);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
});

test("leaving ends the attempts to reconnect", async () => {
  for (const answer of ["down", "mute"]) {
    const { clock, server, window, room, events, pass } = await joined();
    server.answer = answer;
    server.socket.cut();
    await pass(1000);
    events.length = 0;
    room.leave();
    assert.deepEqual(events, [["close", { code: 1000, reason: "", clean: false }]]);
    const { length } = server.sockets;
    window.online();
    window.turn("visible");
    await pass(10_000);
    room.leave();
    assert.deepEqual([server.sockets.length, events.length], [length, 1]);
    // The close of the server.
    assert.ok(clock.waiting <= 2);
  }
});

test("after leaving, any close ends the session, and no ping is sent", async () => {
  const { server, window, room, events, pass } = await joined();
  await pass(500);
  room.leave();
  const { length } = server.socket.sent;
  window.online();
  await pass(5000);
  assert.deepEqual([server.socket.sent.length, server.socket.closedWith?.[0], events], [length, 1000, []]);
  server.socket.cut();
  await pass(5000);
  assert.deepEqual([server.sockets.length, events], [1, [["close", { code: 1006, reason: "", clean: false }]]]);
});

test("a refusal that arrives after leaving is ignored", async () => {
  const { server, room, names, pass } = await joined();
  server.tokens.clear();
  /** @type {((response: Response) => void)[]} */
  const answers = [];
  server.fetch = () => new Promise((resolve) => answers.push(resolve));
  server.socket.cut();
  await pass(500);
  room.leave();
  answers[0](new Response('{"error":"unknown_session","message":""}', { status: 403 }));
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "close"]);
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

test("a client that leaves in the handler of the loss or of the resume has left", async () => {
  const lost = await joined();
  lost.room.on("reconnecting", () => lost.room.leave());
  lost.server.socket.cut();
  await lost.pass(5000);
  assert.deepEqual([lost.names(), lost.server.sockets.length], [["reconnecting", "close"], 1]);

  const back = await joined();
  back.room.on("resumed", () => back.room.leave());
  back.server.socket.cut();
  await back.pass(500);
  assert.equal(back.server.socket.closedWith?.[0], 1000);
  back.server.socket.end(1000, "");
  assert.deepEqual(back.names(), ["reconnecting", "resumed", "close"]);
});

test("a client is back as soon as its waits and the network allow", async () => {
  // Two round trips open a connection, and the welcome takes another half.
  const openingMs = 3 * LATENCY_MS;
  for (let seed = 1; seed <= 100; seed++) {
    const { server, events, names, pass } = await joined({ seed });
    await pass(200 + seed);
    // Some attempts fail before.
    const failures = seed % 3;
    server.socket.cut();
    for (let failure = 0; failure < failures; failure++) {
      server.answer = "down";
      while (names().length === failure + 1) await pass(5);
    }
    server.answer = "yes";
    await pass(3000);
    const waits = events.filter(([name]) => name === "reconnecting").map(([, { inMs }]) => inMs);
    const [, { ms }] = events[events.length - 1];
    assert.deepEqual([names().at(-1), waits.length], ["resumed", failures + 1], `seed ${seed}`);
    // A failed attempt takes a round trip, and a request for the reason; time passes in steps of 5 ms here.
    const most = waits.reduce((sum, wait) => sum + wait, 0) + openingMs + failures * (2 * LATENCY_MS + 5);
    assert.ok(ms <= most + 1e-6, `seed ${seed}: ${ms} ms, and not ${most}`);
  }
});

/**
 * Breaks the connection in one of several ways.
 *
 * @param {SeatServer} server
 * @param {(below: number) => number} random
 */
function breakIn(server, random) {
  const { socket } = server;
  [() => socket.cut(), () => socket.cut(), () => (socket.dead = true), () => socket.cut(4002)][random(4)]();
  server.answer = ["yes", "yes", "down", "mute", "dumb"][random(5)];
}

for (let seed = 1; seed <= 2; seed++) {
  test(`a hundred breaks at any time and of any kind, seed ${seed}`, async () => {
    const random = seeded(seed * 7919);
    const { server, room, names, pass, window } = await joined({ seed, resumeSeconds: 60 });
    /** @type {Map<number, object>} */
    const sparks = new Map();
    [...room.tables.sparks].forEach((spark) => sparks.set(spark.id, spark));
    room.on("spawn", (table, entity) => table === "sparks" && sparks.set(entity.id, entity));
    room.on("despawn", (table, entity) => table === "sparks" && assert.ok(sparks.delete(entity.id)));
    for (let breaks = 0; breaks < 100; breaks++) {
      await pass(random(300));
      breakIn(server, random);
      await pass(random(3000));
      server.answer = "yes";
      if (random(3) === 0) window.online();
      if (random(3) === 0) window.turn("visible");
      // Sometimes the client has not resumed when the connection breaks again.
      if (random(4) > 0) await pass(11_000);
    }
    await pass(11_000);
    assert.ok(room.connected && !names().includes("close"), names().slice(-5).join());
    assert.ok(room.stats.resumes >= 75, String(room.stats.resumes));
    assert.equal(room.stats.mismatches, 0);
    assert.ok(room.tick >= server.tick - 1 && room.player === 3);
    assert.ok(server.deltas > 0 && server.keyframes > 0);
    assert.deepEqual([...sparks.keys()].sort(), [...room.tables.sparks].map(({ id }) => id).sort());
    // The numbers of inputs have no gaps, except for inputs that were lost in flight.
    assert.ok(server.inputs.every((number, index) => index === 0 || number > server.inputs[index - 1]));
    assert.equal(server.inputs[server.inputs.length - 1], room.stats.inputsSent % 65_536);
  });
}
