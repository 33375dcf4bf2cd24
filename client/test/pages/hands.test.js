/** The card game's page: which cards fit, the order of players, and the line that says what to do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, sorted } from "../../../games/hands/page/game/cards.js";
import { isAway, nameOnSeat, othersAfter } from "../../../games/hands/page/game/players.js";
import { describePhase } from "../../../games/hands/page/game/texts.js";

/** @import { Card, Middle, Phase, Seat, World } from "../../../games/hands/page/game/world.js" */

/** @type {(rank: number, suit: Card["suit"]) => Card} */
const card = (rank, suit) => ({ rank, suit });

/** @type {(phase: Phase, top?: Card, suit?: Card["suit"]) => Middle} */
const middle = (phase, top = card(5, "Hearts"), suit = top.suit) => ({
  hand: 1,
  phase,
  first: null,
  pile: 30,
  discarded: 1,
  top: [{ card: top, by: null }],
  suit,
  turn_ticks: 100,
});

/** @type {(player: number, hand?: Card[]) => Seat} */
const seat = (player, hand) => ({ id: 10 + player, player, hand, cards: 5, plays: true, points: 0, emote: null });

const WAITING = /** @type {Phase} */ ({ type: "Waiting" });

test("a card fits by rank or suit, and an eight always", () => {
  const five = middle(WAITING);
  const fitting = [card(5, "Clubs"), card(9, "Hearts"), card(8, "Spades"), card(9, "Clubs")].map((each) => fits(each, five));
  assert.deepEqual(fitting, [true, true, true, false]);
  const eight = middle(WAITING, card(8, "Hearts"), "Spades");
  const after = [card(2, "Spades"), card(8, "Clubs"), card(2, "Hearts")].map((each) => fits(each, eight));
  assert.deepEqual(after, [true, true, false], "after an eight the suit counts that it asks for");
});

test("a hand is sorted by suit, and by rank within each", () => {
  const hand = [card(3, "Hearts"), card(12, "Clubs"), card(1, "Hearts"), card(4, "Spades")];
  assert.deepEqual(sorted(hand), [card(12, "Clubs"), card(4, "Spades"), card(1, "Hearts"), card(3, "Hearts")]);
});

test("the others sit in the order of their turns after the own one", () => {
  const seats = [4, 1, 0, 2].map((player) => seat(player));
  const orderFor = (/** @type {number} */ own) => othersAfter(seats, own).map(({ player }) => player);
  assert.deepEqual([orderFor(0), orderFor(1), orderFor(4)], [[1, 2, 4], [2, 4, 0], [0, 1, 2]]);
});

test("names and lost connections come from the room's list of players", () => {
  const players = [
    { id: 0, name: "Ada", connected: true, own: true, bot: false },
    { id: 1, name: "Bob", connected: false, own: false, bot: false },
  ];
  /** @type {World} */
  const world = {
    seats: [seat(0, [card(9, "Clubs")]), seat(1)],
    middle: middle({ type: "Turn", player: 1, drew: false, ends_tick: 9 }),
    players,
  };
  assert.deepEqual([0, 1].map((id) => isAway(players, id)), [false, true]);
  assert.deepEqual([11, 12, null].map((id) => nameOnSeat(world, id)), ["Bob", undefined, undefined]);
  assert.equal(describePhase(world, 0, 5), "Bob’s turn");
  const own = (/** @type {boolean} */ drew) => middle({ type: "Turn", player: 0, drew, ends_tick: 9 });
  const lines = [false, true].map((drew) => describePhase({ ...world, middle: own(drew) }, 0, 5));
  assert.deepEqual(lines, ["No card fits: draw one", "No card fits: pass"]);
});
