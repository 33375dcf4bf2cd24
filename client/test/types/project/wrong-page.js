// Mistakes in JavaScript, marked as in wrong.ts.

/** @import { Room } from "drumline" */
/** @import { Arena } from "./games/arena.js" */

import { join } from "drumline";

/** @type {Room<Arena>} */
const room = await join("", { game: "arena" });
room.view().tables.ships[0]?.positon; //! 'positon'
room.input({ fier: true }); //! 'fier'
