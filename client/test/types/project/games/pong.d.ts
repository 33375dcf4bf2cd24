// Written by `drumline types pong`. Do not edit it.

/** The types of the game `pong`, for the package `drumline`: `join<Pong>(…)`. */
export interface Pong {
  tables: {
    paddles: {
      player: number;
      y: number;
    };
  };
  singles: {
    ball: {
      position: { x: number; y: number };
    };
  };
  input: {
    up: boolean;
    down: boolean;
  };
  presses: "serve";
  event: never;
  command: never;
  reply: never;
  joinOptions: { side?: "Left" | "Right"; racket?: string | null };
  metadata: { map: "Small" | "Large"; points_to_win: number };
}
