/**
 * Tests of the simulated network: its profiles, its links, and a socket over it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Link, lifetimeMs } from "../../src/network/link.js";
import { parseNetwork } from "../../src/network/profile.js";
import { shapedWebSocket } from "../../src/network/shaped-socket.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeSocket } from "../support/fake-socket.js";
import { seeded } from "../support/random.js";

test("a profile is parsed", () => {
  assert.deepEqual(parseNetwork("delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s"), {
    delayMs: 60,
    jitterMs: 20,
    stallShare: 0.01,
    stallMs: 300,
    bitsPerS: 256_000,
    cutsPerS: 0.1,
  });
  const perfect = { delayMs: 0, jitterMs: 0, stallShare: 0, stallMs: 0, bitsPerS: 0, cutsPerS: 0 };
  assert.deepEqual(parseNetwork(""), perfect);
  assert.deepEqual(parseNetwork(" delay=1.5ms "), { ...perfect, delayMs: 1.5 });
});

test("an invalid profile is an error that shows the valid form", () => {
  const bad = /** @type {const} */ ([
    ["dleay=60ms", "unknown_part", /delay=60ms, jitter=20ms, stall=1%:300ms/],
    ["delay=60", "bad_value", /delay=60; an example is delay=60ms/],
    ["delay=-5ms", "bad_value", /example is delay/],
    ["delay=1.2.3ms", "bad_value", /example is delay/],
    ["stall=1%", "bad_value", /example is stall=1%:300ms/],
    ["stall=100%:10ms", "bad_value", /less than 100 %/],
    ["stall=1%:0ms", "bad_value", /example is stall/],
    ["bandwidth=0kbit", "bad_value", /example is bandwidth=256kbit/],
    ["drop=0.1/s", "bad_value", /example is drop=conn:0.1\/s/],
    ["delay=1ms,delay=2ms", "repeated_part", /delay/],
  ]);
  for (const [text, code, message] of bad) {
    assert.throws(() => parseNetwork(text), { name: "NetworkError", code, message });
  }
});

/**
 * The times of arrival of messages of 100 bytes that are sent every 10 ms.
 *
 * @param {string} profile
 * @param {number} seed
 * @param {number} count
 */
function arrivals(profile, seed, count) {
  const link = new Link(parseNetwork(profile), seed, 0);
  return Array.from({ length: count }, (_, index) => link.send(index * 10, 100));
}

test("the same seed gives the same times of arrival, in the order of sending", () => {
  const profile = "delay=60ms,jitter=20ms,stall=5%:100ms,bandwidth=256kbit";
  const times = arrivals(profile, 7, 1000);
  assert.deepEqual(times, arrivals(profile, 7, 1000));
  assert.notDeepEqual(times, arrivals(profile, 8, 1000));
  times.forEach((time, index) => assert.ok(time >= (times[index - 1] ?? 0) && time >= index * 10 + 40));
});

test("delays are within the profile's jitter, and evenly spread", () => {
  // So far apart that none waits for another.
  const link = new Link(parseNetwork("delay=60ms,jitter=20ms"), 1, 0);
  const delays = Array.from({ length: 4000 }, (_, index) => link.send(index * 100, 1) - index * 100);
  assert.ok(delays.every((delay) => delay >= 40 && delay <= 80));
  const below = (/** @type {number} */ limit) => delays.filter((delay) => delay < limit).length / delays.length;
  assert.ok(Math.abs(below(50) - 0.25) < 0.03 && Math.abs(below(70) - 0.75) < 0.03);
  assert.deepEqual(arrivals("delay=5ms", 1, 3), [5, 15, 25]);
  assert.ok(arrivals("delay=5ms,jitter=50ms", 1, 1000).every((time, index) => time >= index * 10));
});

test("messages leave one after another through a narrow link", () => {
  // 100 bytes take 8 ms at 100 kbit, 16 at 50.
  assert.deepEqual(arrivals("delay=5ms,bandwidth=100kbit", 1, 3), [13, 23, 33]);
  assert.deepEqual(arrivals("delay=5ms,bandwidth=50kbit", 1, 3), [21, 37, 53]);
});

test("stalls take their share of the time, and nothing arrives in them", () => {
  const link = new Link(parseNetwork("stall=5%:300ms"), 3, 0);
  let stalled = 0;
  let last = -1;
  const waits = [];
  for (let now = 0; now < 2_000_000; now += 10) {
    const wait = link.send(now, 1) - now;
    stalled += Number(wait > 0);
    if (wait > 0 && last === 0) {
      waits.push(wait);
    }
    last = wait;
  }
  assert.ok(Math.abs(stalled / 200_000 - 0.05) < 0.01, String(stalled));
  // The first that meets a stall waits for nearly all of it.
  assert.ok(waits.length > 200 && waits.every((wait) => wait > 289 && wait <= 300));
});

test("connections break as often as the profile says, on average", () => {
  const random = seeded(1);
  const profile = parseNetwork("drop=conn:0.5/s");
  const lives = Array.from({ length: 2000 }, () => lifetimeMs(profile, random(2 ** 31)));
  const mean = lives.reduce((sum, life) => sum + life, 0) / lives.length;
  assert.ok(Math.abs(mean - 2000) < 150, String(mean));
  assert.equal(lifetimeMs(parseNetwork("delay=1ms"), 1), Infinity);
});

/** @param {string} text */
function connect(text, seed = 1) {
  const clock = new FakeClock();
  const Shaped = shapedWebSocket(/** @type {any} */ (FakeSocket), parseNetwork(text), { seed, clock });
  const socket = new Shaped("wss://example.test/", "drumline.1");
  socket.binaryType = "arraybuffer";
  /** @type {any[]} */
  const events = [];
  for (const type of ["open", "message", "error", "close"]) {
    socket.addEventListener(type, (event) => events.push([type, clock.now() - 1000, event]));
  }
  const types = () => events.map(([type, at]) => `${type} ${Math.round(at)}`);
  return { clock, Shaped, socket, events, types };
}

test("a socket opens after a round trip, and carries messages in order in both directions", () => {
  const { clock, socket, events, types } = connect("delay=50ms");
  assert.throws(() => socket.send(Uint8Array.of(1)), { name: "InvalidStateError" });
  clock.pass(50);
  const inner = FakeSocket.last;
  assert.deepEqual([inner.url, inner.protocol, inner.binaryType], [socket.url, "drumline.1", "arraybuffer"]);
  inner.open();
  inner.deliver(Uint8Array.of(9, 8));
  assert.equal(socket.readyState, 0);
  clock.pass(50);
  assert.deepEqual(types(), ["open 100", "message 100"]);
  assert.equal(socket.readyState, 1);
  assert.deepEqual([...new Uint8Array(events[1][2].data)], [9, 8]);

  const message = Uint8Array.of(1, 2);
  socket.send(message);
  message.fill(0);
  clock.pass(10);
  socket.send(Uint8Array.of(3));
  socket.close(1000, "bye");
  socket.send(Uint8Array.of(4));
  assert.equal(socket.readyState, 2);
  clock.pass(40);
  assert.deepEqual(inner.sent, [Uint8Array.of(1, 2)]);
  clock.pass(10);
  assert.deepEqual(inner.sent, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  assert.deepEqual(inner.closedWith, [1000, "bye"]);
  inner.end(1000, "bye");
  assert.equal(socket.readyState, 2);
  clock.pass(50);
  assert.equal(socket.readyState, 3);
  const { code, reason, wasClean } = events[2][2];
  assert.deepEqual([types()[2], code, reason, wasClean], ["close 210", 1000, "bye", true]);
  assert.equal(clock.waiting, 0);
});

test("a connection breaks as in a browser, and its server receives nothing", () => {
  const { clock, socket, events, types } = connect("delay=20ms,drop=conn:1/s", 5);
  clock.pass(20);
  const inner = FakeSocket.last;
  inner.open();
  clock.pass(20);
  assert.deepEqual(types(), ["open 40"]);
  while (socket.readyState === 1) {
    inner.deliver(Uint8Array.of(1));
    socket.send(Uint8Array.of(2));
    clock.pass(5);
  }
  const [type, , { code, reason, wasClean }] = events.at(-1);
  assert.deepEqual([type, socket.readyState, code, reason, wasClean], ["close", 3, 1006, "", false]);
  assert.equal(inner.closedWith, undefined);
  const before = [events.length, inner.sent.length];
  inner.deliver(Uint8Array.of(1));
  socket.send(Uint8Array.of(2));
  socket.close();
  clock.pass(1000);
  assert.deepEqual([events.length, inner.sent.length], before);
  assert.equal(clock.waiting, 0);
});

test("each connection of a class breaks at a time of its own, the same in each run", () => {
  const fates = () => {
    const { clock, Shaped } = connect("drop=conn:1/s");
    return Array.from({ length: 5 }, () => {
      const socket = new Shaped("wss://example.test/");
      let end = 0;
      socket.addEventListener("close", () => (end = clock.now()));
      const start = clock.now();
      while (end === 0) {
        clock.pass(1);
      }
      return end - start;
    });
  };
  assert.deepEqual(fates(), fates());
  assert.equal(new Set(fates()).size, 5);
});

test("the close of a server arrives through the network, and so does a failed connection", () => {
  const { clock, events, types } = connect("delay=50ms");
  clock.pass(50);
  FakeSocket.last.end(1006, "");
  clock.pass(50);
  assert.deepEqual([types(), events[0][2].wasClean], [["close 100"], false]);
});
