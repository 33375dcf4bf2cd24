/**
 * The constants of flight and guns, as in games/arena/src/game.rs. A test compares the two.
 * @module
 */

export const FULL_HEALTH = 100;

/** @type {import("../../../kit/page/prediction/flight.js").Rules} */
export const RULES = {
  flight: { thrust: 720, drag: 1.5, turnRate: 9, radius: 18, size: 2000, bounce: 0.5 },
  gun: { speed: 760, seconds: 1.1, reload: 0.2 },
  spend: (ship) => {
    if (ship.hull.type === "Shielded") ship.hull = { type: "Bare", health: FULL_HEALTH };
    return true;
  },
};
