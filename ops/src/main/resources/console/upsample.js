// For browsers whose audio starts at 8000 Hz: a whole multiple of the device's rate, by a windowed sinc.
// The device's own samples come out unchanged at every k-th place; between them stands what a band-limited signal has.

const HALF = 16;

/** Streams samples to k times their rate. Delays them by 16 samples. */
export class Upsampler {
  /** Samples of the device that it holds back. */
  static held = HALF;
  #tail = new Float32Array(2 * HALF);
  #kernel;

  /** @param {number} k whole multiple, 2 or more */
  constructor(k) {
    this.k = k;
    this.#kernel = Array.from({ length: k }, (_, phase) => kernel(phase / k));
  }

  /**
   * @param {Float32Array} samples
   * @returns {Float32Array} k times as many
   */
  push(samples) {
    const all = new Float32Array(this.#tail.length + samples.length);
    all.set(this.#tail);
    all.set(samples, this.#tail.length);
    const out = new Float32Array(samples.length * this.k);
    for (let i = 0; i < samples.length; i++) {
      out[i * this.k] = all[i + HALF];
      for (let phase = 1; phase < this.k; phase++) {
        const taps = this.#kernel[phase];
        let sum = 0;
        for (let j = 0; j < 2 * HALF; j++) {
          sum += all[i + 1 + j] * taps[j];
        }
        out[i * this.k + phase] = sum;
      }
    }
    this.#tail = all.slice(samples.length);
    return out;
  }
}

/** Weights of the 32 samples around a point that lies `fraction` after the sample at place HALF - 1. */
function kernel(fraction) {
  return Float64Array.from({ length: 2 * HALF }, (_, j) => {
    const x = j - (HALF - 1) - fraction;
    const window = 0.5 + 0.5 * Math.cos(Math.PI * x / (HALF + 1));
    return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x) * window;
  });
}
