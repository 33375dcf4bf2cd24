/**
 * The arena's page.
 * @module
 */

import { canvasById } from "/kit/ui/elements.js";
import { runPage } from "/kit/page.js";
import { Play } from "/kit/play.js";
import { coloursOf } from "./drawing/palette.js";
import { ArenaShow } from "./view.js";
import { Scene } from "./drawing/scene.js";

const canvas = canvasById("game");
const scene = new Scene(canvas);

runPage({
  name: "arena",
  kinds: {
    modes: [
      { mode: "", title: "Free for all", about: "up to 32 pilots" },
      { mode: "duel", title: "Duel", about: "for two" },
    ],
    options: [
      {
        option: "round_seconds",
        title: "A round lasts",
        values: [
          { value: 180, title: "three minutes" },
          { value: 60, title: "one minute" },
          { value: 300, title: "five minutes" },
          { value: 600, title: "ten minutes" },
        ],
      },
    ],
  },
  teams: false,
  begin: (room) => new Play(room, canvas, new ArenaShow(room, scene)),
  drawIdle: (now) => scene.drawIdle(now),
  colourOf: (room, player) => coloursOf(player, player === room.player).main,
});
