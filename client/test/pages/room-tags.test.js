/** Tests of the tags of rooms in the pages' lobby. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { tagsOf } from "../../../games/kit/page/lobby/room-tags.js";

test("a room has a tag for its bots, and for each top-level value of its metadata", () => {
  assert.deepEqual(tagsOf({ bots: 0 }), []);
  assert.deepEqual(tagsOf({ bots: 1 }), ["1 bot"]);
  const metadata = { map: "small", rounds_left: 3, ranked: true, paused: false, winner: null, teams: { red: 1 } };
  assert.deepEqual(tagsOf({ bots: 2, metadata }), ["2 bots", "small", "rounds left 3", "ranked"]);
  const tags = ["Playing", 7, true, null, ["a"]].map((metadata) => tagsOf({ bots: 0, metadata }));
  assert.deepEqual(tags, [["Playing"], ["7"], [], [], []]);
});

test("tags are few and short", () => {
  const metadata = Object.fromEntries([..."abcdefgh"].map((name) => [name, "😀".repeat(30)]));
  const tags = tagsOf({ bots: 0, metadata });
  assert.deepEqual(tags, new Array(4).fill(`${"😀".repeat(23)}…`));
  assert.deepEqual(tagsOf({ bots: 0, metadata: { map: "  ", note: "" } }), []);
});
