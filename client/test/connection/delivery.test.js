/** Tests of what is delivered over a lost connection: events, replies and commands, once and in order. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { joined } from "../support/joined.js";
import { seeded } from "../support/random.js";

/** @typedef {Awaited<ReturnType<typeof joined>>} Joined */

/** The command's bytes as the server sees them. @param {string} dish */
const order = (dish) => `${(dish.length + 2).toString(16).padStart(2, "0")}00${dish.length.toString(16).padStart(2, "0")}`
  + Buffer.from(dish).toString("hex");

/** Collects the events of the game. @param {Joined} client */
function eventsOf({ room }) {
  /** @type {number[]} */
  const events = [];
  room.on("event", ({ by }) => events.push(by));
  return events;
}

test("a command whose reply was lost with its connection gets it on the next, and is executed once", async () => {
  const client = await joined();
  const { server, room, pass } = client;
  await pass(200);
  const reply = room.command({ type: "order", dish: "soup" });
  const silent = room.send({ type: "order", dish: "stew" });
  // The server has received both; its answers get lost.
  server.socket.cut();
  await pass(3000);
  assert.ok(silent);
  assert.deepEqual(await reply, { minutes: 1 });
  assert.deepEqual(server.delivery.executed, [order("soup"), order("stew")]);
  assert.equal(room.stats.resumes, 1);
});

test("commands that never reached the server, or were sent while there was no connection, are executed in order", async () => {
  const { server, room, pass } = await joined();
  await pass(200);
  server.socket.dead = true;
  const replies = ["a", "b"].map((dish) => room.command({ type: "order", dish }));
  server.answer = "down";
  server.socket.cut();
  replies.push(room.command({ type: "order", dish: "c" }));
  await pass(2000);
  assert.deepEqual(server.delivery.executed, []);
  server.answer = "yes";
  await pass(6000);
  assert.deepEqual(await Promise.all(replies), [1, 2, 3].map((minutes) => ({ minutes })));
  assert.deepEqual(server.delivery.executed, ["a", "b", "c"].map(order));
});

test("events come again that may have been lost, and those that had arrived are dropped", async () => {
  const client = await joined();
  const { server, pass } = client;
  const events = eventsOf(client);
  await pass(200);
  for (let by = 1; by <= 30; by++) {
    server.delivery.emit(by);
    await pass(20);
    if (by % 5 === 0) {
      server.socket.cut();
      await pass(400);
    }
  }
  await pass(1000);
  assert.deepEqual(events, Array.from({ length: 30 }, (_, index) => index + 1));
  assert.deepEqual(client.names().filter((name) => name === "lost"), []);
});

test("a client that was away for too long is told how many messages it has lost", async () => {
  const client = await joined();
  const { server, room, pass } = client;
  const events = eventsOf(client);
  const reply = assert.rejects(room.command({ type: "order", dish: "" }, { timeout: 6000 }), { code: "timeout" });
  server.socket.cut();
  await pass(10);
  [1, 2, 3].forEach((by) => server.delivery.emit(by));
  server.delivery.step();
  server.delivery.overflow();
  server.delivery.emit(4);
  await pass(3000);
  assert.deepEqual(client.events.slice(1).map(([name, event]) => [name, event.count]), [["resumed", undefined], ["lost", 4]]);
  assert.deepEqual(events, [4]);
  await pass(4000);
  await reply;
});

test("in another epoch the marks go down, the mirror starts over, and what the room does not know is sent again", async () => {
  const client = await joined();
  const { clock, server, room, pass } = client;
  const events = eventsOf(client);
  await pass(3000);
  const done = room.command({ type: "order", dish: "done" });
  await pass(200);
  await done;
  room.send({ type: "order", dish: "gone" });
  await pass(200);
  [1, 2, 3].forEach((by) => server.delivery.emit(by));
  await pass(300);
  assert.deepEqual([events, server.delivery.next, server.delivery.accepted], [[1, 2, 3], 5, 2]);
  const { tick } = room;
  const { keyframes } = room.stats;
  const inputs = server.inputs.length;
  const undone = room.command({ type: "order", dish: "undone" });
  server.socket.cut();
  const unsent = room.command({ type: "order", dish: "unsent" });
  // The server has come back as it was a second before: without two commands, and with the events to be sent. The client keeps
  // one of the commands, which the server has not confirmed; the other one it had, and that is undone.
  const { delivery } = server;
  delivery.restore({ accepted: 1, next: 2 });
  server.rewind(30);
  server.inputs.splice(inputs - 30);
  [2, 3].forEach((by) => delivery.emit(by));
  await pass(100);
  while (room.stats.keyframes === keyframes) clock.pass(5);
  assert.ok(room.tick < tick, `tick ${room.tick}, and ${tick} before`);
  await pass(3000);
  assert.deepEqual(await Promise.all([undone, unsent]), [{ minutes: 2 }, { minutes: 3 }]);
  assert.deepEqual(delivery.executed, ["done", "undone", "unsent"].map(order));
  assert.deepEqual(events, [1, 2, 3, 2, 3]);
  assert.deepEqual([room.stats.mismatches, room.stats.resumes, client.names().includes("lost")], [0, 1, false]);
  // The inputs count on from those that the room has, for its ticks.
  assert.deepEqual(server.inputs, server.inputs.map((_, index) => index + 1));
  assert.ok(server.inputs.length > inputs + 30, String(server.inputs.length));
  assert.ok(room.tick >= server.tick - 2 && Math.abs(room.inputs.newest.tick - server.tick) < 8);
  const { tick: shown } = room.view(clock.now());
  assert.ok(shown > server.tick - 15 && shown <= server.tick, `shown: ${shown} of ${server.tick}`);
});

test("in another epoch no snapshot continues from the mirror, nor the view from what it has shown", async () => {
  const { server, room, pass } = await joined();
  await pass(1000);
  const { tick } = room;
  server.delivery.restore({ accepted: 0, next: 1 });
  server.rewind(-90);
  let resumes = 0;
  room.on("resumed", () => resumes++ === 0 && server.socket.cut());
  server.socket.cut();
  const shown = new Promise((resolve) => room.on("snapshot", ({ tick }) => resolve([tick, room.view().tick])));
  await pass(1000);
  // The connection broke again before the keyframe had come.
  const queries = server.sockets.map(({ url }) => new URL(url).searchParams.get("tick"));
  assert.deepEqual(queries, [null, String(tick), null]);
  const [keyframe, first] = await shown;
  assert.ok(keyframe > tick + 90 && first >= keyframe, `${keyframe} is shown as ${first}`);
  assert.deepEqual([room.stats.resumes, room.stats.mismatches], [2, 0]);
});

/**
 * A client and a server that talk in both directions while the connection breaks again and again.
 *
 * @param {number} seed
 * @param {number} losses
 */
async function talk(seed, losses) {
  const below = seeded(seed * 104_729);
  const client = await joined({ seed, resumeSeconds: 600 });
  const { server, room, clock, pass } = client;
  const { delivery } = server;
  const events = eventsOf(client);
  /** @type {string[]} */
  const said = [];
  room.on("chat", ({ text }) => said.push(text));
  const sent = /** @type {string[]} */ ([]);
  const replies = /** @type {number[]} */ ([]);
  const replied = /** @type {number[]} */ ([]);
  let emitted = 0;
  const act = [
    () => delivery.emit(++emitted, below(10) === 0 ? "x".repeat(1500 + below(2000)) : ""),
    () => delivery.say("y".repeat(below(3) === 0 ? 2500 : 5)),
    () => {
      const dish = `${sent.length}`;
      if (room.send({ type: "order", dish })) sent.push(dish);
    },
    () => {
      const dish = `${sent.length}`;
      // The number of the command is the server's reply.
      const number = sent.push(dish);
      replies.push(number);
      void room.command({ type: "order", dish }, { timeout: 1e9 }).then(({ minutes }) => {
        assert.equal(minutes, number);
        replied.push(number);
      });
    },
  ];
  for (let loss = 0; loss < losses; loss++) {
    for (let steps = 1 + below(12); steps > 0; steps--) {
      for (let acts = below(4); acts > 0; acts--) act[below(act.length)]();
      await pass(below(60));
    }
    const { socket } = server;
    // Some break in silence; some break again before the client is back.
    if (below(4) === 0) socket.dead = true;
    await pass(below(40));
    socket.cut();
    await pass(below(4) === 0 ? below(80) : 300);
  }
  await pass(5000);
  while (delivery.executed.length < sent.length) clock.pass(1000);
  await pass(2000);
  return { client, events, emitted, sent, replies, replied, said };
}

for (let seed = 1; seed <= 5; seed++) {
  test(`over 200 losses all is delivered once and in order, seed ${seed}`, async () => {
    const { client, events, emitted, sent, replies, replied, said } = await talk(seed, 200);
    const { server, room, names } = client;
    assert.ok(emitted > 100 && sent.length > 300 && said.length > 50);
    assert.deepEqual(events, Array.from({ length: emitted }, (_, index) => index + 1));
    assert.deepEqual(server.delivery.executed, sent.map(order));
    assert.deepEqual(replied, replies);
    assert.ok(room.stats.resumes > 100 && server.delivery.refusals > 0, `${room.stats.resumes} resumes`);
    assert.deepEqual(new Set(names()), new Set(["reconnecting", "resumed"]));
    assert.equal(room.stats.mismatches, 0);
  });
}
