/** The pages' list of rooms: when it is asked for, and when not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomPoll } from "../../../games/kit/page/lobby/room-poll.js";
import { settle } from "../support/fake-lobby.js";
import { FakeClock } from "../support/support.js";

/** A watch whose answers are the test's. */
function watching() {
  const clock = new FakeClock();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  /** @type {{ signal: AbortSignal, resolve: (list: string) => void, reject: (error: unknown) => void }[]} */
  const asked = [];
  /** @type {any[]} */
  const told = [];
  const watch = new RoomPoll(
    (signal) => /** @type {Promise<string>} */ (new Promise((resolve, reject) => asked.push({ signal, resolve, reject }))),
    { fetched: (list) => told.push(list), failed: (error) => told.push(error) },
    { document, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout },
  );
  /** @param {string} state */
  const turn = (state) => {
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  return { clock, asked, told, watch, turn };
}

/** How long it is until the list is asked for again. @param {ReturnType<typeof watching>} watched */
async function waitOf({ clock, asked }) {
  await settle();
  const { length } = asked;
  for (let seconds = 0; ; seconds++) {
    if (asked.length > length || seconds > 100) return seconds;
    clock.pass(1000);
  }
}

test("the list is asked for at once, and again some time after each answer", async () => {
  const watched = watching();
  const { clock, asked, told, watch } = watched;
  watch.start();
  watch.start();
  clock.pass(60_000);
  assert.equal(asked.length, 1, "one at a time");
  asked[0].resolve("one");
  assert.equal(await waitOf(watched), 2);
  asked[1].resolve("two");
  assert.equal(await waitOf(watched), 2);
  assert.deepEqual(told, ["one", "two"]);
});

test("a server that fails is asked ever more rarely, and as before once it answers", async () => {
  const watched = watching();
  const { asked, told, watch } = watched;
  watch.start();
  for (const seconds of [4, 8, 16, 32, 60, 60]) {
    asked[asked.length - 1].reject("down");
    assert.equal(await waitOf(watched), seconds);
  }
  asked[asked.length - 1].resolve("up");
  assert.equal(await waitOf(watched), 2);
  assert.equal(told.pop(), "up");
  asked[asked.length - 1].reject({ retryAfter: 45 });
  assert.equal(await waitOf(watched), 45, "as the server bids");
});

test("nobody asks for what nobody sees", async () => {
  const watched = watching();
  const { asked, watch, turn } = watched;
  watch.start();
  asked[0].resolve("one");
  turn("hidden");
  assert.ok((await waitOf(watched)) > 100);
  turn("visible");
  assert.equal(asked.length, 2);
  turn("hidden");
  turn("visible");
  assert.equal(asked.length, 2, "an answer is under way");
});

test("stopped, it asks no more, and what was under way is not told", async () => {
  const { clock, asked, told, watch, turn } = watching();
  watch.start();
  watch.stop();
  assert.ok(asked[0].signal.aborted);
  asked[0].resolve("late");
  await settle();
  turn("visible");
  clock.pass(60_000);
  assert.deepEqual([told, asked.length, clock.waiting], [[], 1, 0]);

  watch.start();
  assert.equal(asked.length, 2);
  asked[1].resolve("again");
  await settle();
  assert.deepEqual(told, ["again"]);
});
