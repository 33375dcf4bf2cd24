// Written by `drumline types every-kind`. Do not edit it.

/** The types of the game `every-kind`, for the package `drumline`: `join<EveryKind>(…)`. */
export interface EveryKind {
  tables: {
    ships: {
      owner: number;
      position: { x: number; y: number; z: number };
      rotation: { x: number; y: number; z: number; w: number };
      distance: bigint;
      engine: { heat: number; stage: "Off" | "Idle" | "Full" };
      shield: number | null;
      target: number | null;
      weapon: { type: "None" } | { type: "Laser"; power: number } | { type: "Rockets"; left: number; lock: number | null };
      corners: readonly { x: number; y: number }[];
      grades: readonly ("Low" | "High")[];
      slots: readonly (number | null)[];
      grid: readonly (readonly number[])[];
      /** Only for the owner of the entity. */
      hand?: readonly { suit: "Hearts" | "Spades"; rank: number }[];
    };
  };
  singles: {};
  input: {
    steer: { x: number; y: number };
    gear: "Forward" | "Reverse";
  };
  presses: "jump" | "dash";
  event:
    | { type: "seed"; value: bigint }
    | { type: "over" }
    | { type: "names"; value: readonly [string, number] }
    | { type: "blob"; bytes: Uint8Array; at: number | null }
    | { type: "scores"; by_name: Map<string, number> };
  command: { text: string; amount: bigint | number; "kebab-case": boolean };
  reply: "Yes" | "No" | null;
  joinOptions: "Viewer" | { Player: { name: string; seed: number } };
  metadata: { names: readonly [string, number]; by_name: Record<string, number>; amount: number };
}
