// Between a network that delivers in bursts and a loudspeaker that asks for 128 samples at a time. Plays the device's
// samples at the device's rate by the loudspeaker's clock: the rate is one number that changes slowly, so the pitch
// stands. What is not there in time is silence and counted; nothing is ever played twice.

const HALF = 16;
const PHASES = 256;
/** Half a cent of pitch: how fast the waiting sound may grow or shrink. */
const MOST_TRIM = 300e-6;
/** Device and loudspeaker differ by at most this. */
const MOST_SKEW = 500e-6;
const TRIM_S = 20;
/**
 * While what waits is between the target less the first and the target plus the second, nothing is corrected: then the
 * rate is the device's and nothing else. The first sound may have come later than the quickest.
 */
const SHORT_S = 0.015;
const LONG_S = 0.2;
const BIN_S = 1;
const BINS = 300;
const RECENT_BINS = 15;
/** Arrivals say nothing of the rate before this. */
const SKEW_SPAN_S = 120;
/** An underrun asks for this much more waiting sound from then on. */
const STEP_S = 0.05;

const KERNELS = Array.from({ length: PHASES + 1 }, (_, phase) => kernel(phase / PHASES));

/** Samples in, samples out. Times are seconds of the loudspeaker's clock: what was pulled so far. */
export class JitterBuffer {
  played = 0;
  underruns = 0;
  skipped = 0;
  /** Output samples that were silence because nothing was there, since the first sound. */
  silent = 0;
  playing = false;
  /** Device samples per nominal device sample's time: what plays now, and what the device's own times say. */
  ratio = 1;
  /** @type {number|null} */
  given = null;
  #ring;
  #frames = 0;
  /** Count of samples that ever came, and the (fractional) place of the next to play among them. */
  #came = 0;
  #at = 0;
  #bins = [];
  #reckoned = 0;

  /**
   * @param {{rate: number, step?: number, targetS: number, mostS: number}} options `rate` of the loudspeaker in Hz;
   *   `step` device samples per sample of the loudspeaker, by the nominal rates
   */
  constructor({ rate, step = 1, targetS, mostS }) {
    this.rate = rate;
    this.step = step;
    this.targetS = targetS;
    this.mostS = mostS;
    this.#ring = new Float32Array(2 ** Math.ceil(Math.log2((mostS + 2) * rate * step + 2 * HALF)));
  }

  /** Device samples that ever came. */
  get came() {
    return this.#came;
  }

  /** Seconds of sound that wait. */
  get waitingS() {
    return (this.#came - this.#at) / (this.rate * this.step);
  }

  /** Takes samples of the device. */
  push(samples) {
    for (let from = 0; from < samples.length; from += this.#ring.length >> 1) {
      this.#take(samples.subarray(from, from + (this.#ring.length >> 1)));
    }
    this.#note();
  }

  #take(samples) {
    const mask = this.#ring.length - 1;
    for (let i = 0; i < samples.length; i++) {
      this.#ring[(this.#came + i) & mask] = samples[i];
    }
    this.#came += samples.length;
    const most = Math.floor(this.mostS * this.rate * this.step);
    if (this.#came - this.#at > most) {
      const to = Math.floor(this.#came - this.targetS * this.rate * this.step);
      this.skipped += Math.round(to - this.#at);
      this.#at = to;
    }
  }

  /** Everything that waits is forgotten; the next sound waits again. */
  reset() {
    this.#at = this.#came;
    this.#bins = [];
    this.playing = false;
    this.ratio = this.given ?? 1;
  }

  /** Holds back: silence until that much more waits. */
  wait(seconds) {
    this.targetS = Math.min(this.waitingS + seconds, this.mostS - 2 * STEP_S);
    this.playing = this.waitingS >= this.targetS;
  }

  /** Fills `out` with what is due. */
  pull(out) {
    if (!this.playing && this.waitingS >= this.targetS) {
      this.playing = true;
    }
    const step = this.step * this.ratio;
    let done = 0;
    if (this.playing && step === 1 && this.#at % 1 === 0) {
      const mask = this.#ring.length - 1;
      done = Math.min(out.length, this.#came - this.#at);
      for (let i = 0; i < done; i++) {
        out[i] = this.#ring[(this.#at + i) & mask];
      }
      this.#at += done;
    } else {
      // Between two samples the signal is known once those around it are there.
      while (this.playing && done < out.length && this.#at + HALF < this.#came) {
        out[done++] = this.#between(this.#at);
        this.#at += step;
      }
    }
    out.fill(0, done);
    this.#frames += out.length;
    this.played += done;
    if (this.playing && done < out.length) {
      this.playing = false;
      this.underruns += 1;
      this.targetS = Math.min(this.targetS + STEP_S, this.mostS - 2 * STEP_S);
    }
    this.silent += this.played > 0 ? out.length - done : 0;
    if (this.#frames - this.#reckoned >= this.rate * BIN_S) {
      this.#reckoned = this.#frames;
      this.#reckon();
    }
  }

  /** The band-limited signal between its samples. */
  #between(place) {
    const mask = this.#ring.length - 1;
    const first = Math.floor(place);
    const phase = (place - first) * PHASES;
    const low = Math.floor(phase);
    const part = phase - low;
    const a = KERNELS[low];
    const b = KERNELS[low + 1] ?? a;
    let sum = 0;
    for (let j = 0; j < 2 * HALF; j++) {
      const index = first + j - HALF + 1;
      if (index >= 0 && index < this.#came) {
        sum += this.#ring[index & mask] * (a[j] + (b[j] - a[j]) * part);
      }
    }
    return sum;
  }

  /** How late this arrival was, up to a constant; the least of each second is kept. */
  #note() {
    const nowS = this.#frames / this.rate;
    const late = { nowS, s: nowS - this.#came / (this.rate * this.step) };
    const last = this.#bins[this.#bins.length - 1];
    if (last && Math.floor(last.nowS / BIN_S) === Math.floor(nowS / BIN_S)) {
      if (late.s < last.s) {
        Object.assign(last, late);
      }
      return;
    }
    this.#bins.push(late);
    if (this.#bins.length > BINS) {
      this.#bins.shift();
    }
  }

  /** The rate from now on. */
  #reckon() {
    const base = this.given ?? 1 - clamp(skewOf(this.#bins), MOST_SKEW);
    if (!this.playing || this.#bins.length === 0) {
      this.ratio = base;
      return;
    }
    // What would wait if the newest block had come as quickly as the quickest of the last seconds.
    const quickest = this.#bins.slice(-RECENT_BINS).reduce((least, one) => Math.min(least, one.s), Infinity);
    const levelS = this.#frames / this.rate - quickest - this.#at / (this.rate * this.step);
    const offS = levelS - this.targetS;
    const excessS = Math.max(0, offS - LONG_S) + Math.min(0, offS + SHORT_S);
    this.ratio = base + clamp(excessS / TRIM_S, MOST_TRIM);
  }
}

/**
 * Slope of the line below all points that lies closest to them: delays have a floor and no ceiling. 0 while the points
 * span too little.
 */
function skewOf(points) {
  if (points.length < 2 || points[points.length - 1].nowS - points[0].nowS < SKEW_SPAN_S) {
    return 0;
  }
  const hull = [];
  for (const point of points) {
    while (hull.length > 1 && isAbove(hull[hull.length - 2], hull[hull.length - 1], point)) {
      hull.pop();
    }
    hull.push(point);
  }
  const middle = points.reduce((sum, one) => sum + one.nowS, 0) / points.length;
  const after = Math.max(1, hull.findIndex((one) => one.nowS >= middle));
  return (hull[after].s - hull[after - 1].s) / (hull[after].nowS - hull[after - 1].nowS);
}

function isAbove(a, b, c) {
  return (b.s - a.s) * (c.nowS - a.nowS) >= (c.s - a.s) * (b.nowS - a.nowS);
}

function clamp(value, most) {
  return Math.min(most, Math.max(-most, value));
}

/** Weights of the 32 samples around a point that lies `fraction` after the sample at place HALF - 1; they sum to 1. */
function kernel(fraction) {
  const taps = Float64Array.from({ length: 2 * HALF }, (_, j) => {
    const x = j - (HALF - 1) - fraction;
    const window = 0.5 + 0.5 * Math.cos(Math.PI * x / (HALF + 1));
    return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x) * window;
  });
  const sum = taps.reduce((total, one) => total + one, 0);
  return taps.map((one) => one / sum);
}
