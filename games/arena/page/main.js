/**
 * The entry point of the arena's page.
 * @module
 */

import { canvasById } from "/kit/ui/elements.js";
import { runPage } from "/kit/page.js";
import { Play } from "/kit/play.js";
import { coloursOf } from "./drawing/palette.js";
import { Scene } from "./drawing/scene.js";
import { ArenaView } from "./view.js";

const canvas = canvasById("game");
const scene = new Scene(canvas);

runPage({
  name: "arena",
  kinds: {
    modes: [
      { mode: "", title: "Free for all", about: "up to 32 players" },
      { mode: "duel", title: "Duel", about: "2 players" },
    ],
    options: [
      {
        option: "round_seconds",
        title: "Round length",
        values: [
          { value: 180, title: "3 minutes" },
          { value: 60, title: "1 minute" },
          { value: 300, title: "5 minutes" },
          { value: 600, title: "10 minutes" },
        ],
      },
    ],
  },
  teams: false,
  begin: (room) => new Play(room, canvas, new ArenaView(room, scene)),
  drawIdle: (now) => scene.drawIdle(now),
  colourOf: (room, player) => coloursOf(player, player === room.player).main,
});
