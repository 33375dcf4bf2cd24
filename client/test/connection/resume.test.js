/**
 * A seat whose connection is lost and comes back, over paths that break in every way.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { join } from "../../src/drumline.js";
import { answer, settle } from "../support/fake-lobby.js";
import { LATENCY_MS, SeatServer, SeatSocket, TICK_MS, sessionIn, writeWelcome } from "../support/seat.js";
import { FakeClock, seeded } from "../support/support.js";

/** A page's window and document, whose events the test makes. */
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
  // A test may put another in its place.
  const fetch = (/** @type {any} */ address, /** @type {any} */ init) => server.fetch(address, init);
  const random = () => below(2 ** 30) / 2 ** 30;
  const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch, random, window });
  await settle();
  clock.pass(10 * LATENCY_MS);
  const room = await joining;
  /** @type {[string, any][]} */
  const told = [];
  room.on("reconnecting", (event) => told.push(["reconnecting", event]));
  room.on("resumed", (event) => told.push(["resumed", event]));
  room.on("close", (event) => told.push(["close", event]));
  const names = () => told.map(([name]) => name);
  /** Lets time pass in small steps, and promises come true. @param {number} ms */
  const pass = async (ms) => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.pass(Math.min(end - clock.now(), 50));
      await settle();
    }
  };
  return { clock, server, window, room, told, names, pass };
}

/** @param {SeatSocket} socket */
const query = ({ url }) => Object.fromEntries(new URL(url).searchParams);

test("a lost connection comes back to the same seat, and all goes on", async () => {
  const { server, room, told, names, pass } = await joined();
  await pass(1000);
  const [lost] = server.sockets;
  const tables = room.tables.things.size;
  const { tick } = room;
  const before = room.view().tables.things.length;
  assert.ok(tables > 0 && before > 0 && room.connected);

  server.answer = "down";
  lost.cut();
  assert.equal(room.connected, false);
  assert.deepEqual([names(), told[0][1].attempt], [["reconnecting"], 0]);
  await pass(2000);
  // The picture holds.
  assert.deepEqual([room.tick, room.tables.things.size, room.view().tables.things.length], [tick, tables, before]);
  assert.equal(room.connected, false);
  assert.ok(told.length > 3 && names().every((name) => name === "reconnecting"), String(names()));
  assert.deepEqual(told.map(([, { attempt }]) => attempt), [...told.keys()]);

  server.answer = "yes";
  await pass(6000);
  assert.equal(names().pop(), "resumed");
  assert.equal(names().indexOf("resumed"), names().length - 1);
  const { ms } = told[told.length - 1][1];
  assert.ok(ms > 2000 && ms < 8000);
  assert.deepEqual([room.stats.resumes, room.stats.resumeMs, room.stats.mismatches], [1, ms, 0]);
  assert.ok(room.connected && room.player === 3 && room.tick >= server.tick - 2);
  assert.deepEqual(query(server.socket), { tick: String(tick), schema: room.schemaHash });
  assert.equal(sessionIn(server.socket.protocols), server.given[0]);
});

test("the token is a new one after each time, and the old one until a message has come", async () => {
  const { server, room, pass } = await joined();
  for (let time = 1; time <= 3; time++) {
    await pass(300);
    server.socket.cut();
    await pass(500);
    assert.equal(room.stats.resumes, time);
    assert.equal(sessionIn(server.socket.protocols), server.given[time - 1]);
    assert.deepEqual([...server.tokens], [server.given[time]]);
  }

  // A welcome that is lost on the way leaves the client with the old token.
  server.answer = "dumb";
  server.socket.cut();
  await pass(1000);
  assert.equal(room.stats.resumes, 3);
  server.answer = "yes";
  await pass(6000);
  assert.equal(room.stats.resumes, 4);
  assert.equal(sessionIn(server.socket.protocols), server.given[3]);
});

test("if nothing was lost on the way, the same mirror takes a delta; else a keyframe comes", async () => {
  const { clock, server, room, pass } = await joined();
  const deltas = [];
  for (let time = 0; time < 20; time++) {
    // Between the arrival of a snapshot and the next one's sending there is nothing on the way.
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

test("inputs are not counted while there is no connection, and their numbers go on after it", async () => {
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
  // In the first second no more than in any other.
  assert.ok(server.inputs.length - at <= (7000 / TICK_MS) + 1);
});

test("after its time the seat is gone", async () => {
  const { server, room, told, names, pass } = await joined({ resumeSeconds: 7 });
  await pass(500);
  server.answer = "mute";
  server.socket.cut();
  await pass(6990);
  assert.ok(!names().includes("close"));
  await pass(10);
  const { code, reason, clean, error } = told[told.length - 1][1];
  assert.deepEqual([names().pop(), code, reason, clean, error.code], ["close", 1006, "", false, "expired"]);
  assert.equal(room.connected, false);
  const sockets = server.sockets.length;
  assert.ok(server.sockets.slice(1).every(({ closedWith }) => closedWith?.[0] === 4003));
  await pass(20_000);
  assert.deepEqual([server.sockets.length, names().filter((name) => name === "close").length], [sockets, 1]);
});

test("a server that holds no seats is not asked for one", async () => {
  const { server, told, pass } = await joined({ resumeSeconds: 0 });
  server.socket.cut();
  await pass(1000);
  assert.deepEqual(told, [["close", { code: 1006, reason: "", clean: false }]]);
  assert.equal(server.sockets.length, 1);
});

test("a token that is refused ends it at once", async () => {
  const { server, told, names, pass } = await joined();
  server.tokens.clear();
  server.socket.cut();
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "close"]);
  assert.deepEqual([told[1][1].error.code, told[1][1].error.status], ["unknown_session", 403]);
});

test("a seat that was lost to another while coming back is not fought for", async () => {
  for (const code of [4005, 4006, 4007]) {
    const { server, told, pass } = await joined();
    server.answer = "mute";
    server.socket.cut();
    await pass(500);
    server.socket.open();
    server.socket.cut(code);
    await pass(10_000);
    assert.deepEqual(told.slice(1), [["close", { code, reason: "", clean: true }]]);
    assert.equal(server.sockets.length, 2);
  }
});

test("who comes back comes to where the seat is", async () => {
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

test("another seat than before is not taken", async () => {
  const { server, told, names, pass } = await joined();
  server.player = 4;
  server.socket.cut();
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "close"]);
  assert.equal(told[1][1].error.code, "malformed");
  assert.equal(server.socket.closedWith?.[0], 4001);
});

test("the server's last words are last, and after others the client comes back", async () => {
  for (const code of [1000, 1001, 1002, 1003, 1009, 4001, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 4011]) {
    const { server, told, pass } = await joined();
    server.socket.cut(code);
    await pass(1000);
    assert.deepEqual(told, [["close", { code, reason: "", clean: true }]]);
    assert.equal(server.sockets.length, 1);
  }
  for (const code of [1005, 1006, 1011, 4002, 4003]) {
    const { server, names, pass } = await joined();
    server.socket.cut(code);
    await pass(1000);
    assert.deepEqual(names(), ["reconnecting", "resumed"], String(code));
  }
});

test("a socket on which nothing is heard is given up, and tells nothing more", async () => {
  const { server, room, names, pass } = await joined();
  await pass(500);
  const [old] = server.sockets;
  const player = room.player;
  old.dead = true;
  await pass(3000);
  assert.ok(room.connected);
  await pass(1600);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
  // Not a goodbye: the server may still read it.
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

test("a page whose timers were held back does not misjudge", async () => {
  const { clock, server, names, pass } = await joined();
  await pass(500);
  // It sleeps; what has come meanwhile is told after the timers have fired.
  clock.hold(60_000);
  clock.pass(0);
  await pass(1000);
  assert.deepEqual([names(), server.sockets.length], [[], 1]);
});

test("with the network back, or the page in sight, a wait is over", async () => {
  const online = (/** @type {FakeWindow} */ window) => window.online();
  const visible = (/** @type {FakeWindow} */ window) => window.turn("visible");
  for (const back of [online, visible]) {
    const { server, window, names, told, pass } = await joined();
    server.answer = "down";
    server.socket.cut();
    while (told.length === 0 || told[told.length - 1][1].inMs < 1500) await pass(50);
    server.answer = "yes";
    back(window);
    await pass(4 * LATENCY_MS + 50);
    assert.equal(names().pop(), "resumed");
  }
});

test("with the network back, an attempt over the old one is not waited for", async () => {
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

test("a socket that may be dead is checked by a ping when the page is in sight again", async () => {
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

test("leaving ends the search", async () => {
  for (const answer of ["down", "mute"]) {
    const { clock, server, window, room, told, pass } = await joined();
    server.answer = answer;
    server.socket.cut();
    await pass(1000);
    told.length = 0;
    room.leave();
    assert.deepEqual(told, [["close", { code: 1000, reason: "", clean: false }]]);
    const { length } = server.sockets;
    window.online();
    window.turn("visible");
    await pass(10_000);
    room.leave();
    assert.deepEqual([server.sockets.length, told.length], [length, 1]);
    // The server's own.
    assert.ok(clock.waiting <= 2);
  }
});

test("after leaving, the end is the end, however it comes, and nobody asks how it is", async () => {
  const { server, window, room, told, pass } = await joined();
  await pass(500);
  room.leave();
  const { length } = server.socket.sent;
  window.online();
  await pass(5000);
  assert.deepEqual([server.socket.sent.length, server.socket.closedWith?.[0], told], [length, 1000, []]);
  server.socket.cut();
  await pass(5000);
  assert.deepEqual([server.sockets.length, told], [1, [["close", { code: 1006, reason: "", clean: false }]]]);
});

test("a refusal that comes after leaving is not told", async () => {
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

test("the server hears of the new token at once", async () => {
  const { server, room, pass } = await joined();
  await pass(500);
  let sent = -1;
  room.on("resumed", () => (sent = server.socket.sent.length));
  server.socket.cut();
  await pass(500);
  assert.equal(sent, 1);
});

test("a mirror that is wrong has no tick to go on from", async () => {
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

test("a mirror that was wrong is not reported again: with the new connection its keyframe comes", async () => {
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

test("who leaves in the handler of the loss, or of the return, has left", async () => {
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

test("it is back as soon as its waits and the ways there allow", async () => {
  // Two ways there and back open a connection, and the welcome takes one more.
  const openingMs = 3 * LATENCY_MS;
  for (let seed = 1; seed <= 100; seed++) {
    const { server, told, names, pass } = await joined({ seed });
    await pass(200 + seed);
    // Some searches fail once or twice before.
    const failures = seed % 3;
    server.socket.cut();
    for (let failure = 0; failure < failures; failure++) {
      server.answer = "down";
      while (names().length === failure + 1) await pass(5);
    }
    server.answer = "yes";
    await pass(3000);
    const waits = told.filter(([name]) => name === "reconnecting").map(([, { inMs }]) => inMs);
    const [, { ms }] = told[told.length - 1];
    assert.deepEqual([names().at(-1), waits.length], ["resumed", failures + 1], `seed ${seed}`);
    // An attempt that fails takes a way there and back, and a look at why; time passes in steps of 5 ms there.
    const most = waits.reduce((sum, wait) => sum + wait, 0) + openingMs + failures * (2 * LATENCY_MS + 5);
    assert.ok(ms <= most + 1e-6, `seed ${seed}: ${ms} ms, and not ${most}`);
  }
});

/**
 * Breaks the path in some way.
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
      // Sometimes it has not yet come back when the path breaks again.
      if (random(4) > 0) await pass(11_000);
    }
    await pass(11_000);
    assert.ok(room.connected && !names().includes("close"), names().slice(-5).join());
    assert.ok(room.stats.resumes >= 75, String(room.stats.resumes));
    assert.equal(room.stats.mismatches, 0);
    assert.ok(room.tick >= server.tick - 1 && room.player === 3);
    assert.ok(server.deltas > 0 && server.keyframes > 0);
    assert.deepEqual([...sparks.keys()].sort(), [...room.tables.sparks].map(({ id }) => id).sort());
    // Inputs are numbered through, but for those that were lost on the way.
    assert.ok(server.inputs.every((number, index) => index === 0 || number > server.inputs[index - 1]));
    assert.equal(server.inputs[server.inputs.length - 1], room.stats.inputsSent % 65_536);
  });
}
