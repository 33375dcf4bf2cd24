/**
 * The shots that the own ship fires, shown from the moment they are fired. The server's own come a round trip later, as others
 * see them; they are not shown beside, but say which of these really fly, and for how long.
 * @module
 */

/** @typedef {import("../drawing/camera.js").Vec} Vec */
/** @typedef {import("../world/table-changes.js").Id} Id */
/** @typedef {{ id: Id, player: number, position: Vec }} Shot */
/**
 * @typedef {object} OwnShot
 * @property {Id} id Below zero: no entity has such a one.
 * @property {number} tick On which it was fired.
 * @property {Vec} from
 * @property {Vec} velocity In units a second.
 * @property {Vec} shown Where it was in the last picture.
 * @property {Id | null} confirmed The server's shot that it is.
 * @property {boolean} spent Whether it has hit something that is shown; the server may know better, but not sooner.
 */

/** So far the server's shot may be from the own, in units: it may have been fired a tick later. */
const SAME_UNITS = 80;
/** So many ticks later the server may fire, when an input came late. */
const LATE_TICKS = 4;

export class OwnShots {
  #player;
  #dt;
  #seconds;
  /** @type {OwnShot[]} */
  #shots = [];
  /** The server's shots that are shown as these. @type {Set<Id>} */
  #confirmed = new Set();
  /** Those that it had last. @type {Set<Id>} */
  #there = new Set();
  #fired = 0;

  /**
   * @param {number} player The own seat.
   * @param {number} tickRateHz
   * @param {number} seconds For which a shot flies.
   */
  constructor(player, tickRateHz, seconds) {
    this.#player = player;
    this.#dt = 1 / tickRateHz;
    this.#seconds = seconds;
  }

  /**
   * @param {number} tick
   * @param {Vec} from
   * @param {Vec} velocity In units a second.
   */
  fire(tick, from, velocity) {
    const id = -++this.#fired;
    const shot = { id, tick, from: { ...from }, velocity: { ...velocity }, shown: { ...from }, confirmed: null, spent: false };
    this.#shots.push(shot);
  }

  /**
   * Takes the server's word.
   * @param {number} tick The snapshot's.
   * @param {Iterable<Shot>} shots All that it has.
   */
  confirm(tick, shots) {
    const own = new Map([...shots].filter(({ player }) => player === this.#player).map((shot) => [shot.id, shot]));
    for (const { id, position } of own.values()) {
      if (this.#confirmed.has(id)) continue;
      const same = this.#nearest(tick, position);
      if (same) {
        same.confirmed = id;
        this.#confirmed.add(id);
      }
    }
    this.#shots = this.#shots.filter(({ tick: fired, confirmed }) =>
      confirmed === null ? tick < fired + LATE_TICKS : own.has(confirmed),
    );
    this.#there = new Set(own.keys());
  }

  /**
   * What is to be shown: the own shots where they are by now, and those of others as they are.
   * @template {Shot} T
   * @param {T[]} shots
   * @param {number} inputTick With its fraction.
   * @param {(from: Vec, to: Vec) => boolean} hits Whether something that is shown is in the way.
   * @returns {(T | Shot)[]}
   */
  show(shots, inputTick, hits) {
    const shown = new Set(shots.map(({ id }) => id));
    this.#confirmed = new Set([...this.#confirmed].filter((id) => this.#there.has(id) || shown.has(id)));
    // An own one that this page knows nothing of, as after a correction, is shown as the server has it.
    const others = shots.filter(({ id }) => !this.#confirmed.has(id));
    const own = [];
    for (const shot of this.#shots) {
      const position = this.#at(shot, inputTick);
      shot.spent ||= this.#age(shot, inputTick) > this.#seconds || hits(shot.shown, position);
      shot.shown = position;
      if (!shot.spent) own.push({ id: shot.id, player: this.#player, position });
    }
    return [...others, ...own];
  }

  /**
   * @param {number} tick
   * @param {Vec} position
   */
  #nearest(tick, position) {
    let [best, least] = [/** @type {OwnShot | null} */ (null), SAME_UNITS];
    for (const shot of this.#shots) {
      const { x, y } = this.#at(shot, tick);
      const distance = Math.hypot(x - position.x, y - position.y);
      if (shot.confirmed === null && distance < least) [best, least] = [shot, distance];
    }
    return best;
  }

  /**
   * @param {OwnShot} shot
   * @param {number} tick
   * @returns {Vec}
   */
  #at(shot, tick) {
    const age = this.#age(shot, tick);
    return { x: shot.from.x + shot.velocity.x * age, y: shot.from.y + shot.velocity.y * age };
  }

  /**
   * In seconds. On the tick on which it is fired a shot flies already.
   * @param {OwnShot} shot
   * @param {number} tick
   */
  #age(shot, tick) {
    return Math.max(0, tick - shot.tick + 1) * this.#dt;
  }
}
