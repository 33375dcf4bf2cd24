/** Tests that a page's functions are isolated: one that throws, or changes the handlers, keeps nobody from anything. */

/** @import { Spark } from "./support/room/kitchen.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { callHandler } from "../src/base/handlers.js";
import { HandlerError } from "../src/drumline.js";
import { EventHandlers } from "../src/events.js";
import { Kitchen, TICK_MS } from "./support/room/kitchen.js";
import { BOOM, assertUnhandled, collectUnhandled, fail } from "./support/room/unhandled.js";

/** @type {Spark[]} */
const FIVE = [0, 1, 2, 3, 4].map((slot) => [slot, 0, slot]);

test("a handler that throws keeps nobody from five despawns, nor from what comes next", async (context) => {
  const errors = collectUnhandled(context);
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  kitchen.tick(FIVE);
  /** @type {any[]} */
  const seen = [];
  room.on("despawn", fail);
  room.on("despawn", (table, { id }) => seen.push(`${table} ${id}`));
  room.on("spawn", (table, { id }) => seen.push(`new ${table} ${id}`));
  room.on("snapshot", ({ tick }) => seen.push(tick));
  kitchen.tick([[7, 0, 1]]);
  kitchen.tick();
  assert.deepEqual(seen, ["sparks 0", "sparks 1", "sparks 2", "sparks 3", "sparks 4", "new sparks 7", 2, 3]);
  assertUnhandled(errors, new Array(5).fill('fail of "despawn"'));
  assert.ok(errors[0] instanceof HandlerError);
  const before = kitchen.inputs;
  kitchen.clock.pass(10 * TICK_MS + 1);
  assert.ok(kitchen.inputs - before >= 10, "the input clock runs on");
});

test("handlers of the connection are isolated", async (context) => {
  const errors = collectUnhandled(context);
  const { room, socket, clock } = await Kitchen.join();
  /** @type {string[]} */
  const seen = [];
  for (const name of /** @type {const} */ (["reconnecting", "close"])) {
    room.on(name, fail);
    room.on(name, () => seen.push(name));
  }
  socket.end(1006, "");
  assert.deepEqual(seen, ["reconnecting"]);
  room.leave();
  assert.deepEqual(seen, ["reconnecting", "close"]);
  assertUnhandled(errors, ['fail of "reconnecting"', 'fail of "close"']);
  assert.equal(clock.waiting, 0);
});

/** The name of the event does not matter to the next tests. */
const snapshot = { tick: 1, keyframe: false };

test("a handler that renews itself is called once for each event", () => {
  const events = new EventHandlers();
  let calls = 0;
  let remove = events.add("snapshot", function renew() {
    calls++;
    assert.ok(calls < 10, "it is called for ever");
    remove();
    remove = events.add("snapshot", renew);
  });
  for (let count = 1; count <= 3; count++) {
    events.emit("snapshot", snapshot);
    assert.equal(calls, count);
  }
  remove();
  events.emit("snapshot", snapshot);
  assert.equal(calls, 3);
});

test("handlers may be added and removed during an event", () => {
  const events = new EventHandlers();
  /** @type {string[]} */
  const called = [];
  const removers = /** @type {(() => void)[]} */ ([]);
  events.add("snapshot", () => {
    called.push("first");
    removers.forEach((remove) => remove());
    events.add("snapshot", () => called.push("added"), true);
  }, true);
  removers.push(events.add("snapshot", () => called.push("removed")));
  events.add("snapshot", () => called.push("last"));
  events.emit("snapshot", snapshot);
  assert.deepEqual(called.splice(0), ["first", "last"]);
  events.emit("snapshot", snapshot);
  assert.deepEqual(called.splice(0), ["last", "added"]);
  events.emit("snapshot", snapshot);
  assert.deepEqual(called, ["last"]);
});

test("a function that is added twice is called twice, and removed one by one", () => {
  const events = new EventHandlers();
  let calls = 0;
  const count = () => calls++;
  const remove = events.add("snapshot", count);
  events.add("snapshot", count);
  events.emit("snapshot", snapshot);
  remove();
  remove();
  events.emit("snapshot", snapshot);
  assert.equal(calls, 3);
});

test("a handler of the next event is called once, even if it throws or causes another event", async (context) => {
  const errors = collectUnhandled(context);
  const kitchen = await Kitchen.join();
  const { room } = kitchen;
  /** @type {number[]} */
  const ticks = [];
  room.once("snapshot", fail);
  room.once("snapshot", ({ tick }) => ticks.push(tick));
  const remove = room.once("snapshot", () => ticks.push(NaN));
  remove();
  kitchen.tick();
  kitchen.tick();
  assert.deepEqual(ticks, [1]);
  assertUnhandled(errors, ['fail of "snapshot"']);
});

test("a handler that is no function is refused where it is added", async () => {
  const { room } = await Kitchen.join();
  const none = /** @type {any} */ (undefined);
  assert.throws(() => room.on("spawn", none), /the handler of "spawn" must be a function, not undefined/);
  const rules = { table: "sparks", entity: () => true, fields: ["x"], apply: none };
  assert.throws(() => room.predict(rules), /apply must be a function, not undefined/);
});

test("an error names the function, or says that it has no name", (context) => {
  const errors = collectUnhandled(context);
  const self = { value: 5 };
  callHandler('"chat"', () => { throw BOOM; }, []);
  // A page may throw anything.
  callHandler('"chat"', function odd() { throw null; }, []);
  /** @this {any} @param {number} more */
  function add(more) {
    return this.value + more;
  }
  const result = callHandler('"chat"', add, [2], self);
  assert.equal(result, 7);
  assert.deepEqual(errors.map(({ message }) => message), [
    'an unnamed function of "chat" threw: boom',
    'the function odd of "chat" threw: null',
  ]);
});

test("where there is no reportError, an error is thrown from a microtask", (context) => {
  const { mock } = context.mock.method(globalThis, "queueMicrotask", () => {});
  callHandler('"chat"', fail, []);
  assert.equal(mock.callCount(), 1);
  const [thrower] = mock.calls[0].arguments;
  assert.ok(thrower);
  assert.throws(thrower, { name: "HandlerError", message: 'the function fail of "chat" threw: boom', cause: BOOM });
});
