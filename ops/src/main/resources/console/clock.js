// The relay's clock as seen from here: NTP-like exchanges, the slow ones rejected, the drift tracked. The same as the
// Java library's ClockFilter, bit for bit: doubles hold differences, and the origins are whole nanoseconds.

const WINDOW = 32;
/** Exchanges that an estimate needs. */
export const NEEDED = 8;
/** Two quartz clocks drift apart by at most this: 100 ppm. */
export const MAX_DRIFT = 100e-6;
const OUTLIER_FACTOR = 2;
const OUTLIER_SLACK_NS = 5e6;
/** The drift now differs from that of the last minutes by at most this: quartz follows its temperature. */
const WANDER = 5e-6;
const MIN_SPAN_NS = 1e9;
/** Browsers round their clocks to 100 us where a page is not isolated. */
const RESOLUTION_NS = 100_000;

/** Nanoseconds since 1970 by the page's monotonic clock; its resolution is what the browser allows. */
export function nowNs() {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

/**
 * @typedef {object} Estimate
 * @property {bigint} offsetNs relay time = client time + offsetNs
 * @property {bigint} uncertaintyNs the true offset is within plus or minus this
 * @property {number} samples exchanges it rests on
 */

/** Collects exchanges and gives the estimate for any time from the last one on. */
export class ClockEstimator {
  /** @type {{low: number, high: number, delay: number, time: number, kept: boolean}[]} */
  #all = [];
  #fastest = null;
  #timeZero = 0n;
  #offsetZero = 0n;
  #slowest = -MAX_DRIFT;
  #quickest = MAX_DRIFT;

  /** @param {number} [resolutionNs] what one reading of a clock may be wrong by */
  constructor(resolutionNs = RESOLUTION_NS) {
    this.resolutionNs = resolutionNs;
  }

  /**
   * Adds one exchange; an impossible one is ignored.
   * @param {bigint} t1 client send @param {bigint} t2 relay receive
   * @param {bigint} t3 relay send @param {bigint} t4 client receive
   */
  add(t1, t2, t3, t4) {
    const roundTrip = Number((t4 - t1) - (t3 - t2));
    if (roundTrip < 0 || t3 < t2 || t4 < t1) {
      return;
    }
    if (this.#all.length === 0) {
      this.#timeZero = t4;
      this.#offsetZero = t3 - t4;
    }
    if (this.#all.length === WINDOW) {
      this.#all.shift();
    }
    const slack = this.resolutionNs + MAX_DRIFT * Number(t4 - t1);
    this.#all.push({
      low: Number(t3 - t4 - this.#offsetZero) - slack, high: Number(t2 - t1 - this.#offsetZero) + slack,
      delay: roundTrip, time: Number(t4 - this.#timeZero), kept: true,
    });
    this.#choose();
    // A clock was stepped: the oldest are the wrong witnesses.
    while (!this.#carry(Number(t4 - this.#timeZero)).agreed && this.#all.length > NEEDED) {
      this.#all.shift();
      this.#choose();
    }
  }

  /** Exchanges collected, at most the newest 32. */
  get count() {
    return this.#all.length;
  }

  /** Seconds that the relay's clock gains on this one in a second. */
  get drift() {
    return (this.#slowest + this.#quickest) / 2;
  }

  /**
   * What all kept exchanges agree on, carried on by what is known of the drift; the bound grows with age by what is
   * not known of it, and holds whatever the asymmetry of the path.
   * @param {bigint} [atNs] client time, the last exchange without it
   * @returns {Estimate|null} null below 8 exchanges
   */
  estimate(atNs) {
    if (this.#all.length < NEEDED) {
      return null;
    }
    const at = atNs === undefined ? this.#all[this.#all.length - 1].time : Number(atNs - this.#timeZero);
    const { centre, half } = this.#carry(at);
    return { offsetNs: this.#offsetZero + BigInt(Math.floor(centre + 0.5)),
      uncertaintyNs: BigInt(Math.ceil(half)), samples: this.#all.length };
  }

  /** Forgets everything: another relay answers now. */
  reset() {
    this.#all = [];
    this.#slowest = -MAX_DRIFT;
    this.#quickest = MAX_DRIFT;
  }

  /** Throws out the slow ones and bounds the drift by pairs of the others. */
  #choose() {
    const all = this.#all;
    this.#fastest = all.reduce((best, one) => (one.delay < best.delay ? one : best));
    const limit = OUTLIER_FACTOR * this.#fastest.delay + OUTLIER_SLACK_NS;
    all.forEach((one) => {
      one.kept = one.delay <= limit;
    });
    let slowest = -MAX_DRIFT;
    let quickest = MAX_DRIFT;
    for (let i = 0; i < all.length; i++) {
      for (let j = i + 1; j < all.length; j++) {
        const span = all[j].time - all[i].time;
        if (all[i].kept && all[j].kept && span >= MIN_SPAN_NS) {
          slowest = Math.max(slowest, (all[j].low - all[i].high) / span - WANDER);
          quickest = Math.min(quickest, (all[j].high - all[i].low) / span + WANDER);
        }
      }
    }
    const sound = slowest <= quickest;
    this.#slowest = sound ? slowest : -MAX_DRIFT;
    this.#quickest = sound ? quickest : MAX_DRIFT;
  }

  /** Carries all intervals on to a time and intersects them. */
  #carry(now) {
    let from = -Infinity;
    let to = Infinity;
    for (const one of this.#all) {
      if (one.kept) {
        const age = now - one.time;
        from = Math.max(from, one.low + (age < 0 ? this.#quickest : this.#slowest) * age);
        to = Math.min(to, one.high + (age < 0 ? this.#slowest : this.#quickest) * age);
      }
    }
    if (from <= to) {
      return { agreed: true, centre: from + (to - from) / 2, half: (to - from) / 2 };
    }
    // The fastest exchange is the best witness, and the bound holds what any other says.
    const centre = (this.#fastest.low + this.#fastest.high) / 2;
    const half = this.#all.filter((one) => one.kept).reduce((most, one) => Math.max(most,
      Math.max(one.high - centre, centre - one.low) + MAX_DRIFT * Math.abs(now - one.time)), 0);
    return { agreed: false, centre, half };
  }
}
