/**
 * The constants of flight and guns, as in games/frontier/src/pilots.rs and combat.rs. A test compares the two.
 * @module
 */

const SHOT_ENERGY = 5;
const RECHARGE = 10;

/** @type {import("../../../kit/page/prediction/flight.js").Rules} */
export const RULES = {
  flight: { thrust: 480, drag: 1.5, turnRate: 9, radius: 18, size: 12_000, bounce: 0.4 },
  gun: { speed: 640, seconds: 0.75, reload: 0.25 },
  prepare: (ship, input, dt) => {
    ship.mining = input.mine;
    ship.energy = Math.min(ship.energy + RECHARGE * dt, 100);
  },
  spend: (ship) => {
    if (ship.energy < SHOT_ENERGY) return false;
    ship.energy -= SHOT_ENERGY;
    ship.shielded = false;
    return true;
  },
};
