// Written by `drumline types hands`. Do not edit it.

/** The types of the game `hands`, for the package `drumline`: `join<Hands>(…)`. */
export interface Hands {
  tables: {
    seats: {
      player: number;
      /** Only for the owner of the entity. */
      hand?: readonly { rank: number; suit: "Clubs" | "Diamonds" | "Hearts" | "Spades" }[];
      cards: number;
      plays: boolean;
      points: number;
      emote: { emote: "Hello" | "Nice" | "Oops" | "Hurry"; times: number; ends_tick: number } | null;
    };
  };
  singles: {
    middle: {
      hand: number;
      phase: { type: "Waiting" } | { type: "Starting"; deals_tick: number } | { type: "Turn"; player: number; drew: boolean; ends_tick: number } | { type: "Laid"; player: number; ends_tick: number } | { type: "Over"; winner: number | null; points: number; ends_tick: number };
      first: number | null;
      pile: number;
      discarded: number;
      top: readonly { card: { rank: number; suit: "Clubs" | "Diamonds" | "Hearts" | "Spades" }; by: number | null }[];
      suit: "Clubs" | "Diamonds" | "Hearts" | "Spades" | null;
      turn_ticks: number;
    };
  };
  input: {};
  presses: "draw" | "undo" | "end_turn" | "hello" | "nice" | "oops" | "hurry";
  event:
    | { type: "drew"; player: number }
    | { type: "timed_out"; player: number }
    | { type: "took_back"; player: number }
    | { type: "reshuffled" }
    | { type: "won"; player: number; points: number };
  command:
    | { type: "play"; card: { rank: number; suit: "Clubs" | "Diamonds" | "Hearts" | "Spades" }; suit: "Clubs" | "Diamonds" | "Hearts" | "Spades" | null };
  reply:
    | { type: "done" }
    | { type: "refused"; reason: "not_your_turn" | "not_yours" | "no_match" | "no_suit" };
  joinOptions: null;
  metadata: { state: "waiting" | "playing" | "over"; cards_left: number };
}
