// How fast one clock runs by another, from pairs of readings: the slope of the line of least squares through the last
// minutes. For readings whose noise has no floor; network delays have one, and jitterbuffer.js knows it.

const KEEP_S = 120;
const MIN_SPAN_S = 8;
const MAX_READINGS = 4096;

/** Ratio of two clocks that both tell seconds. */
export class RateMeter {
  #readings = [];

  /** @param {number} [jumpS] a reading that is this far off the last one's line starts anew */
  constructor(jumpS = 0.5) {
    this.jumpS = jumpS;
  }

  /** @param {number} xS the clock to measure by @param {number} yS the clock that is measured */
  add(xS, yS) {
    const last = this.#readings[this.#readings.length - 1];
    if (last && (xS < last.xS || Math.abs((yS - last.yS) - (xS - last.xS)) > this.jumpS)) {
      this.#readings = [];
    }
    this.#readings.push({ xS, yS });
    while (xS - this.#readings[0].xS > KEEP_S || this.#readings.length > MAX_READINGS) {
      this.#readings.shift();
    }
  }

  /** Seconds of the measured clock per second of the other; null while that is not known. */
  get ratio() {
    const all = this.#readings;
    if (all.length < 8 || all[all.length - 1].xS - all[0].xS < MIN_SPAN_S) {
      return null;
    }
    const zero = all[0];
    let x = 0;
    let gain = 0;
    for (const one of all) {
      x += one.xS - zero.xS;
      gain += (one.yS - zero.yS) - (one.xS - zero.xS);
    }
    x /= all.length;
    gain /= all.length;
    let above = 0;
    let below = 0;
    for (const one of all) {
      const dx = one.xS - zero.xS - x;
      above += dx * ((one.yS - zero.yS) - (one.xS - zero.xS) - gain);
      below += dx * dx;
    }
    return 1 + above / below;
  }
}
