/**
 * How the lead of inputs follows the slack that the server returns.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lead } from "../src/lead.js";

const TICK_RATE_HZ = 30;

/**
 * Plays a connection: an input and a snapshot on each tick, on a network that takes some ticks each way. Returns the slacks of
 * the inputs that were taken.
 *
 * @param {Lead} lead
 * @param {number} ticks
 * @param {(tick: number) => number} delayTicks one way
 */
function play(lead, ticks, delayTicks) {
  /** @type {{ arrives: number, number: number, tick: number }[]} */
  let inputs = [];
  /** @type {{ arrives: number, tick: number, ack: { number: number, slackTicks: number } | undefined }[]} */
  let told = [];
  let ack;
  let sent = 0;
  const slacks = [];
  for (let now = 1; now <= ticks; now++) {
    for (const { number, tick } of inputs.filter(({ arrives }) => arrives <= now)) {
      const slackTicks = tick - now;
      // As the server does: what is too early is dropped.
      if (slackTicks < 32) {
        ack = { number: number & 0xff, slackTicks: Math.max(slackTicks, -127) };
        slacks.push(slackTicks);
      }
    }
    inputs = inputs.filter(({ arrives }) => arrives > now);
    const delay = delayTicks(now);
    told.push({ arrives: now + delay, tick: now, ack });
    for (const snapshot of told.filter(({ arrives }) => arrives <= now)) {
      lead.steer(snapshot.ack, snapshot.tick, sent);
    }
    told = told.filter(({ arrives }) => arrives > now);
    // The tick that arrives now is as old as the network is slow.
    inputs.push({ arrives: now + delay, number: ++sent, tick: Math.round(now - delay + lead.ticks) });
  }
  return slacks;
}

test("on any network the lead settles where inputs are in time, and no earlier than they must be", () => {
  for (const delay of [0, 1, 5, 12]) {
    const late = play(new Lead(TICK_RATE_HZ), 600, () => delay).slice(-200);
    assert.ok(late.every((slack) => slack >= 0 && slack <= 3), `${delay}: ${late}`);
  }
});

test("a change of the network is followed both ways", () => {
  const lead = new Lead(TICK_RATE_HZ);
  const slacks = play(lead, 1500, (tick) => (tick > 300 && tick < 900 ? 8 : 1));
  assert.ok(slacks.slice(600, 800).every((slack) => slack >= 0 && slack <= 3));
  assert.ok(slacks.slice(-200).every((slack) => slack >= 0 && slack <= 3));
});

test("a lead so great that the server drops every input is given up", () => {
  const lead = new Lead(TICK_RATE_HZ);
  lead.ticks = 100;
  const slacks = play(lead, 300, () => 1);
  assert.ok(slacks.length > 200);
  assert.ok(slacks.slice(-100).every((slack) => slack >= 0 && slack <= 3));
});

test("one error is corrected once", () => {
  const lead = new Lead(TICK_RATE_HZ);
  lead.steer({ number: 1, slackTicks: -3 }, 10, 5);
  assert.equal(lead.ticks, 2 + 4);
  // Inputs 2 to 5 were sent before the correction.
  lead.steer({ number: 5, slackTicks: -3 }, 11, 6);
  assert.equal(lead.ticks, 6);
  lead.steer({ number: 6, slackTicks: -1 }, 12, 7);
  assert.equal(lead.ticks, 8);
});
