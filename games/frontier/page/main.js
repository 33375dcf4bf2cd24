/**
 * The frontier's page.
 * @module
 */

import { canvasById } from "/kit/elements.js";
import { runPage } from "/kit/page.js";
import { Play } from "/kit/play.js";
import { Scene } from "./scene.js";
import { FrontierShow } from "./show.js";

const canvas = canvasById("game");
const scene = new Scene(canvas);

runPage({
  name: "frontier",
  kinds: { modes: [{ mode: "", title: "Open world", about: "" }] },
  begin: (room) => new Play(room, canvas, new FrontierShow(room, scene)),
  drawIdle: (now) => scene.drawIdle(now),
});
