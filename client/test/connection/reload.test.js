/** Tests of sessions that outlive their page: reloads, crashes, duplicated pages, and when a stored session is not used. */

/** @import { JoinOptions } from "../../src/drumline.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { join, resume } from "../../src/drumline.js";
import { refuse, settle } from "../support/fake-lobby.js";
import { FakeStorage, pageOn, record, seatServer } from "../support/joined.js";
import { LATENCY_MS, sessionIn } from "../support/seat.js";

const URL_OF_SERVER = "https://example.test/";
const KEY = "drumline.session.kitchen";

/** A server, and pages that join it one after the other. @param {{ seed?: number, resumeSeconds?: number }} [options] */
function place(options) {
  const there = seatServer(options);
  const { clock, server } = there;
  /**
   * Opens a page that joins, or only comes back.
   *
   * @param {Partial<JoinOptions>} options
   * @param {any} [how]
   */
  const open = async (options, how = join) => {
    const page = pageOn(there);
    const opening = how(URL_OF_SERVER, { ...page, ...options });
    /** @type {any} */
    let outcome;
    opening.then((/** @type {any} */ room) => (outcome = { room }), (/** @type {any} */ error) => (outcome = { error }));
    for (let steps = 0; outcome === undefined && steps < 200; steps++) {
      clock.pass(LATENCY_MS);
      await settle();
    }
    return { window: page.window, room: outcome.room, error: outcome.error, ...(outcome.room ? record(outcome.room) : {}) };
  };
  /** Ends the page as a browser does: nothing of it runs any more, and the server is told. */
  const end = () => server.socket.cut(1001);
  const stored = (/** @type {FakeStorage} */ storage) => JSON.parse(storage.getItem(KEY) ?? "null");
  return { ...there, open, end, stored };
}

test("a page that is loaded again comes back to the seat, and counts its inputs and commands on", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  let { room } = await open({ resume: storage });
  await pass(500);
  assert.deepEqual(stored(storage), {
    server: "example.test", url: "wss://example.test/", game: "kitchen", room: "k7m2pa", token: room.session,
  });
  for (let reload = 1; reload <= 20; reload++) {
    assert.deepEqual(await room.command({ type: "order", dish: "" }, pass(200)), { minutes: reload });
    const before = { player: room.player, token: room.session, inputs: server.inputs.length };
    const requests = server.lobby.requests.length;
    // The page is gone: what it holds does not run any more. Some end in a crash, which the server learns of late.
    const gone = server.socket;
    gone.dead = true;
    ({ room } = await open({ resume: storage }));
    assert.equal(sessionIn(server.socket.protocols), before.token);
    assert.equal(server.lobby.requests.length, requests, "no new seat is asked for");
    assert.equal(room.player, before.player);
    assert.notEqual(room.session, before.token);
    assert.equal(stored(storage).token, room.session);
    gone.end(1001, "");
    await pass(500);
    assert.ok(server.inputs.length > before.inputs);
  }
  assert.deepEqual(server.inputs, server.inputs.map((_, index) => index + 1));
  assert.equal(server.delivery.executed.length, 20);
});

test("a page that is loaded again gets the events that the one before had not acknowledged", async () => {
  const { server, pass, open } = place();
  const storage = new FakeStorage();
  await open({ resume: storage });
  await pass(500);
  server.socket.dead = true;
  [1, 2, 3].forEach((by) => server.delivery.emit(by));
  const { room } = await open({ resume: storage });
  /** @type {number[]} */
  const events = [];
  room.on("event", (/** @type {{ by: number }} */ { by }) => events.push(by));
  await pass(500);
  assert.deepEqual(events, [1, 2, 3]);
});

test("a storage is one like sessionStorage, or a key of it", async (context) => {
  const { pass, open } = place();
  const sessionStorage = new FakeStorage();
  Object.assign(globalThis, { sessionStorage });
  context.after(() => Reflect.deleteProperty(globalThis, "sessionStorage"));
  const first = await open({ resume: "my-key" });
  await pass(200);
  assert.deepEqual([...sessionStorage.items.keys()], ["my-key"]);
  const second = await open({ resume: "my-key" });
  assert.equal(JSON.parse(sessionStorage.getItem("my-key") ?? "").token, second.room.session);
  assert.notEqual(first.room.session, second.room.session);
});

test("a seat that is gone is joined anew, and a page that only comes back gets nothing", async () => {
  const { server, pass, open, end, stored } = place();
  const storage = new FakeStorage();
  assert.equal((await open({ resume: storage }, resume)).room, undefined);
  assert.equal(server.sockets.length, 0);
  for (const how of [join, resume]) {
    await open({ resume: storage });
    await pass(200);
    end();
    server.tokens.clear();
    const { room } = await open({ resume: storage }, how);
    assert.equal(room !== undefined, how === join);
    assert.equal(stored(storage)?.token, room?.session);
  }
});

test("a seat that ended before the welcome is gone as well", async () => {
  for (const how of [join, resume]) {
    const { server, pass, open, stored } = place();
    const storage = new FakeStorage();
    await open({ resume: storage });
    await pass(200);
    server.socket.dead = true;
    server.answer = "mute";
    const coming = open({ resume: storage }, how);
    await settle();
    server.socket.open();
    server.socket.cut(4006);
    server.answer = "yes";
    const { room, error } = await coming;
    assert.deepEqual([room !== undefined, error], [how === join, undefined]);
    assert.equal(stored(storage)?.token, room?.session);
  }
});

test("a page that leaves does not remove the session of another one that shares the storage", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  const earlier = await open({ resume: storage });
  await pass(200);
  server.socket.dead = true;
  const later = await open({ resume: storage });
  // The earlier page does not know yet that its seat is taken.
  assert.ok(earlier.room.connected);
  void earlier.room.leave();
  assert.equal(stored(storage)?.token, later.room.session);
});

test("a session of another server, game or room than those asked for is not used, and stays", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  await open({ resume: storage, code: "X7K2 mqpw-4h" });
  await pass(200);
  const { token } = stored(storage);
  assert.equal(stored(storage).code, "X7K2 mqpw-4h");
  for (const other of [{ room: "other0" }, { room: "new" }, { code: "aaaaaaaaaa" }]) {
    assert.equal((await open({ resume: storage, ...other }, resume)).room, undefined);
  }
  assert.equal(await resume("https://other.test/", { ...pageOn({ ...place(), server }), resume: storage }), undefined);
  storage.setItem("drumline.session.pong", storage.getItem(KEY) ?? "");
  assert.equal((await open({ resume: storage, game: "pong" }, resume)).room, undefined);
  assert.equal(server.sockets.length, 1);
  assert.equal(stored(storage).token, token);
  for (const same of [{ room: "k7m2pa" }, { code: "x7k2mqpw4h" }, {}]) {
    const { room } = await open({ resume: storage, ...same }, resume);
    assert.deepEqual([room.id, room.code], ["k7m2pa", "X7K2 mqpw-4h"]);
  }
});

test("leaving removes the session at once, and its promise is fulfilled when the server has closed", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  const { room, names } = await open({ resume: storage });
  await pass(200);
  let left = false;
  const leaving = room.leave().then(() => (left = true));
  assert.equal(stored(storage), null);
  await settle();
  assert.deepEqual([left, server.socket.closedWith?.[0]], [false, 1000]);
  server.socket.end(1000, "");
  await leaving;
  assert.deepEqual(names?.(), ["close"]);
  await room.leave();
});

test("the end of the session removes it, but a page that could not reconnect in time may try again", async () => {
  for (const code of [1001, 4005, 4007, 4008]) {
    const { server, pass, open, stored } = place();
    const storage = new FakeStorage();
    await open({ resume: storage });
    await pass(200);
    server.socket.cut(code);
    assert.equal(stored(storage), null);
  }
  const { server, pass, open } = place({ resumeSeconds: 5 });
  const storage = new FakeStorage();
  const page = await open({ resume: storage });
  await pass(200);
  server.answer = "mute";
  server.socket.cut();
  await pass(6000);
  assert.deepEqual(page.events?.at(-1)?.[1].error.code, "expired");
  server.answer = "yes";
  const { room } = await open({ resume: storage }, resume);
  assert.equal(room.player, 3);
});

test("of two pages with one session the later has the seat, and the earlier does not return", async () => {
  const { server, pass, open } = place();
  const storage = new FakeStorage();
  const earlier = await open({ resume: storage });
  await pass(500);
  // A duplicated page begins with a copy of the storage; one that is shared is the same.
  for (const shared of [true, false]) {
    const own = shared ? storage : new FakeStorage(storage.items);
    const later = await open({ resume: own });
    await pass(200);
    const close = { code: 4005, reason: "a newer connection has taken this seat", clean: true };
    assert.deepEqual(earlier.events, [["close", close]]);
    const { length } = server.sockets;
    earlier.window.online();
    earlier.window.turn("visible");
    earlier.window.life("freeze");
    earlier.window.life("resume");
    earlier.window.page("pagehide", true);
    earlier.window.page("pageshow", true);
    await pass(10_000);
    assert.equal(server.sockets.length, length);
    assert.ok(later.room.connected && !earlier.room.connected);
    assert.equal(JSON.parse(own.getItem(KEY) ?? "{}").token, later.room.session);
    Object.assign(earlier, later);
  }
  assert.equal(storage.getItem(KEY), null, "the page whose session was duplicated has none to come back to");
});

test("a server that says when to try again is asked again in time, or is the reason for the failure", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  await open({ resume: storage });
  await pass(200);
  server.socket.dead = true;
  const { handshake } = server.lobby;
  server.lobby.handshake = () => refuse(503, "too_many_resumes", { "retry-after": "1" });
  const tokens = new Set(server.tokens);
  server.tokens.clear();
  const { token } = stored(storage);
  assert.equal((await open({ resume: storage })).error.code, "too_many_resumes");
  assert.equal(stored(storage).token, token);
  const patient = open({ resume: storage, patience: 5 });
  await settle();
  server.tokens = tokens;
  server.lobby.handshake = handshake;
  assert.equal((await patient).room.player, 3);
  assert.equal(sessionIn(server.socket.protocols), token);
});

test("if the server of a session cannot be reached, a join goes on without it", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  await open({ resume: storage });
  await pass(200);
  server.socket.dead = true;
  const session = stored(storage);
  storage.setItem(KEY, JSON.stringify({ ...session, token: "unknown" }));
  server.lobby.handshake = () => new Response("<html>", { status: 502 });
  assert.equal((await open({ resume: storage }, resume)).error.code, "connection_failed");
  const { room } = await open({ resume: storage });
  assert.ok(room.connected);
  assert.equal(stored(storage).token, room.session);
});

test("a storage that is blocked or has other contents is as none", async () => {
  const { server, open } = place();
  const storage = new FakeStorage();
  const stored = { server: "example.test", url: "wss://example.test/", game: "kitchen", room: "k7m2pa", token: "a" };
  const bad = [{ token: "a b" }, { token: "" }, { token: 7 }, { url: "wss:" }, { url: "javascript:x" }, { room: 1 }, { code: 1 }];
  for (const text of ["", "null", "7", "{", "[]", ...bad.map((part) => JSON.stringify({ ...stored, ...part }))]) {
    storage.setItem(KEY, text);
    assert.equal((await open({ resume: storage }, resume)).room, undefined, text);
  }
  assert.equal(server.sockets.length, 0);
  storage.blocked = true;
  const { room } = await open({ resume: storage });
  assert.ok(room.connected);
  void room.leave();
});

test("a session that cannot be resumed is not stored", async () => {
  const { server, open, pass } = place({ resumeSeconds: 0 });
  const storage = new FakeStorage();
  server.reloadSeconds = 0;
  await open({ resume: storage });
  await pass(200);
  assert.equal(storage.items.size, 0);
});

test("an attempt to come back that is aborted keeps the seat", async () => {
  const { server, pass, open, stored } = place();
  const storage = new FakeStorage();
  await open({ resume: storage });
  await pass(200);
  server.socket.dead = true;
  server.answer = "mute";
  const abort = new AbortController();
  const { token } = stored(storage);
  const coming = open({ resume: storage, signal: abort.signal });
  await settle();
  abort.abort();
  assert.equal((await coming).error.name, "AbortError");
  assert.deepEqual([server.socket.closedWith?.[0], stored(storage).token], [4003, token]);
  assert.equal((await open({ resume: storage, signal: abort.signal })).error.name, "AbortError");
  assert.equal(server.sockets.length, 2);
});
