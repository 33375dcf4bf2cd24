/**
 * The entry point of the frontier's page.
 * @module
 */

import { canvasById } from "/kit/ui/elements.js";
import { runPage } from "/kit/page.js";
import { Play } from "/kit/play.js";
import { FACTION_COLOURS } from "./drawing/palette.js";
import { Scene } from "./drawing/scene.js";
import { FrontierView } from "./view.js";

/** @typedef {import("./game/world.js").Faction} Faction */

const canvas = canvasById("game");
const scene = new Scene(canvas);

/** The name colour of players whose faction is unknown because they are too far away. */
const UNKNOWN_COLOUR = "#c5d0e8";

runPage({
  name: "frontier",
  kinds: { modes: [{ mode: "", title: "Open world", about: "" }] },
  teams: true,
  begin: (room) => new Play(room, canvas, new FrontierView(room, scene)),
  drawIdle: (now) => scene.drawIdle(now),
  colourOf: ({ tables }, player) => {
    const known = [...tables.ships, ...tables.leaders].find((each) => each.player === player);
    return known ? FACTION_COLOURS[/** @type {Faction} */ (known.faction)].main : UNKNOWN_COLOUR;
  },
});
