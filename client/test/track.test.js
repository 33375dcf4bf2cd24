/** Tests of `room.track`: the lives of entities on the view's time line. */

/** @import { Entity, Room } from "../src/drumline.js" */
/** @import { Spark } from "./support/room/kitchen.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tracks } from "../src/view/tracks.js";
import { joined } from "./support/joined.js";
import { seeded } from "./support/random.js";
import { Kitchen, TICK_MS } from "./support/room/kitchen.js";
import { assertUnhandled, collectUnhandled, fail } from "./support/room/unhandled.js";

/**
 * Tracks a table as a page does that keeps an object for each entity.
 *
 * @param {Room} room
 * @param {string} [table]
 */
function follow(room, table = "sparks") {
  /** @type {Map<number, Entity>} */
  const shown = new Map();
  /** @type {[string, number][]} */
  const news = [];
  const stop = room.track(table, {
    add: (entity) => {
      assert.ok(!shown.has(entity.id), `${entity.id} is added again`);
      shown.set(entity.id, entity);
      news.push(["add", entity.id]);
    },
    update: (entity, previous) => {
      assert.equal(shown.get(entity.id), previous);
      shown.set(entity.id, entity);
      news.push(["update", entity.id]);
    },
    remove: (entity) => {
      assert.equal(shown.get(entity.id), entity, "it has its last state");
      shown.delete(entity.id);
      news.push(["remove", entity.id]);
    },
  });
  return { shown, news, stop };
}

/** @param {Map<number, Entity>} shown @param {Entity[]} table */
function assertShown(shown, table) {
  const sorted = [...shown.values()].sort((a, b) => a.id % 65_536 - (b.id % 65_536));
  assert.deepEqual(sorted, table);
}

test("a page that registers 500 ms late misses nothing", async () => {
  const random = seeded(5);
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  const early = follow(room);
  /** @type {ReturnType<typeof follow> | undefined} */
  let late;
  let generation = 0;
  for (let tick = 0; tick < 60; tick++) {
    const kept = kitchen.sparks.filter(() => random(8) > 0);
    const free = [0, 1, 2, 3, 4, 5, 6, 7].filter((slot) => kept.every(([taken]) => taken !== slot) && random(5) === 0);
    const moved = kept.map(([slot, generation, x]) => /** @type {Spark} */ ([slot, generation, (x + random(3)) % 100]));
    const fresh = free.map((slot) => /** @type {Spark} */ ([slot, ++generation, 0]));
    kitchen.tick([...moved, ...fresh].sort(([a], [b]) => a - b));
    if (tick === Math.ceil(500 / TICK_MS)) {
      late = follow(room);
      assert.ok(late.news.length > 2 && late.news.every(([name]) => name === "add"), "what is there is replayed");
      assert.deepEqual(late.shown, early.shown);
      late.news.length = early.news.length = 0;
    }
    const { tables } = room.view();
    assertShown(early.shown, tables.sparks);
    if (late) assertShown(late.shown, tables.sparks);
  }
  assert.ok(new Set(early.news.map(([name]) => name)).size === 3);
  assert.deepEqual(late?.news, early.news);
});

test("a life begins and ends when it does in the view, and the events run ahead", async () => {
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  kitchen.play(10);
  /** @type {[string, number][]} */
  const events = [];
  room.on("spawn", (_, { id }) => events.push(["add", id]));
  room.on("despawn", (_, { id }) => events.push(["remove", id]));
  const { news } = follow(room);
  kitchen.tick([[3, 0, 40]]);
  assert.deepEqual(events, [["add", 3]]);
  room.view();
  assert.deepEqual(news, []);
  kitchen.play(3);
  assert.deepEqual(news, [["add", 3]]);
  // The slot is used again at once: that is another entity.
  kitchen.tick([[3, 1, 40]]);
  assert.equal(events.length, 3);
  room.view();
  assert.equal(news.length, 1);
  kitchen.play(3);
  assert.deepEqual(news, [["add", 3], ["remove", 3], ["add", 65_536 + 3]]);
});

test("an entity is updated in each frame that shows it in another state, and in no other", async () => {
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  kitchen.sparks = [[1, 0, 10], [2, 0, 20]];
  kitchen.play(10);
  const { news } = follow(room);
  news.length = 0;
  kitchen.play(5);
  assert.deepEqual(news, [], "both are at rest");
  kitchen.sparks = [[1, 0, 50], [2, 0, 20]];
  kitchen.tick();
  kitchen.clock.hold(TICK_MS / 4);
  /** @type {number[]} */
  const values = [];
  for (let frame = 0; frame < 20; frame++) {
    kitchen.clock.hold(TICK_MS / 4);
    values.push(room.view().tables.sparks[0].x);
  }
  const changes = values.filter((x, index) => index > 0 && x !== values[index - 1]).length;
  assert.ok(changes > 2, String(values));
  assert.deepEqual(news, new Array(changes).fill(["update", 1]));
});

test("keyframes and another time line leave an entity what it is", async () => {
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  kitchen.sparks = [[1, 0, 10]];
  kitchen.play(10);
  const { news } = follow(room);
  kitchen.tick(undefined, 11);
  kitchen.play(5);
  kitchen.tick(undefined, 2);
  kitchen.play(10);
  assert.deepEqual([room.stats.keyframes, room.stats.mismatches], [3, 0]);
  assert.deepEqual(news, [["add", 1]]);
});

test("a lost connection leaves everything as it is, and after the resume the view goes on", async () => {
  const { server, room, pass } = await joined();
  await pass(500);
  room.view();
  const { shown, news } = follow(room);
  const draw = async (/** @type {number} */ frames) => {
    for (let frame = 0; frame < frames; frame++) {
      await pass(20);
      assertShown(shown, room.view().tables.sparks);
    }
  };
  for (let resumes = 1; resumes <= 5; resumes++) {
    await draw(20);
    server.answer = "down";
    server.socket.cut();
    await draw(20);
    news.length = 0;
    await draw(20);
    assert.deepEqual(news, []);
    server.answer = "yes";
    while (room.stats.resumes < resumes) await draw(1);
  }
  await draw(20);
  assert.ok(news.length > 0);
});

test("a predicted entity lives as it is shown, and is the same when its prediction begins late", async () => {
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  kitchen.sparks = [[1, 0, 10], [2, 0, 20]];
  kitchen.play(15);
  const { shown, news } = follow(room);
  room.predict({ table: "sparks", entity: ({ id }) => id === 2, fields: ["x"], apply: (spark) => (spark.x += 0.01) });
  room.view();
  const before = shown.get(2)?.x;
  kitchen.play(1);
  assert.ok(shown.get(2)?.x > before, "it moves as predicted");
  const names = new Set(news.map(([name, id]) => `${name} ${id}`));
  assert.deepEqual([...names], ["add 1", "add 2", "update 2"]);
  // The newest snapshot ends it at once.
  kitchen.tick([[1, 0, 10]]);
  room.view();
  assert.deepEqual(news.at(-1), ["remove", 2]);
});

test("a single is added once, with its first real state, and never removed", async () => {
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  /** @type {any[]} */
  const news = [];
  const handlers = {
    add: (/** @type {any} */ { wind }) => news.push(["add", wind]),
    update: (/** @type {any} */ { wind }, /** @type {any} */ previous) => news.push(["update", wind, previous.wind]),
    remove: () => assert.fail(),
  };
  room.track("weather", handlers);
  room.view();
  assert.deepEqual(news.splice(0), [["add", 0]], "a joined room has a snapshot");
  kitchen.wind = 7;
  kitchen.play(5);
  kitchen.wind = 9;
  kitchen.play(5);
  assert.deepEqual(news.splice(0), [["update", 7, 0], ["update", 9, 7]]);
  room.track("weather", handlers);
  assert.deepEqual(news, [["add", 9]]);
});

test("a handler that throws keeps nobody from anything, and is not called for it again", async (context) => {
  const errors = collectUnhandled(context);
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  kitchen.sparks = [[1, 0, 10], [2, 0, 20]];
  room.track("sparks", { add: fail, remove: fail });
  const { news } = follow(room);
  kitchen.play(5);
  assert.deepEqual(news, [["add", 1], ["add", 2]]);
  assertUnhandled(errors.splice(0), new Array(2).fill('fail of track("sparks")'));
  kitchen.sparks = [];
  kitchen.play(5);
  assert.deepEqual(news.slice(2), [["remove", 1], ["remove", 2]]);
  assert.equal(errors.length, 2);
});

test("a table's tracking may be stopped and begun by its handlers, which may ask for the view", async () => {
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  /** @type {string[]} */
  const news = [];
  const stop = room.track("sparks", {
    add: ({ id }) => {
      news.push(`first ${id}`);
      stop();
      room.view(kitchen.clock.now() + TICK_MS);
      room.track("sparks", { add: ({ id }) => news.push(`nested ${id}`) });
    },
    remove: () => assert.fail(),
  });
  room.track("sparks", {
    add: ({ id }) => news.push(`second ${id}`),
    remove: ({ id }) => news.push(`second without ${id}`),
  });
  kitchen.sparks = [[1, 0, 10], [2, 0, 20]];
  kitchen.play(5);
  assert.deepEqual(news.splice(0), ["first 1", "nested 1", "nested 2", "second 1", "second 2"]);
  kitchen.sparks = [[1, 0, 10]];
  kitchen.play(5);
  assert.deepEqual(news, ["second without 2"]);
});

test("a table or handler that does not exist is refused", async () => {
  const { room } = await Kitchen.join();
  assert.throws(() => room.track("spraks", {}), { name: "TypeError", message: /no table spraks, only things, .*sparks/ });
  const misspelt = /** @type {any} */ ({ added: () => {} });
  assert.throws(() => room.track("sparks", misspelt), { name: "TypeError", message: /by add, update, remove, not added/ });
  const none = /** @type {any} */ ({ add: 5 });
  assert.throws(() => room.track("sparks", none), { name: "TypeError", message: /add must be a function, not number/ });
});

test("a change anywhere in a value is an update", () => {
  const tracks = new Tracks(["hands"]);
  let updates = 0;
  tracks.add("hands", { update: () => updates++ });
  const hand = { id: 1, cards: [{ suit: "Hearts", rank: 3 }], played: null, turn: { type: "Waits", seconds: 4 } };
  const show = (/** @type {object} */ change) => {
    tracks.show({ hands: [structuredClone({ ...hand, ...change })] });
    return updates;
  };
  assert.deepEqual([show({}), show({}), show({ note: undefined }), show({ other: undefined })], [0, 0, 1, 2]);
  assert.deepEqual([show({ played: { rank: 3 } }), show({})], [3, 4]);
  assert.deepEqual([show({ cards: [] }), show({ cards: [{ suit: "Hearts", rank: 4 }] }), show({})], [5, 6, 7]);
  assert.deepEqual([show({ turn: { type: "Over" } }), show({ turn: { type: "Over" } })], [8, 8]);
});
