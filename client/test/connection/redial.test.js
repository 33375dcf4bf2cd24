/**
 * Tests of the attempts to reconnect: when they are made, for how long, and when they end.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Outcome } from "../../src/connection/dial.js" */

import { JoinError } from "../../src/base/errors.js";
import { Redial, waitMs } from "../../src/connection/redial.js";
import { FakeClock } from "../support/fake-clock.js";
import { seeded } from "../support/random.js";

const LIMIT_MS = 30_000;

/** @param {() => number} random */
function search(random) {
  const clock = new FakeClock();
  /** @type {{ at: number, outcome: Outcome, cancelled?: number }[]} */
  const attempts = [];
  /** @type {import("../../src/connection/redial.js").Waiting[]} */
  const waits = [];
  /** @type {string[]} */
  const ends = [];
  const redial = new Redial(
    { clock, random },
    (outcome) => {
      const attempt = { at: clock.now(), outcome, cancelled: undefined };
      attempts.push(attempt);
      return (code) => Object.assign(attempt, { cancelled: code });
    },
    {
      waiting: (waiting) => waits.push(waiting),
      reached: () => ends.push("reached"),
      failed: (error) => ends.push(error.code),
    },
  );
  redial.start(LIMIT_MS);
  return { clock, redial, attempts, waits, ends, newest: () => attempts[attempts.length - 1] };
}

const unreachable = new JoinError("connection_failed", "");

test("a wait is evenly distributed up to a time that doubles", () => {
  const below = seeded(1);
  const random = () => below(2 ** 30) / 2 ** 30;
  for (let attempt = 0; attempt < 40; attempt++) {
    const most = Math.min(5000, 100 * 2 ** attempt);
    const waits = Array.from({ length: 2000 }, () => waitMs(attempt, random));
    assert.ok(waits.every((ms) => ms >= 0 && ms < most));
    const tenths = new Array(10).fill(0);
    waits.forEach((ms) => tenths[Math.floor((ms / most) * 10)]++);
    // 200 are expected; this is seven standard deviations.
    assert.ok(tenths.every((count) => count > 105 && count < 295), `${attempt}: ${tenths}`);
  }
  assert.equal(waitMs(2000, () => 0.5), 2500);
});

test("clients that are lost together do not come back together", () => {
  const firsts = Array.from({ length: 50 }, (_, seed) => {
    const below = seeded(seed);
    return search(() => below(2 ** 30) / 2 ** 30).waits[0].inMs;
  });
  assert.equal(new Set(firsts).size, 50);
});

test("each attempt that fails is followed by a longer wait", () => {
  const { clock, attempts, waits, newest } = search(() => 0.5);
  const expected = [50, 100, 200, 400, 800, 1600, 2500, 2500, 2500];
  let at = clock.now();
  expected.forEach((ms, attempt) => {
    assert.deepEqual(waits[attempt], { attempt, inMs: ms, leftMs: LIMIT_MS - (at - 1000) });
    clock.pass(ms - 1);
    assert.equal(attempts.length, attempt);
    clock.pass(1);
    assert.equal(newest().at, at + ms);
    clock.pass(10);
    newest().outcome.failed(unreachable);
    at = clock.now();
  });
});

test("an attempt that hangs is given up, with a code that does not end the session", () => {
  const { clock, attempts, waits } = search(() => 0.5);
  clock.pass(50 + 4999);
  assert.equal(attempts[0].cancelled, undefined);
  clock.pass(1);
  assert.equal(attempts[0].cancelled, 4003);
  assert.deepEqual(waits.map(({ attempt }) => attempt), [0, 1]);
  clock.pass(100);
  assert.equal(attempts.length, 2);
});

test("when time is up, the client gives up", () => {
  const hanging = search(() => 0.5);
  hanging.clock.pass(LIMIT_MS - 1);
  assert.deepEqual(hanging.ends, []);
  hanging.clock.pass(1);
  assert.deepEqual(hanging.ends, ["expired"]);
  assert.ok(hanging.attempts.every(({ cancelled }) => cancelled === 4003));
  assert.equal(hanging.clock.waiting, 0);

  const { clock, ends, attempts } = search(() => 0.99);
  for (let failed = 0; ends.length === 0; clock.pass(1)) {
    if (attempts.length > failed) {
      attempts[failed++].outcome.failed(unreachable);
    }
  }
  assert.deepEqual(ends, ["expired"]);
  assert.equal(clock.waiting, 0);
  assert.equal(clock.now(), 1000 + LIMIT_MS);
});

test("a lasting refusal ends the attempts, another one does not", () => {
  for (const code of ["unknown_session", "unknown_game", "schema_mismatch", "wrong_origin", "malformed"]) {
    const { clock, ends, newest } = search(() => 0);
    clock.pass(0);
    newest().outcome.failed(new JoinError(code, ""));
    assert.deepEqual(ends, [code]);
    assert.equal(clock.waiting, 0);
  }
  for (const code of ["connection_failed", "closed", "server_full", "busy"]) {
    const { clock, ends, newest, attempts } = search(() => 0);
    clock.pass(0);
    newest().outcome.failed(new JoinError(code, ""));
    clock.pass(0);
    assert.deepEqual([ends, attempts.length], [[], 2]);
  }
});

test("an attempt that is closed for good before its welcome ends the attempts", () => {
  const closed = (/** @type {number} */ code) => new JoinError("closed", "", { close: { code, reason: "", clean: true } });
  for (const code of [1001, 4005, 4006, 4007, 4008]) {
    const { clock, ends, newest } = search(() => 0);
    clock.pass(0);
    newest().outcome.failed(closed(code));
    assert.deepEqual([ends, clock.waiting], [["closed"], 0]);
  }
  for (const code of [1006, 1011, 4002]) {
    const { clock, ends, newest, attempts } = search(() => 0);
    clock.pass(0);
    newest().outcome.failed(closed(code));
    clock.pass(0);
    assert.deepEqual([ends, attempts.length], [[], 2]);
  }
});

test("if the server sends a time after which to retry, the wait is at least as long", () => {
  const { clock, attempts, waits, newest } = search(() => 0.5);
  clock.pass(50);
  newest().outcome.failed(new JoinError("too_many_resumes", "", { status: 503, retryAfter: 2 }));
  assert.equal(waits[1].inMs, 2100);
  clock.pass(2099);
  assert.equal(attempts.length, 1);
  clock.pass(1);
  assert.equal(attempts.length, 2);
});

test("retryNow makes an attempt at once, and replaces one in progress only if asked to", () => {
  const { clock, redial, attempts } = search(() => 0.9);
  redial.retryNow(false);
  assert.equal(attempts.length, 1);
  redial.retryNow(false);
  assert.equal(attempts.length, 1);
  redial.retryNow(true);
  assert.deepEqual(attempts.map(({ cancelled }) => cancelled), [4003, undefined]);
  // The wait before it has ended as well.
  clock.pass(1000);
  assert.equal(attempts.length, 2);
  attempts[1].outcome.failed(unreachable);
  redial.retryNow(false);
  assert.equal(attempts.length, 3);
});

test("after a reconnect the waits start short again only if the connection delivered a message", () => {
  const { clock, redial, waits, attempts, ends, newest } = search(() => 0.5);
  const find = () => newest().outcome.welcomed(/** @type {any} */ ({}), /** @type {any} */ ({}));
  clock.pass(50);
  newest().outcome.failed(unreachable);
  clock.pass(100);
  find();
  assert.deepEqual(ends, ["reached"]);
  assert.deepEqual([clock.waiting, attempts[1].cancelled], [0, undefined]);

  redial.start(LIMIT_MS);
  assert.deepEqual(waits[waits.length - 1], { attempt: 2, inMs: 200, leftMs: LIMIT_MS });
  clock.pass(200);
  find();
  redial.reset();
  redial.start(LIMIT_MS);
  assert.deepEqual(waits[waits.length - 1], { attempt: 0, inMs: 50, leftMs: LIMIT_MS });
});

test("after stop no attempt is made", () => {
  const { clock, redial, attempts, ends } = search(() => 0.5);
  clock.pass(50);
  redial.stop(1000);
  assert.equal(attempts[0].cancelled, 1000);
  assert.equal(clock.waiting, 0);
  assert.deepEqual(ends, []);
});
