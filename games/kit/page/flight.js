/**
 * How ships fly, as the rules have it (games/kit/src/motion.rs): what the server will do, done at once.
 * @module
 */

/** @typedef {import("./camera.js").Vec} Vec */
/** @typedef {{ position: Vec, velocity: Vec, heading: number, thrusting: boolean }} Ship */
/**
 * A game's numbers, in units and seconds.
 * @typedef {object} Flight
 * @property {number} thrust
 * @property {number} drag The share of its speed that a ship loses in a second, roughly.
 * @property {number} turnRate In radians.
 * @property {number} radius The ship's.
 * @property {number} size The world's width and height.
 * @property {number} bounce The share of its speed that a wall leaves.
 */

const TURN = 2 * Math.PI;

/**
 * Turns and thrusts.
 * @param {Ship} ship
 * @param {{ thrust: Vec, aim: number }} input
 * @param {Flight} flight
 * @param {number} dt In seconds.
 */
export function steer(ship, input, flight, dt) {
  ship.heading = turnTowards(ship.heading, input.aim, flight.turnRate * dt);
  const length = Math.hypot(input.thrust.x, input.thrust.y);
  ship.thrusting = length * length > 0.01;
  const share = length > 1 ? 1 / length : 1;
  for (const axis of /** @type {const} */ (["x", "y"])) {
    ship.velocity[axis] += input.thrust[axis] * share * flight.thrust * dt;
    ship.velocity[axis] *= 1 - flight.drag * dt;
  }
}

/**
 * Moves on and bounces off the walls.
 * @param {Ship} ship
 * @param {Flight} flight
 * @param {number} dt In seconds.
 */
export function drift(ship, { radius, size, bounce }, dt) {
  for (const axis of /** @type {const} */ (["x", "y"])) {
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
 * The velocity is not on the wire: it follows from where the ship was before.
 * @param {Record<string, any>} ship
 * @param {Record<string, any> | undefined} before
 * @param {number} seconds Between the two.
 */
export function restoreVelocity(ship, before, seconds) {
  const along = (/** @type {"x" | "y"} */ axis) => (ship.position[axis] - before?.position[axis]) / seconds;
  ship.velocity = before && seconds > 0 ? { x: along("x"), y: along("y") } : { x: 0, y: 0 };
}

/**
 * Whether a way comes within a radius of something.
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
 * @param {number} most In radians.
 */
function turnTowards(heading, aim, most) {
  const difference = modulo(aim - heading + Math.PI) - Math.PI;
  return modulo(heading + Math.min(Math.max(difference, -most), most));
}

/** @param {number} angle */
function modulo(angle) {
  return ((angle % TURN) + TURN) % TURN;
}
