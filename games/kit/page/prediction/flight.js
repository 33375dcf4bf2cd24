/**
 * Ship movement and guns for prediction: the same rules as games/kit/src/motion.rs, applied before the server's answer.
 * @module
 */

/** @typedef {import("../world/types.js").Vec} Vec */
/** @typedef {Record<string, any>} Ship The server's fields, and `velocity` and `reload`, which it does not send. */
/**
 * A game's rules for a ship and its gun, in units and seconds.
 * @typedef {object} Rules
 * @property {Flight} flight
 * @property {{ speed: number, seconds: number, reload: number }} gun A shot's speed and lifetime, and the time between shots.
 * @property {(ship: Ship, input: Record<string, any>, dt: number) => void} [prepare] Updates a ship before it may fire.
 * @property {(ship: Ship) => boolean} [spend] Pays for a shot, with the shield too. Returns false if the ship
 *   cannot.
 */
/**
 * @typedef {object} Flight
 * @property {number} thrust
 * @property {number} drag Roughly the share of its speed that a ship loses in a second.
 * @property {number} turnRate In radians per second.
 * @property {number} radius The ship's radius.
 * @property {number} size The world's width and height.
 * @property {number} bounce The share of its speed that a ship keeps when it bounces off a wall.
 */
/** @typedef {{ from: Vec, velocity: Vec }} FiredShot */

const AXES = /** @type {const} */ (["x", "y"]);
const TURN = 2 * Math.PI;

/**
 * Turns, thrusts and fires; {@link drift} then moves the ship. A shot starts at the ship's old position with its new velocity.
 * @param {Ship} ship
 * @param {Record<string, any>} input
 * @param {Rules} rules
 * @param {number} dt In seconds.
 * @returns {FiredShot | null}
 */
export function act(ship, input, { flight, gun, prepare, spend }, dt) {
  steer(ship, input, flight, dt);
  prepare?.(ship, input, dt);
  ship.reload = (ship.reload ?? 0) - dt;
  if (!input.fire || ship.reload > 0 || spend?.(ship) === false) return null;
  ship.reload = gun.reload;
  const nose = { x: Math.cos(ship.heading), y: Math.sin(ship.heading) };
  return {
    from: { x: ship.position.x + nose.x * flight.radius, y: ship.position.y + nose.y * flight.radius },
    velocity: { x: ship.velocity.x + nose.x * gun.speed, y: ship.velocity.y + nose.y * gun.speed },
  };
}

/**
 * Turns and thrusts.
 * @param {Ship} ship
 * @param {Record<string, any>} input
 * @param {Flight} flight
 * @param {number} dt
 */
function steer(ship, { thrust, aim }, flight, dt) {
  ship.heading = turnTowards(ship.heading, aim, flight.turnRate * dt);
  const length = Math.hypot(thrust.x, thrust.y);
  ship.thrusting = length * length > 0.01;
  for (const axis of AXES) {
    ship.velocity[axis] += (thrust[axis] / Math.max(length, 1)) * flight.thrust * dt;
    ship.velocity[axis] *= 1 - flight.drag * dt;
  }
}

/**
 * Moves a ship and bounces it off the walls.
 * @param {Ship} ship
 * @param {Flight} flight
 * @param {number} dt In seconds.
 */
export function drift(ship, { radius, size, bounce }, dt) {
  for (const axis of AXES) {
    ship.position[axis] += ship.velocity[axis] * dt;
    if (ship.position[axis] < radius) {
      ship.position[axis] = radius;
      ship.velocity[axis] = Math.abs(ship.velocity[axis]) * bounce;
    } else if (ship.position[axis] > size - radius) {
      ship.position[axis] = size - radius;
      ship.velocity[axis] = -Math.abs(ship.velocity[axis]) * bounce;
    }
  }
}

/**
 * Derives a ship's velocity from two positions: velocities are not sent.
 * @param {Ship} ship
 * @param {Ship | undefined} before The ship earlier.
 * @param {number} seconds Time between the two.
 */
export function restoreVelocity(ship, before, seconds) {
  const along = (/** @type {"x" | "y"} */ axis) => (ship.position[axis] - before?.position[axis]) / seconds;
  ship.velocity = before && seconds > 0 ? { x: along("x"), y: along("y") } : { x: 0, y: 0 };
}

/**
 * Returns true if a path passes within a radius of a point.
 * @param {Vec} from
 * @param {Vec} to
 * @param {Vec} centre
 * @param {number} radius
 */
export function sweeps(from, to, centre, radius) {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const [towardsX, towardsY] = [centre.x - from.x, centre.y - from.y];
  const along = Math.min(Math.max((towardsX * x + towardsY * y) / (x * x + y * y || 1), 0), 1);
  return Math.hypot(from.x + x * along - centre.x, from.y + y * along - centre.y) <= radius;
}

/**
 * @param {number} heading
 * @param {number} aim
 * @param {number} max In radians.
 */
function turnTowards(heading, aim, max) {
  const difference = modulo(aim - heading + Math.PI) - Math.PI;
  return modulo(heading + Math.min(Math.max(difference, -max), max));
}

/** @param {number} angle */
function modulo(angle) {
  return ((angle % TURN) + TURN) % TURN;
}
