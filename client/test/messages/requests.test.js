/** Tests of events, commands and chat of a joined room on one connection, with a fake WebSocket and a fake clock. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RequestError, join } from "../../src/drumline.js";
import { encodeU32 } from "../../src/wire/bincode.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeLobby, settle } from "../support/fake-lobby.js";
import { FakeSocket } from "../support/fake-socket.js";
import { fragments } from "../support/room/delivery.js";
import { writeWelcome } from "../support/seat.js";
import { firstSnapshot } from "../support/server.js";
import { bytes, hex, vectors } from "../support/vectors.js";

/** Returns true for a command or a chat message. */
const isRequest = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] >= 3;

async function joined(lastCommand = 0) {
  const clock = new FakeClock();
  const WebSocket = /** @type {any} */ (FakeSocket);
  const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch: new FakeLobby().fetch });
  await settle();
  const socket = FakeSocket.last;
  socket.open();
  const welcome = writeWelcome({ session: "token", lastCommand });
  socket.deliver(welcome);
  socket.deliver(firstSnapshot(welcome));
  const room = await joining;
  const requests = () => socket.sent.filter(isRequest).map(hex);
  return { room, clock, socket, requests };
}

/** The server's replies: a number of minutes, or the reason for a refusal. */
const minutes = (/** @type {number} */ request, /** @type {number} */ minutes) =>
  Uint8Array.of(0, 3, request, 0, encodeU32(minutes).length, ...encodeU32(minutes));
const refused = (/** @type {number} */ request, /** @type {number} */ reason) => Uint8Array.of(0, 3, request, 1, reason);
const done = (/** @type {number} */ request) => Uint8Array.of(0, 3, request, 0, 0);
/** The server has accepted the commands up to a number. */
const received = (/** @type {number} */ number) => Uint8Array.of(0, 7, ...encodeU32(number));
/** The numbers of requests. */
const numbers = (/** @type {string[]} */ requests) => requests.map((request) => Number.parseInt(request.slice(4, 6), 16));
/** The whole numbers from one to another. */
const span = (/** @type {number} */ from, /** @type {number} */ to) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("each command gets its own reply", async () => {
  const { room, socket, requests } = await joined();
  const soup = room.command({ type: "order", dish: "soup" });
  const stew = room.command({ type: "order", dish: "stew" });
  assert.deepEqual(requests(), ["0003010106" + "0004736f7570", "0003020106" + "000473746577"]);
  socket.deliver(minutes(2, 300));
  socket.deliver(minutes(1, 7));
  assert.deepEqual(await Promise.all([soup, stew]), [{ minutes: 7 }, { minutes: 300 }]);
  socket.deliver(minutes(1, 7));
  assert.equal(socket.closedWith, undefined, "an answer that nobody waits for says nothing");
});

test("a command for which no reply is wanted has a number too", async () => {
  const { room, requests } = await joined();
  assert.equal(room.send({ type: "order", dish: "" }), true);
  assert.equal(room.send({ type: "order", dish: "" }), true);
  assert.deepEqual(requests(), ["00030100020000", "00030200020000"]);
});

test("a page that was reloaded numbers its commands on, and ignores the replies to those before", async () => {
  const { room, socket, requests } = await joined(7);
  socket.deliver(minutes(7, 5));
  const order = room.command({ type: "order", dish: "" });
  assert.deepEqual(requests(), ["00030801020000"]);
  socket.deliver(minutes(8, 6));
  assert.deepEqual(await order, { minutes: 6 });
});

test("a command whose reply is late, or that is refused, is rejected", async () => {
  const { room, clock, socket } = await joined();
  const order = () => room.command({ type: "order", dish: "soup" }, { timeout: 500 });
  const late = assert.rejects(order(), { name: "RequestError", code: "timeout" });
  clock.pass(500);
  await late;
  const refusal = assert.rejects(order(), { code: "too_large" });
  socket.deliver(refused(2, 7));
  await refusal;
  await assert.rejects(room.command({ type: "ordre" }), TypeError);
  await assert.rejects(room.command({ type: "order", dish: "x".repeat(5000) }), { code: "too_large" });
  assert.throws(() => room.send({ type: "order", dish: 1 }), TypeError);
});

test("64 commands may be on the wire, others wait for these to be accepted, and too many are refused", async () => {
  const { room, socket, requests } = await joined();
  const waiting = span(1, 256).map(() => room.command({ type: "order", dish: "" }).catch((error) => error.code));
  await assert.rejects(room.command({ type: "order", dish: "" }), { code: "too_many" });
  assert.equal(room.send({ type: "order", dish: "" }), false);
  assert.deepEqual(numbers(requests()), span(1, 64));
  socket.deliver(received(10));
  assert.deepEqual(numbers(requests()), span(1, 74));
  socket.deliver(received(74));
  assert.deepEqual(numbers(requests()), span(1, 138));
  await assert.rejects(room.chat("hi"), { code: "too_many" }, "their replies are awaited yet");
  socket.deliver(minutes(1, 5));
  assert.deepEqual(await waiting[0], { minutes: 5 });
  assert.equal(room.send({ type: "order", dish: "" }), true);
  room.leave();
  socket.end(1000, "");
  assert.deepEqual(new Set(await Promise.all(waiting.slice(1))), new Set(["closed"]));
});

test("a command that finds the server's queue full is sent again under its number, with those after it", async () => {
  const { room, socket, clock, requests } = await joined();
  const orders = span(1, 5).map(() => room.command({ type: "order", dish: "" }));
  socket.deliver(refused(3, 0));
  clock.pass(99);
  room.send({ type: "order", dish: "" });
  assert.deepEqual(numbers(requests()), span(1, 5), "nothing overtakes it");
  clock.pass(1);
  assert.deepEqual(numbers(requests()), [...span(1, 5), ...span(3, 6)]);

  // When the server accepts more, there is room: no wait is needed.
  socket.deliver(refused(5, 0));
  socket.deliver(received(4));
  assert.deepEqual(numbers(requests()).slice(9), [5, 6]);
  // A refusal from before is none of what has been accepted since.
  socket.deliver(received(6));
  socket.deliver(refused(5, 0));
  clock.pass(1000);
  assert.equal(requests().length, 11);
  orders.forEach((_, index) => socket.deliver(minutes(index + 1, index)));
  assert.deepEqual((await Promise.all(orders)).map(({ minutes }) => minutes), [0, 1, 2, 3, 4]);
});

test("while the queue stays full, few commands are sent in vain", async () => {
  const { room, socket, clock, requests } = await joined();
  span(1, 200).forEach(() => room.send({ type: "order", dish: "" }));
  for (let time = 0; time < 50; time++) {
    socket.deliver(refused(1, 0));
    clock.pass(100);
  }
  assert.ok(requests().length < 64 + 64 + 50, `${requests().length} sent`);
  assert.equal(numbers(requests()).pop(), 1);
  // When it empties, the rest goes out in a few steps, each of which may be twice as large as the one before.
  for (let step = 0; step < 9; step++) {
    socket.deliver(received(numbers(requests()).pop() ?? 0));
  }
  assert.equal(numbers(requests()).pop(), 200);
});

test("a lost connection rejects no commands, and those while there is none wait for the next", async () => {
  const { room, socket, requests } = await joined();
  const orders = [room.command({ type: "order", dish: "a" })];
  socket.end(1006, "");
  orders.push(room.command({ type: "order", dish: "b" }));
  assert.equal(room.send({ type: "order", dish: "c" }), true);
  assert.equal(requests().length, 1);
  room.leave();
  for (const order of orders) await assert.rejects(order, { code: "closed" });
  assert.equal(room.send({ type: "order", dish: "d" }), false);
  await assert.rejects(room.command({ type: "order", dish: "d" }), { code: "closed" });
});

test("the end of the room rejects all waiting commands", async () => {
  const { room, socket, clock } = await joined();
  const closed = assert.rejects(room.chat("hi"), { code: "closed" });
  socket.end(4008, "");
  await closed;
  assert.equal(clock.waiting, 0);
});

test("a malformed reply ends the connection and rejects its command", async () => {
  const { room, socket } = await joined();
  const order = assert.rejects(room.command({ type: "order", dish: "" }), { name: "DecodeError" });
  socket.deliver(bytes("0003010001fc"));
  await order;
  assert.equal(socket.closedWith?.[0], 4001);
});

test("chat is sent to the room or the team, and is accepted or refused", async () => {
  const { room, socket, requests } = await joined();
  const chats = [room.chat("hi"), room.chat("psst", { team: true })];
  assert.deepEqual(requests(), ["0004010100026869", "00040201010470737374"]);
  socket.deliver(done(1));
  socket.deliver(done(2));
  assert.deepEqual(await Promise.all(chats), [undefined, undefined]);
  const reasons = ["too_fast", "too_long", "bad_text", "not_allowed", "no_chat", "no_team"];
  for (const [index, code] of reasons.entries()) {
    const refusal = assert.rejects(room.chat("x"), (error) => error instanceof RequestError && error.code === code);
    socket.deliver(refused(index + 3, index + 1));
    await refusal;
  }
  await assert.rejects(room.chat("x".repeat(5000)), { code: "too_long" });
});

test("chat messages and a drain are emitted", async () => {
  const { room, socket } = await joined();
  /** @type {any[]} */
  const events = [];
  room.on("chat", (message) => events.push(message));
  room.on("draining", (draining) => events.push(draining));
  const { hex: chat } = vectors.control.find((/** @type {any} */ { type, from }) => type === "chat" && from === "server");
  socket.deliver(bytes(chat));
  socket.deliver(bytes("00051e"));
  assert.deepEqual(events, [{ tick: 70_000, player: 1000, name: "Zoë", channel: "room", text: "grüße 😀" }, { seconds: 30 }]);
  assert.equal(room.chats, true);
});

test("the latest news arrive as events, and are not counted among those that are delivered once", async () => {
  const { room, socket } = await joined();
  /** @type {any[]} */
  const events = [];
  room.on("event", (event) => events.push(event));
  socket.deliver(bytes("0008070300" + "0500"));
  socket.deliver(bytes("0001080300" + "0600"));
  assert.deepEqual(events, [{ type: "kill", by: 5, whom: "", tick: 7 }, { type: "kill", by: 6, whom: "", tick: 8 }]);
});

test("large messages arrive in fragments, an event beside a chat message, and never mix two connections", async () => {
  const { room, socket, clock } = await joined();
  /** @type {any[]} */
  const events = [];
  room.on("event", (event) => events.push(event.whom));
  room.on("chat", ({ text }) => events.push(text));
  const whom = "x".repeat(3000);
  const text = [251, 0xb8, 0x0b, ...Buffer.from(whom)];
  const length = text.length + 2;
  const event = fragments(Uint8Array.of(0, 1, 9, 251, length & 255, length >> 8, 0, 7, ...text), 0);
  const chat = fragments(Uint8Array.of(0, 4, 9, 5, 0, 0, ...text), 1);
  event.slice(0, 2).forEach((fragment) => socket.deliver(fragment));
  socket.deliver(chat[0]);
  assert.equal(events.length, 0);
  socket.end(1006, "");
  clock.pass(200);
  const again = FakeSocket.last;
  assert.notEqual(again, socket);
  again.open();
  again.deliver(writeWelcome({ session: "other" }));
  await settle();
  for (const index of event.keys()) {
    again.deliver(chat[index]);
    again.deliver(event[index]);
  }
  assert.deepEqual(events, [whom, whom]);
  again.deliver(event[1]);
  assert.equal(again.closedWith?.[0], 4001, "a fragment of nothing");
  room.leave();
});
