// The relay's clock as seen from here: NTP-like exchanges, the slow ones rejected.

const KEPT = 32;
/** Exchanges that an estimate needs. */
export const NEEDED = 8;

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

/** Collects exchanges and gives the estimate. */
export class ClockEstimator {
  #exchanges = [];

  /**
   * Adds one exchange; an impossible one (negative round trip) is ignored.
   * @param {bigint} t1 client send @param {bigint} t2 relay receive
   * @param {bigint} t3 relay send @param {bigint} t4 client receive
   */
  add(t1, t2, t3, t4) {
    const roundTrip = (t4 - t1) - (t3 - t2);
    if (roundTrip < 0n) {
      return;
    }
    this.#exchanges.push({ offset: ((t2 - t1) + (t3 - t4)) / 2n, roundTrip });
    if (this.#exchanges.length > KEPT) {
      this.#exchanges.shift();
    }
  }

  /** Exchanges collected, at most the newest 32. */
  get count() {
    return this.#exchanges.length;
  }

  /**
   * The median offset of the exchanges whose round trip is near the shortest. The bound is the shortest half round
   * trip plus the distance of the median from that exchange, so it holds whatever the asymmetry of the path.
   * @returns {Estimate|null} null below 8 exchanges
   */
  estimate() {
    if (this.#exchanges.length < NEEDED) {
      return null;
    }
    const sorted = [...this.#exchanges].sort((a, b) => (a.roundTrip < b.roundTrip ? -1 : 1));
    const best = sorted[0];
    const limit = best.roundTrip * 2n + 1_000_000n;
    const kept = sorted.filter((x) => x.roundTrip <= limit).map((x) => x.offset)
      .sort((a, b) => (a < b ? -1 : 1));
    const offsetNs = kept[kept.length >> 1];
    const distance = offsetNs > best.offset ? offsetNs - best.offset : best.offset - offsetNs;
    return { offsetNs, uncertaintyNs: best.roundTrip / 2n + distance, samples: this.#exchanges.length };
  }

  /** Forgets everything: another relay answers now. */
  reset() {
    this.#exchanges = [];
  }
}
