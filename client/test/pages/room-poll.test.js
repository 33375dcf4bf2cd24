/** Tests of the pages' list of rooms: when it is requested. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomPoll } from "../../../games/kit/page/lobby/room-poll.js";
import { FakeClock } from "../support/fake-clock.js";
import { settle } from "../support/fake-lobby.js";

/** A poll that the test answers. */
function watching() {
  const clock = new FakeClock();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  /** @type {{ signal: AbortSignal, resolve: (list: string) => void, reject: (error: unknown) => void }[]} */
  const requests = [];
  /** @type {any[]} */
  const results = [];
  const watch = new RoomPoll(
    (signal) => /** @type {Promise<string>} */ (new Promise((resolve, reject) => requests.push({ signal, resolve, reject }))),
    { fetched: (list) => results.push(list), failed: (error) => results.push(error) },
    { document, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout },
  );
  /** @param {string} state */
  const turn = (state) => {
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  return { clock, requests, results, watch, turn };
}

/** The time until the next request. @param {ReturnType<typeof watching>} watched */
async function waitOf({ clock, requests }) {
  await settle();
  const { length } = requests;
  for (let seconds = 0; ; seconds++) {
    if (requests.length > length || seconds > 100) return seconds;
    clock.pass(1000);
  }
}

test("the list is requested at once, and again some time after each answer", async () => {
  const watched = watching();
  const { clock, requests, results, watch } = watched;
  watch.start();
  watch.start();
  clock.pass(60_000);
  assert.equal(requests.length, 1, "one at a time");
  requests[0].resolve("one");
  assert.equal(await waitOf(watched), 2);
  requests[1].resolve("two");
  assert.equal(await waitOf(watched), 2);
  assert.deepEqual(results, ["one", "two"]);
});

test("a server that fails is polled ever more rarely, and as before once it answers", async () => {
  const watched = watching();
  const { requests, results, watch } = watched;
  watch.start();
  for (const seconds of [4, 8, 16, 32, 60, 60]) {
    requests[requests.length - 1].reject("down");
    assert.equal(await waitOf(watched), seconds);
  }
  requests[requests.length - 1].resolve("up");
  assert.equal(await waitOf(watched), 2);
  assert.equal(results.pop(), "up");
  requests[requests.length - 1].reject({ retryAfter: 45 });
  assert.equal(await waitOf(watched), 45, "as the server bids");
});

test("a hidden page does not poll", async () => {
  const watched = watching();
  const { requests, watch, turn } = watched;
  watch.start();
  requests[0].resolve("one");
  turn("hidden");
  assert.ok((await waitOf(watched)) > 100);
  turn("visible");
  assert.equal(requests.length, 2);
  turn("hidden");
  turn("visible");
  assert.equal(requests.length, 2, "an answer is under way");
});

test("after stop nothing is requested, and an answer in flight is ignored", async () => {
  const { clock, requests, results, watch, turn } = watching();
  watch.start();
  watch.stop();
  assert.ok(requests[0].signal.aborted);
  requests[0].resolve("late");
  await settle();
  turn("visible");
  clock.pass(60_000);
  assert.deepEqual([results, requests.length, clock.waiting], [[], 1, 0]);

  watch.start();
  assert.equal(requests.length, 2);
  requests[1].resolve("again");
  await settle();
  assert.deepEqual(results, ["again"]);
});
