/** Tests of the list of players, with a fake WebSocket. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Kitchen } from "../support/room/kitchen.js";

const STATUSES = ["connected", "away", "left"];

/** @param {[id: number, name: string, status: string, bot?: boolean][]} players */
const list = (complete = false, ...players) =>
  Uint8Array.of(
    ...[0, 6, Number(complete), players.length],
    ...players.flatMap(([id, name, status, bot = false]) => {
      return [id, name.length, ...Buffer.from(name), STATUSES.indexOf(status), Number(bot)];
    }),
  );

test("a room knows its players, which of them is its own, and which are bots", async () => {
  const { room, socket } = await Kitchen.join();
  assert.deepEqual(room.players, []);
  const own = room.player;
  const other = own + 1;
  socket.deliver(list(true, [own, "Ada", "connected"], [other, "Bob", "away"], [other + 1, "Hal", "connected", true]));
  assert.deepEqual(room.players, [
    { id: own, name: "Ada", connected: true, own: true, bot: false },
    { id: other, name: "Bob", connected: false, own: false, bot: false },
    { id: other + 1, name: "Hal", connected: true, own: false, bot: true },
  ]);
});

test("changes are news, and leave what was read before as it was", async () => {
  const { room, socket } = await Kitchen.join();
  /** @type {(readonly { id: number }[])[]} */
  const news = [];
  room.on("players", (players) => news.push(players));
  socket.deliver(list(true, [5, "Eve", "connected"], [7, "Bob", "connected"]));
  const before = room.players;
  socket.deliver(list(false, [7, "Bob", "away"], [2, "Cyd", "connected"], [5, "", "left"]));
  assert.deepEqual(news.map((players) => players.map(({ id }) => id)), [[5, 7], [2, 7]]);
  assert.equal(news[1], room.players);
  assert.deepEqual(before.map(({ connected }) => connected), [true, true]);
  assert.equal(room.players[1].connected, false);
});

test("another connection begins with all players anew", async () => {
  const { room, socket } = await Kitchen.join();
  socket.deliver(list(true, [5, "Eve", "connected"]));
  socket.deliver(list(true, [6, "Fay", "connected"]));
  assert.deepEqual(room.players.map(({ name }) => name), ["Fay"]);
});

test("a list that is not well-formed ends the connection", async () => {
  for (const [status, bot] of [[3, 0], [0, 2]]) {
    const { socket } = await Kitchen.join();
    socket.deliver(Uint8Array.of(0, 6, 1, 1, 3, 1, 65, status, bot));
    assert.equal(socket.closedWith?.[0], 4001);
  }
});
