/**
 * The own ship's shots, predicted from the moment they are fired.
 *
 * The server's shots arrive a round trip later. Each is matched with the predicted one and hidden; it confirms that the shot
 * exists and ends it.
 * @module
 */

/** @typedef {import("../world/types.js").Vec} Vec */
/** @typedef {import("../world/types.js").Id} Id */
/** @typedef {{ id: Id, player: number, position: Vec }} Shot */
/**
 * @typedef {object} OwnShot
 * @property {Id} id Negative, so that it differs from every entity's id.
 * @property {number} tick The tick on which it was fired.
 * @property {Vec} from
 * @property {Vec} velocity In units per second.
 * @property {Vec} shown Its position in the last drawn frame.
 * @property {Id | null} confirmed The server's shot matched with it.
 * @property {boolean} spent True once it is drawn no more: it has expired, hit a drawn target or ended on the server.
 */

/** The greatest distance, in units, between a predicted shot and its match: the server may have fired a tick later. */
const MATCH_UNITS = 80;
/** The server may fire this many ticks later than predicted if the input arrived late. */
const LATE_TICKS = 4;

export class OwnShots {
  #player;
  #dt;
  #seconds;
  #ended;
  /** @type {OwnShot[]} */
  #shots = [];
  /** The server's shots that have a predicted match. @type {Set<Id>} */
  #confirmed = new Set();
  /** The own shots in the last snapshot. @type {Set<Id>} */
  #inSnapshot = new Set();
  #fired = 0;

  /**
   * @param {number} player The own seat.
   * @param {number} tickRateHz
   * @param {number} seconds A shot's lifetime.
   * @param {(shot: Shot) => void} [ended] Called when a predicted shot ends, with the shot as it was last drawn.
   */
  constructor(player, tickRateHz, seconds, ended = () => {}) {
    this.#player = player;
    this.#dt = 1 / tickRateHz;
    this.#seconds = seconds;
    this.#ended = ended;
  }

  /**
   * @param {number} tick
   * @param {Vec} from
   * @param {Vec} velocity In units per second.
   */
  fire(tick, from, velocity) {
    const id = -++this.#fired;
    const shot = { id, tick, from: { ...from }, velocity: { ...velocity }, shown: { ...from }, confirmed: null, spent: false };
    this.#shots.push(shot);
  }

  /**
   * Matches predicted shots with those of a snapshot, and drops predicted ones that the server did not fire or has ended.
   * @param {number} tick The snapshot's tick.
   * @param {Iterable<Shot>} shots All shots of the snapshot.
   */
  confirm(tick, shots) {
    const own = new Map([...shots].filter(({ player }) => player === this.#player).map((shot) => [shot.id, shot]));
    for (const { id, position } of own.values()) {
      if (this.#confirmed.has(id)) continue;
      const match = this.#nearest(tick, position);
      if (match) {
        match.confirmed = id;
        this.#confirmed.add(id);
      }
    }
    this.#shots = this.#shots.filter((shot) => {
      const lives = shot.confirmed === null ? tick < shot.tick + LATE_TICKS : own.has(shot.confirmed);
      if (!lives) this.#end(shot);
      return lives;
    });
    this.#inSnapshot = new Set(own.keys());
  }

  /**
   * The shots to draw: predicted own shots, and everyone else's as the server has them.
   * @template {Shot} T
   * @param {T[]} shots
   * @param {number} inputTick The tick of the current input, with its fraction.
   * @param {(from: Vec, to: Vec) => boolean} hits Returns true if a drawn target lies on the path.
   * @returns {(T | Shot)[]}
   */
  show(shots, inputTick, hits) {
    const shown = new Set(shots.map(({ id }) => id));
    this.#confirmed = new Set([...this.#confirmed].filter((id) => this.#inSnapshot.has(id) || shown.has(id)));
    // An own shot without a predicted match, as after a correction, is drawn as the server has it.
    const others = shots.filter(({ id }) => !this.#confirmed.has(id));
    const own = [];
    for (const shot of this.#shots) {
      const position = this.#at(shot, inputTick);
      if (this.#age(shot, inputTick) > this.#seconds || hits(shot.shown, position)) this.#end(shot);
      shot.shown = position;
      if (!shot.spent) own.push({ id: shot.id, player: this.#player, position });
    }
    return [...others, ...own];
  }

  /**
   * Returns true if a shot of the server is not drawn, because a predicted one is in its place.
   * @param {Id} id
   */
  hides(id) {
    return this.#confirmed.has(id);
  }

  /** @param {OwnShot} shot */
  #end(shot) {
    if (shot.spent) return;
    shot.spent = true;
    this.#ended({ id: shot.id, player: this.#player, position: shot.shown });
  }

  /**
   * @param {number} tick
   * @param {Vec} position
   */
  #nearest(tick, position) {
    let [best, least] = [/** @type {OwnShot | null} */ (null), MATCH_UNITS];
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
   * A shot's age in seconds. The rules move a shot on the tick on which it is fired.
   * @param {OwnShot} shot
   * @param {number} tick
   */
  #age(shot, tick) {
    return Math.max(0, tick - shot.tick + 1) * this.#dt;
  }
}
