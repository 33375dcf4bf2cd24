/** Tests of the pages' texts: there is one for each way in which a join or a game can end. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  describeChatError,
  describeClose,
  describeName,
  describeRefusal,
  isAboutRoom,
  isSentLater,
  secondsToWait,
  titleOfClose,
} from "../../../games/kit/page/ui/error-texts.js";
import { isFinal } from "../../src/base/close.js";
import { JoinError, RequestError } from "../../src/drumline.js";

/** The refusals in docs/PROTOCOL.md that a player can meet. */
const REFUSALS = `unknown_game bad_name schema_mismatch unknown_room room_full room_locked unknown_code server_full
  wrong_subprotocol too_many_resumes too_many_tickets too_many_joins too_many_rooms too_many_connections
  wrong_origin bad_ticket ticket_required unauthenticated bad_options bad_join_options no_spectators
  too_many_spectators draining overloaded connection_failed closed`.split(/\s+/);
const CLOSINGS = [1001, 1006, 4002, 4003, 4004, 4005, 4006, 4008, 4009, 4010, 4011];

test("each refusal has a text, and an unknown one shows the server's message", () => {
  const words = REFUSALS.map((code) => describeRefusal(new JoinError(code, "in the server's words")));
  for (const text of words) assert.match(text, /^[A-Z].*[.]$/);
  assert.ok(words.every((text) => !text.includes("in the server's words")));
  assert.match(describeRefusal(new JoinError("odd", "it is odd")), /it is odd/);
  assert.match(describeRefusal(new TypeError("oops")), /oops/);
});

test("each close code has a text, including all final ones", () => {
  const words = CLOSINGS.map((code) => describeClose({ code, reason: "a reason" }));
  assert.equal(new Set(words).size, CLOSINGS.length);
  assert.ok(words.every((text) => !text.includes("a reason")));
  assert.match(describeClose({ code: 4099, reason: "a reason" }), /a reason/);
  for (let code = 4001; code <= 4013; code++) assert.equal(isFinal(code), ![4002, 4003].includes(code), String(code));
});

test("a player who is refused, removed or banned learns the reason", () => {
  const refusal = new JoinError("banned", "you are banned from this server for another 60 s: spam");
  assert.equal(describeRefusal(refusal), "You are banned from this server for another 60 s: spam.");
  assert.equal(describeClose({ code: 4012, reason: "spam" }), "You are banned: spam.");
  assert.equal(describeClose({ code: 4012, reason: "" }), "You are banned.");
  const close = { code: 4007, reason: "you did not move", clean: true };
  assert.equal(describeClose(close), "You were removed from the room: you did not move.");
  assert.equal(describeClose({ ...close, reason: "" }), "You were removed from the room.");
  const early = new JoinError("closed", close.reason, { close });
  assert.equal(describeRefusal(early), describeClose(close), "before the game starts, too");
  const refused = new JoinError("refused", "the teams are even", { close: { ...close, code: 4013 } });
  assert.equal(describeRefusal(refused), "The game did not let you in: the teams are even.");
  assert.equal(titleOfClose({ code: 4012 }), titleOfClose({ code: 4007 }));
});

test("an end that is not a lost connection has a title of its own", () => {
  const close = { code: 1006, reason: "", clean: false };
  assert.equal(titleOfClose(close), "Connection lost");
  const away = { ...close, error: new JoinError("unknown_session", "") };
  assert.equal(titleOfClose(away), "You were away");
  assert.match(describeClose(away), /away for too long.*join again/);
  assert.equal(titleOfClose({ ...close, code: 4005 }), "Moved to another tab");
  assert.match(describeClose({ ...close, code: 4005 }), /another tab/);
});

test("a chat message that is not confirmed in time is not said to be lost", () => {
  const errors = /** @type {const} */ (["timeout", "too_many", "too_fast", "closed"]).map((code) => new RequestError(code));
  assert.deepEqual(errors.map(isSentLater), [true, false, false, false]);
  assert.deepEqual(errors.map((error) => describeChatError(error).startsWith("Not sent")), [false, true, true, true]);
});

test("a connection that is closed before the game starts has the same texts", () => {
  const close = { code: 4008, reason: "", clean: true };
  assert.equal(describeRefusal(new JoinError("closed", "", { close })), describeClose(close));
});

test("the refusal decides what a page does next", () => {
  const codes = REFUSALS.filter((code) => isAboutRoom(new JoinError(code, "")));
  assert.deepEqual(codes, ["unknown_room", "room_full", "room_locked", "unknown_code"]);
  assert.equal(secondsToWait(new JoinError("draining", "", { status: 503, retryAfter: 9 })), 9);
  assert.deepEqual([undefined, new TypeError(), new JoinError("draining", "")].map(secondsToWait), [0, 0, 0]);
});

test("a name is checked before it is sent", () => {
  /** @type {{ name: string, error?: string }[]} */
  const golden = JSON.parse(readFileSync(new URL("../../../shared/vectors/names.json", import.meta.url), "utf8"));
  for (const { name, error } of golden) {
    const ofLength = error === "empty" || error === "too_long";
    if (ofLength) assert.match(describeName(name) ?? "", /name/, name);
    else assert.equal(describeName(name), null, name);
  }
});
