// One playhead for all strips: relay time minus a small delay, so that ECG and heart sound stand under each other.

const MIN_DELAY_S = 0.12;
const MAX_DELAY_S = 1.5;
const MARGIN_S = 0.05;
const WINDOW_MS = 6000;
/** Later than this is backfill, not a slow live stream. */
const BACKFILL_S = 2;
/** Device times that are further off than this from their arrival cannot be used. */
const PLAUSIBLE_S = 3;
const STEP_S = 0.02;
/** A device's own time is followed in finer steps, but only where nobody sees it. */
const DEVICE_STEP_S = 0.004;
const JUMP_S = 0.5;

/** Where now is on the strips. Seconds of relay time. */
export class Timeline {
  delayS = 0.3;
  /** Others on the same time line are this far behind. */
  floorS = 0;
  #late = [];
  #playhead = 0;
  #lastMs = 0;

  /** @param {() => number} nowS relay time in seconds */
  constructor(nowS) {
    this.nowS = nowS;
  }

  /** A block arrived this long after its last sample was taken. */
  observe(latencyS) {
    if (latencyS > BACKFILL_S) {
      return;
    }
    const nowMs = performance.now();
    this.#late.push({ nowMs, latencyS });
    while (this.#late.length > 0 && nowMs - this.#late[0].nowMs > WINDOW_MS) {
      this.#late.shift();
    }
  }

  /** The time that is drawn now. It never goes back by less than a second (a corrected clock may move it). */
  playheadS() {
    const nowMs = performance.now();
    const elapsedS = Math.min(0.25, (nowMs - this.#lastMs) / 1000);
    this.#lastMs = nowMs;
    const worst = this.#late.reduce((most, one) => Math.max(most, one.latencyS), 0);
    const target = Math.min(MAX_DELAY_S, Math.max(MIN_DELAY_S, worst + MARGIN_S, this.floorS));
    this.delayS += target > this.delayS ? Math.min(target - this.delayS, elapsedS * 0.5)
      : Math.max(target - this.delayS, -elapsedS * 0.02);
    const now = this.nowS() - this.delayS;
    this.#playhead = Math.abs(now - this.#playhead) > 1 ? now : Math.max(now, this.#playhead);
    return this.#playhead;
  }
}

/** When the samples of one stream were taken, in relay time: phase + index / rate. */
export class Phase {
  /** @type {number|null} */
  phaseS = null;
  /** True while the device's own time is used, false while the time of arrival stands in for it. */
  fromDevice = false;
  /** A phase to take at the next moment when nobody sees it. @type {number|null} */
  pendingS = null;
  /** How far what is drawn is off what the newest block said. */
  offS = 0;

  /** @param {number} rate */
  constructor(rate) {
    this.rate = rate;
  }

  /** Time of a sample. */
  timeOf(index) {
    return (this.phaseS ?? 0) + index / this.rate;
  }

  /**
   * Learns from a block.
   * @param {number} first @param {number} count
   * @param {number|null} deviceS device time of the first sample in relay time, null when not known
   * @param {number} arrivalS relay time of arrival
   * @param {number} backfillS how far the block may be behind because it was asked for late
   * @returns {boolean} true when everything drawn so far must be drawn again
   */
  learn(first, count, deviceS, arrivalS, backfillS) {
    const end = first + count;
    const byArrival = arrivalS - end / this.rate;
    if (deviceS !== null) {
      const byDevice = deviceS - first / this.rate;
      const latency = arrivalS - (byDevice + end / this.rate);
      if (latency > -0.5 && latency < PLAUSIBLE_S + backfillS) {
        return this.#take(byDevice, true);
      }
    }
    if (this.phaseS === null || this.fromDevice || byArrival < this.phaseS - STEP_S) {
      return this.#take(byArrival, false);
    }
    return false;
  }

  /** Takes a small correction; called when the sweep starts a new line. */
  wrap() {
    if (this.pendingS !== null) {
      this.phaseS = this.pendingS;
      this.pendingS = null;
      this.offS = 0;
    }
  }

  #take(phaseS, fromDevice) {
    const jump = this.phaseS === null ? Infinity : Math.abs(phaseS - this.phaseS);
    this.fromDevice = fromDevice;
    if (jump > JUMP_S || (!fromDevice && jump > STEP_S)) {
      this.phaseS = phaseS;
      this.pendingS = null;
      this.offS = 0;
      return true;
    }
    this.offS = jump;
    this.pendingS = jump > (fromDevice ? DEVICE_STEP_S : STEP_S) ? phaseS : null;
    return false;
  }
}
