/** Tests of events, commands and chat of a joined room, with a fake WebSocket and a fake clock. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RequestError, join } from "../../src/drumline.js";
import { encodeU32 } from "../../src/wire/bincode.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeLobby, settle } from "../support/fake-lobby.js";
import { FakeSocket } from "../support/fake-socket.js";
import { bytes, hex, vectors } from "../support/vectors.js";

/** Returns true for a command or a chat message. */
const isRequest = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] >= 3;

async function joined() {
  const clock = new FakeClock();
  const WebSocket = /** @type {any} */ (FakeSocket);
  const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch: new FakeLobby().fetch });
  await settle();
  const socket = FakeSocket.last;
  socket.open();
  socket.deliver(bytes(vectors.welcome));
  const room = await joining;
  const requests = () => socket.sent.filter(isRequest).map(hex);
  return { room, clock, socket, requests };
}

/** The server's replies: a number of minutes, or the reason for a refusal. */
const minutes = (/** @type {number} */ request, /** @type {number} */ minutes) =>
  Uint8Array.of(0, 3, request, 0, encodeU32(minutes).length, ...encodeU32(minutes));
const refused = (/** @type {number} */ request, /** @type {number} */ reason) => Uint8Array.of(0, 3, request, 1, reason);
const done = (/** @type {number} */ request) => Uint8Array.of(0, 3, request, 0, 0);

test("each command gets its own reply", async () => {
  const { room, socket, requests } = await joined();
  const soup = room.command({ type: "order", dish: "soup" });
  const stew = room.command({ type: "order", dish: "stew" });
  assert.deepEqual(requests(), ["00030106" + "0004736f7570", "00030206" + "000473746577"]);
  socket.deliver(minutes(2, 300));
  socket.deliver(minutes(1, 7));
  assert.deepEqual(await Promise.all([soup, stew]), [{ minutes: 7 }, { minutes: 300 }]);
  socket.deliver(minutes(1, 7));
  assert.equal(socket.closedWith, undefined, "an answer that nobody waits for says nothing");
});

test("a command for which no reply is wanted has request number 0", async () => {
  const { room, requests } = await joined();
  assert.equal(room.send({ type: "order", dish: "" }), true);
  assert.deepEqual(requests(), ["000300020000"]);
});

test("a command whose reply is late, or that is refused, is rejected", async () => {
  const { room, clock, socket } = await joined();
  const order = () => room.command({ type: "order", dish: "soup" }, { timeout: 500 });
  const late = assert.rejects(order(), { name: "RequestError", code: "timeout" });
  clock.pass(500);
  await late;
  const refusal = assert.rejects(order(), { code: "too_many" });
  socket.deliver(refused(2, 0));
  await refusal;
  await assert.rejects(room.command({ type: "ordre" }), TypeError);
  await assert.rejects(room.command({ type: "order", dish: "x".repeat(5000) }), { code: "too_large" });
  assert.throws(() => room.send({ type: "order", dish: 1 }), TypeError);
});

test("the number of waiting commands is limited", async () => {
  const { room, socket, requests } = await joined();
  const waiting = Array.from({ length: 32 }, () => room.command({ type: "order", dish: "" }));
  await assert.rejects(room.command({ type: "order", dish: "" }), { code: "too_many" });
  assert.equal(requests().length, 32);
  waiting.forEach((_, index) => socket.deliver(minutes(index + 1, index)));
  assert.deepEqual((await Promise.all(waiting)).map(({ minutes }) => minutes), waiting.map((_, index) => index));
});

test("a lost connection rejects its waiting commands", async () => {
  const { room, socket, clock } = await joined();
  const lost = assert.rejects(room.command({ type: "order", dish: "" }), { code: "lost" });
  socket.end(1006, "");
  await lost;
  await assert.rejects(room.command({ type: "order", dish: "" }), { code: "not_connected" });
  assert.equal(room.send({ type: "order", dish: "" }), false);
  room.leave();
  assert.equal(clock.waiting, 0);
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
  assert.deepEqual(requests(), ["00040100026869", "000402010470737374"]);
  socket.deliver(done(1));
  socket.deliver(done(2));
  assert.deepEqual(await Promise.all(chats), [undefined, undefined]);
  const reasons = ["too_many", "too_fast", "too_long", "bad_text", "not_allowed", "no_chat", "no_team"];
  for (const [reason, code] of reasons.entries()) {
    const refusal = assert.rejects(room.chat("x"), (error) => error instanceof RequestError && error.code === code);
    socket.deliver(refused(reason + 3, reason));
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

test("a large event arrives in fragments, which never mix two connections", async () => {
  const { room, socket, clock } = await joined();
  /** @type {any[]} */
  const events = [];
  room.on("event", (event) => events.push(event));
  const whom = "x".repeat(3000);
  const body = [0, 7, ...[251, 0xb8, 0x0b], ...Buffer.from(whom)];
  const message = Uint8Array.from([0, 1, 9, ...[251, body.length & 255, body.length >> 8], ...body]);
  const first = Uint8Array.of(7, (message.length & 127) | 128, message.length >> 7, ...message.subarray(0, 1024));
  const rest = [1024, 2048].map((at) => Uint8Array.of(3, ...message.subarray(at, at + 1024)));
  socket.deliver(first);
  socket.deliver(rest[0]);
  assert.equal(events.length, 0);
  socket.end(1006, "");
  clock.pass(200);
  const again = FakeSocket.last;
  assert.notEqual(again, socket);
  again.open();
  again.deliver(bytes(vectors.welcome));
  await settle();
  [first, ...rest].forEach((fragment) => again.deliver(fragment));
  assert.deepEqual(events, [{ type: "kill", by: 7, whom, tick: 9 }]);
  again.deliver(rest[0]);
  assert.equal(again.closedWith?.[0], 4001, "a fragment of nothing");
  room.leave();
});
