/**
 * The entry point of the card game's page.
 * @module
 */

import { runPage } from "/kit/page.js";
import { colourOf } from "./drawing/palette.js";
import { Parts } from "./hud/parts.js";
import { CardTable } from "./view.js";

const parts = new Parts();

runPage({
  name: "hands",
  kinds: {
    modes: [{ mode: "", title: "Eights", about: "2 to 6 players" }],
    options: [
      {
        option: "cards",
        title: "Cards for each player",
        values: [
          { value: 7, title: "7 cards" },
          { value: 5, title: "5 cards" },
          { value: 3, title: "3 cards" },
        ],
      },
      {
        option: "turn_seconds",
        title: "Time for a turn",
        values: [
          { value: 20, title: "20 seconds" },
          { value: 10, title: "10 seconds" },
          { value: 60, title: "1 minute" },
        ],
      },
    ],
  },
  teams: false,
  begin: (room) => new CardTable(room, parts),
  // The table behind the start screen does not move.
  drawIdle: () => {},
  colourOf: (room, player) => colourOf(player, player === room.player),
});
