// Written by `drumline types frontier`. Do not edit it.

/** The types of the game `frontier`, for the package `drumline`: `join<Frontier>(…)`. */
export interface Frontier {
  tables: {
    ships: {
      player: number;
      faction: "Ember" | "Tide" | "Bloom";
      name: string;
      position: { x: number; y: number };
      heading: number;
      thrusting: boolean;
      mining: boolean;
      shielded: boolean;
      /** Only for the team of the entity. */
      health?: number;
      /** Only for the owner of the entity. */
      cargo?: readonly { mineral: "Beryl" | "Citrine" | "Amethyst"; amount: number }[];
      /** Only for the owner of the entity. */
      energy?: number;
    };
    crystals: {
      position: { x: number; y: number };
      mineral: "Beryl" | "Citrine" | "Amethyst";
      amount: number;
    };
    creatures: {
      kind: "Grazer" | "Hunter";
      position: { x: number; y: number };
      alarmed: boolean;
    };
    shots: {
      player: number;
      faction: "Ember" | "Tide" | "Bloom";
      position: { x: number; y: number };
    };
    stations: {
      position: { x: number; y: number };
      name: string;
    };
    markers: {
      player: number;
      faction: "Ember" | "Tide" | "Bloom";
      kind: "Rally" | "Riches" | "Danger";
      position: { x: number; y: number };
    };
    leaders: {
      rank: number;
      player: number;
      faction: "Ember" | "Tide" | "Bloom";
      name: string;
      banked: number;
    };
  };
  singles: {
    standings: {
      ember: number;
      tide: number;
      bloom: number;
      pilots: number;
    };
  };
  input: {
    thrust: { x: number; y: number };
    aim: number;
    fire: boolean;
    mine: boolean;
    mark: boolean;
  };
  presses: never;
  event:
    | { type: "milestone"; faction: "Ember" | "Tide" | "Bloom"; banked: number };
  command: never;
  reply: never;
  joinOptions: null;
  metadata: never;
}
