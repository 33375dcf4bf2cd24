// Written by `drumline types arena`. Do not edit it.

/** The types of the game `arena`, for the package `drumline`: `join<Arena>(…)`. */
export interface Arena {
  tables: {
    ships: {
      player: number;
      position: { x: number; y: number };
      heading: number;
      hull: { type: "Shielded" } | { type: "Bare"; health: number };
      thrusting: boolean;
    };
    rocks: {
      position: { x: number; y: number };
      size: "Small" | "Medium" | "Large";
    };
    shots: {
      player: number;
      position: { x: number; y: number };
    };
    pilots: {
      player: number;
      name: string;
      score: number;
      kills: number;
      deaths: number;
    };
  };
  singles: {
    round: {
      number: number;
      phase: { type: "Playing"; seconds_left: number } | { type: "Finished"; winner: number | null; seconds_left: number };
    };
  };
  input: {
    thrust: { x: number; y: number };
    aim: number;
    fire: boolean;
  };
  presses: never;
  event:
    | { type: "kill"; killer: string; victim: string }
    | { type: "crash"; victim: string }
    | { type: "round"; winner: { name: string; points: number } | null }
    | { type: "emote"; player: number; name: string; emote: "Wave" | "Cheer" | "Sorry" };
  command:
    | { type: "emote"; emote: "Wave" | "Cheer" | "Sorry" };
  reply:
    | { type: "done" }
    | { type: "too_soon"; seconds: number };
  joinOptions: null;
  metadata: { phase: "playing" | "finished"; leader?: string | null; score: number };
}
