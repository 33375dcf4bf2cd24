// The rules of drift, as in benches/src/drift.rs, for the servers that run on Node.js.

/** Width and height of the world, in units. */
export const WORLD_SIZE = 2000;
/** Bodies in a room. */
export const BODIES = 20;
/** Milliseconds between two ticks. */
export const PERIOD_MS = 50;

const SPEED = 200;
const REACH = 100;
const DAMAGE = 10;
const FULL_HP = 100;

/** Places a new ship. */
export function placeShip(ship, name) {
  ship.name = name;
  ship.x = Math.random() * WORLD_SIZE;
  ship.y = Math.random() * WORLD_SIZE;
  ship.angle = 0;
  ship.hp = FULL_HP;
  ship.score = 0;
}

/** Places a new body and returns its velocity, which clients do not see. */
export function placeBody(body) {
  body.x = Math.random() * WORLD_SIZE;
  body.y = Math.random() * WORLD_SIZE;
  const course = Math.random() * 2 * Math.PI;
  const speed = 30 + Math.random() * 120;
  return { x: Math.cos(course) * speed, y: Math.sin(course) * speed };
}

/** An input that does nothing. */
export function neutralInput() {
  return { dx: 0, dy: 0, angle: 0, fire: false };
}

/**
 * Advances a room. `players` are objects with a `ship` and its `input`; `bodies` have a `body` and its `velocity`.
 */
export function advance(players, bodies, seconds) {
  for (const player of players) {
    move(player.ship, player.input, seconds);
    if (player.input.fire) {
      fire(player.ship, players);
    }
  }
  for (const { body, velocity } of bodies) {
    drift(body, velocity, "x", seconds);
    drift(body, velocity, "y", seconds);
  }
}

function move(ship, input, seconds) {
  const speed = input.dx !== 0 && input.dy !== 0 ? SPEED * Math.SQRT1_2 : SPEED;
  ship.x = clamp(ship.x + input.dx * speed * seconds);
  ship.y = clamp(ship.y + input.dy * speed * seconds);
  ship.angle = input.angle;
}

/** The nearest other ship in front and in reach is hit. */
function fire(shooter, players) {
  const towardsX = Math.cos(shooter.angle);
  const towardsY = Math.sin(shooter.angle);
  let nearest = null;
  let nearestSquare = REACH * REACH;
  for (const { ship } of players) {
    const x = ship.x - shooter.x;
    const y = ship.y - shooter.y;
    const square = x * x + y * y;
    if (ship !== shooter && square <= nearestSquare && x * towardsX + y * towardsY > 0) {
      nearest = ship;
      nearestSquare = square;
    }
  }
  if (nearest !== null) {
    nearest.hp = nearest.hp <= DAMAGE ? FULL_HP : nearest.hp - DAMAGE;
    shooter.score += 1;
  }
}

function drift(body, velocity, axis, seconds) {
  const at = body[axis] + velocity[axis] * seconds;
  body[axis] = clamp(at);
  if (at < 0 || at > WORLD_SIZE) {
    velocity[axis] = -velocity[axis];
  }
}

function clamp(at) {
  return Math.min(Math.max(at, 0), WORLD_SIZE);
}
