/**
 * The arena's page.
 * @module
 */

import { canvasById } from "/kit/elements.js";
import { runPage } from "/kit/page.js";
import { Play } from "/kit/play.js";
import { ArenaShow } from "./show.js";
import { Scene } from "./scene.js";

const canvas = canvasById("game");
const scene = new Scene(canvas);

runPage(
  "arena",
  (room) => new Play(room, canvas, new ArenaShow(room, scene)),
  (now) => scene.drawIdle(now),
);
