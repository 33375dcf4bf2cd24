/**
 * Tests of the lobby: listing, creating and joining rooms over HTTP.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { JoinError, create, join, joinByCode, joinById, list, listAll } from "../../src/drumline.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeLobby, TICKET, answer, refuse, settle } from "../support/fake-lobby.js";
import { FakeSocket } from "../support/fake-socket.js";
import { firstSnapshot } from "../support/server.js";
import { bytes, vectors } from "../support/vectors.js";

/** @import { JoinOptions } from "../../src/drumline.js" */

const URL_OF_PAGE = "https://example.test/lobby?x=1";

/** @param {string} id */
const roomOf = (id) => ({ id, game: "kitchen", mode: "", state: "open", players: 1, held_seats: 0, max_players: 8 });

/**
 * Joins a room whose WebSocket is not answered.
 *
 * @param {Partial<JoinOptions>} [options]
 */
function joiner(options) {
  const clock = new FakeClock();
  const lobby = new FakeLobby();
  const WebSocket = /** @type {any} */ (FakeSocket);
  /** @type {JoinOptions} */
  const means = { game: "kitchen", clock, WebSocket, fetch: lobby.fetch, ...options };
  return { clock, lobby, means };
}

/** @param {Promise<any>} joining */
async function enter(joining) {
  await settle();
  FakeSocket.last.open();
  FakeSocket.last.deliver(bytes(vectors.welcome));
  FakeSocket.last.deliver(firstSnapshot(bytes(vectors.welcome)));
  return joining;
}

test("a list is requested with its filter", async () => {
  const lobby = new FakeLobby();
  const { fetch } = lobby;
  const rooms = [roomOf("a"), roomOf("b")];
  lobby.answer = () => answer(200, { rooms, next: "b", shards: [] });
  assert.deepEqual(await list(URL_OF_PAGE, { fetch }), { rooms, next: "b" });
  assert.equal(lobby.last.url.href, "https://example.test/api/rooms");
  assert.deepEqual([lobby.last.method, lobby.last.headers.has("authorization")], ["GET", false]);

  lobby.answer = () => answer(200, { rooms });
  const filter = { game: "a&b", mode: "", state: "open", free: true, limit: 2, after: "b" };
  const { next } = await list("wss://example.test", { ...filter, fetch });
  assert.equal(next, null);
  assert.equal(lobby.last.url.href, "https://example.test/api/rooms?game=a%26b&mode=&state=open&free=true&limit=2&after=b");
});

test("rooms are filtered by what the game says of them", async () => {
  const lobby = new FakeLobby();
  const rooms = [{ ...roomOf("a"), bots: 2, spectate: true, metadata: { map: "small", rounds: 3 } }];
  lobby.answer = () => answer(200, { rooms, next: null });
  const metadata = { map: "small & wet", rounds: 3, ranked: false, mode: undefined };
  const found = await list(URL_OF_PAGE, { game: "kitchen", metadata, fetch: lobby.fetch });
  assert.deepEqual(found.rooms, rooms);
  assert.deepEqual([...lobby.last.url.searchParams], [
    ["game", "kitchen"],
    ["metadata.map", "small & wet"],
    ["metadata.rounds", "3"],
    ["metadata.ranked", "false"],
  ]);
  for await (const { id } of listAll(URL_OF_PAGE, { metadata: { map: "small" }, fetch: lobby.fetch })) assert.equal(id, "a");
  assert.deepEqual([...lobby.last.url.searchParams], [["metadata.map", "small"]]);
});

test("all pages of a list are requested one after another, and only as many as are read", async () => {
  const lobby = new FakeLobby();
  const { fetch } = lobby;
  lobby.answer = ({ url }) => {
    const page = Number(url.searchParams.get("after") ?? 0);
    return answer(200, { rooms: [roomOf(`${page}a`), roomOf(`${page}b`)], next: page < 2 ? String(page + 1) : null });
  };
  const ids = [];
  for await (const { id } of listAll(URL_OF_PAGE, { game: "kitchen", fetch })) ids.push(id);
  assert.deepEqual(ids, ["0a", "0b", "1a", "1b", "2a", "2b"]);
  assert.ok(lobby.requests.every(({ url }) => url.searchParams.get("game") === "kitchen"));

  lobby.requests.length = 0;
  for await (const { id } of listAll(URL_OF_PAGE, { fetch })) if (id === "0b") break;
  assert.equal(lobby.requests.length, 1);
});

test("a room is created with its settings", async () => {
  const lobby = new FakeLobby();
  const created = { room: "k7m2pa", game: "kitchen", mode: "hot", code: "QX3F7" };
  lobby.answer = () => answer(201, created);
  const options = { stoves: 3 };
  const settings = { game: "kitchen", mode: "hot", options, private: true };
  assert.deepEqual(await create(URL_OF_PAGE, { ...settings, fetch: lobby.fetch }), created);
  const { method, url, headers, body } = lobby.last;
  assert.deepEqual([method, url.href], ["POST", "https://example.test/api/rooms"]);
  assert.equal(headers.get("content-type"), "application/json");
  assert.deepEqual(body, settings);
});

test("each way of joining sends its own request", async () => {
  const name = "Zoë";
  const { lobby, means } = joiner({ name });
  const common = { game: "kitchen", name };
  const modes = { mode: "hot", options: { stoves: 3 } };
  await enter(join(URL_OF_PAGE, { ...means, ...modes }));
  assert.deepEqual(lobby.last.body, { ...common, ...modes });
  await enter(join(URL_OF_PAGE, { ...means, room: "new" }));
  assert.deepEqual(lobby.last.body, { ...common, create: true });
  await enter(joinById(URL_OF_PAGE, "k7m2pa", means));
  assert.deepEqual(lobby.last.body, { ...common, room: "k7m2pa" });
  await enter(joinByCode(URL_OF_PAGE, "QX3F7", means));
  assert.deepEqual(lobby.last.body, { ...common, code: "QX3F7" });
});

test("a player's own options go with every way of joining, and a refusal names the field", async () => {
  const joinOptions = { colour: "red", loadout: { weapon: null } };
  const { lobby, means } = joiner({ joinOptions });
  const ways = [join(URL_OF_PAGE, means), joinById(URL_OF_PAGE, "k7m2pa", means), joinByCode(URL_OF_PAGE, "QX3F7", means)];
  for (const joining of ways) joining.catch(() => {});
  await settle();
  assert.deepEqual(lobby.requests.map(({ body }) => body), [
    { game: "kitchen", join_options: joinOptions },
    { game: "kitchen", room: "k7m2pa", join_options: joinOptions },
    { game: "kitchen", code: "QX3F7", join_options: joinOptions },
  ]);
  const message = "join option `colour`: unknown variant `pink`, expected `red` or `blue`";
  const refused = { error: "bad_join_options", message };
  for (const field of ["colour", "loadout.weapon", ""]) {
    lobby.answer = () => answer(400, { ...refused, field });
    await assert.rejects(join(URL_OF_PAGE, means), { code: "bad_join_options", message, status: 400, field });
  }
  for (const other of [{}, { field: 5 }, { field: null }]) {
    lobby.answer = () => answer(400, { ...refused, ...other });
    await assert.rejects(join(URL_OF_PAGE, means), { code: "bad_join_options", field: undefined });
  }
});

test("the token is sent in a header, and a function is called for it each time", async () => {
  const { lobby, means } = joiner({ token: "a.b.c" });
  await enter(join(URL_OF_PAGE, means));
  assert.equal(lobby.last.headers.get("authorization"), "Bearer a.b.c");
  assert.ok(!JSON.stringify([FakeSocket.last.url, FakeSocket.last.protocols]).includes("a.b.c"));

  let given = 0;
  const token = async () => `token${++given}`;
  lobby.answer = () => answer(200, { rooms: [] });
  await list(URL_OF_PAGE, { token, fetch: lobby.fetch });
  await list(URL_OF_PAGE, { token, fetch: lobby.fetch });
  assert.equal(lobby.last.headers.get("authorization"), "Bearer token2");

  const expired = new Error("not logged in any more");
  const { means: without } = joiner({ token: () => Promise.reject(expired) });
  await assert.rejects(join(URL_OF_PAGE, without), expired);
});

test("the ticket is in no address, and the address is the server's, over TLS if the page is", async () => {
  const { lobby, means } = joiner();
  const url = (/** @type {string} */ url) => (lobby.answer = () => answer(200, { room: "k", url, ticket: TICKET }));
  for (const [page, given, used] of [
    ["https://example.test/", "ws://example.test/play/kitchen?room=k", "wss://example.test/play/kitchen?room=k"],
    ["http://example.test:81/", "ws://two.test:82/play/kitchen?room=k", "ws://two.test:82/play/kitchen?room=k"],
    ["ws://example.test/", "wss://example.test/play/kitchen", "wss://example.test/play/kitchen"],
    ["http://example.test/", "/play/kitchen?room=k", "ws://example.test/play/kitchen?room=k"],
  ]) {
    url(given);
    await enter(join(page, means));
    assert.equal(FakeSocket.last.url, used);
    assert.deepEqual(FakeSocket.last.protocols, ["drumline.1", `drumline.ticket.${TICKET}`]);
  }
});

test("an answer without a valid ticket is malformed", async () => {
  const url = "wss://example.test/play/kitchen";
  const answers = [null, [], {}, { url }, { ticket: "t" }, { url: 1, ticket: "t" }, { url: "wss://", ticket: "t" }];
  for (const body of [...answers, { url, ticket: "" }, { url, ticket: "a b" }, { url, ticket: "ü" }]) {
    const { lobby, means } = joiner();
    lobby.answer = () => answer(200, body);
    await assert.rejects(join(URL_OF_PAGE, means), { code: "malformed" }, JSON.stringify(body));
  }
});

test("a refusal has the server's code, its status, and the time after which to retry", async () => {
  const { lobby, means } = joiner();
  const { fetch } = lobby;
  lobby.answer = () => refuse(503, "draining", { "retry-after": "30" });
  const refused = { name: "JoinError", code: "draining", message: "draining, in words", status: 503, retryAfter: 30 };
  await assert.rejects(join(URL_OF_PAGE, means), refused);
  await assert.rejects(list(URL_OF_PAGE, { fetch }), refused);
  await assert.rejects(create(URL_OF_PAGE, { game: "kitchen", fetch }), refused);

  lobby.answer = () => refuse(409, "room_full");
  await assert.rejects(join(URL_OF_PAGE, means), { code: "room_full", status: 409, retryAfter: undefined });
  lobby.answer = () => refuse(503, "overloaded", { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" });
  await assert.rejects(join(URL_OF_PAGE, means), { code: "overloaded", retryAfter: undefined });
});

test("an answer that is not a Drumline server's is a failed connection", async () => {
  const { lobby, means } = joiner();
  const answers = [() => new Response("<html>", { status: 502 }), () => answer(404, {}), () => Promise.reject(new TypeError())];
  for (const none of answers) {
    lobby.answer = none;
    await assert.rejects(join(URL_OF_PAGE, means), { code: "connection_failed" });
  }
});

test("with patience only a refusal with a time is retried", async () => {
  const { clock, lobby, means } = joiner({ patience: 10 });
  const answers = [refuse(429, "too_many_joins", { "retry-after": "3" }), refuse(503, "overloaded", { "retry-after": "7" })];
  lobby.answer = (request) => answers.shift() ?? new FakeLobby().answer(request);
  const joining = join(URL_OF_PAGE, means);
  for (const [ms, requests] of [[0, 1], [2999, 1], [1, 2], [6999, 2], [1, 3]]) {
    await settle();
    clock.pass(ms);
    await settle();
    assert.equal(lobby.requests.length, requests);
  }
  assert.equal((await enter(joining)).id, "küche");

  // It would take too long.
  lobby.answer = () => refuse(429, "too_many_joins", { "retry-after": "11" });
  await assert.rejects(join(URL_OF_PAGE, means), { code: "too_many_joins", retryAfter: 11 });
  lobby.answer = () => refuse(409, "room_locked");
  await assert.rejects(join(URL_OF_PAGE, means), { code: "room_locked" });
});

test("an aborted join ends at any stage", async () => {
  const reason = new Error("changed my mind");
  // During the request, during the wait after a refusal, and while the WebSocket opens.
  const asking = joiner();
  asking.lobby.answer = () => new Promise(() => {});
  const waiting = joiner({ patience: 10 });
  waiting.lobby.answer = () => refuse(429, "too_many_joins", { "retry-after": "3" });
  for (const { clock, lobby, means } of [asking, waiting, joiner()]) {
    const giving = new AbortController();
    const { fetch } = lobby;
    /** @type {typeof fetch} */
    const abortable = (address, init) => {
      const given = new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
      return Promise.race([fetch(address, init), /** @type {Promise<Response>} */ (given)]);
    };
    const joining = join(URL_OF_PAGE, { ...means, fetch: abortable, signal: giving.signal });
    await settle();
    giving.abort(reason);
    await assert.rejects(joining, reason);
    assert.equal(clock.waiting, 0);
  }
  assert.equal(FakeSocket.last.closedWith?.[0], 1000);

  const already = joiner();
  await assert.rejects(join(URL_OF_PAGE, { ...already.means, signal: AbortSignal.abort(reason) }), reason);
});

test("a refused handshake has the time after which to retry as well", async () => {
  const { lobby, means } = joiner();
  const joining = join(URL_OF_PAGE, means);
  await settle();
  lobby.handshake = () => refuse(503, "overloaded", { "retry-after": "5" });
  FakeSocket.last.end(1006, "");
  await assert.rejects(joining, (error) => error instanceof JoinError && error.retryAfter === 5);
});
