/** Simulations of a session whose connection breaks at any time and in every way. */

/** @import { SeatServer } from "../support/seat.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer } from "../support/fake-lobby.js";
import { joined } from "../support/joined.js";
import { seeded } from "../support/random.js";
import { LATENCY_MS } from "../support/seat.js";

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
