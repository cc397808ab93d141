// The newest samples of one stream, raw as they came, with holes as holes. What is drawn is read from here.

const MAX_VALUES = 4_000_000;
const MAX_RANGES = 200;

/** A ring of frames (one value per channel). Missing values are NaN. */
export class SampleTrack {
  /** Index after the newest sample, -1 before the first. */
  head = -1;
  /** Oldest index that may be read. */
  base = 0;
  /** Ranges without data, oldest first. @type {{from: number, to: number, reason: string}[]} */
  holes = [];
  /** Ranges without data since the start. */
  holeCount = 0;

  /**
   * @param {number} rate samples per second
   * @param {number} channels
   * @param {number} seconds how much is kept
   */
  constructor(rate, channels, seconds) {
    this.rate = rate;
    this.channels = channels;
    this.capacity = Math.max(16, Math.min(Math.ceil(rate * seconds), Math.floor(MAX_VALUES / channels)));
    this.values = new Float64Array(this.capacity * channels);
  }

  /**
   * Appends a block. An index that goes back means a new recording: the track starts again.
   * @param {number} first index of the first sample
   * @param {number} count samples per channel
   * @param {ArrayLike<number>|null} samples raw and interleaved, or null when the device had none
   * @param {(raw: number) => boolean} isMissing
   */
  write(first, count, samples, isMissing) {
    if (this.head < 0 || first < this.head) {
      this.head = first;
      this.base = first;
      this.holes = [];
    }
    if (first > this.head) {
      this.#hole(this.head, first, 'lost');
      this.#fill(this.head, Math.min(first - this.head, this.capacity), first);
    }
    if (samples === null) {
      this.#hole(first, first + count, 'missing');
      this.#fill(first, count, first + count);
    } else {
      const usable = Math.min(count, Math.floor(samples.length / this.channels));
      for (let i = 0; i < usable; i++) {
        const slot = ((first + i) % this.capacity) * this.channels;
        for (let c = 0; c < this.channels; c++) {
          const raw = samples[i * this.channels + c];
          this.values[slot + c] = isMissing(raw) ? NaN : raw;
        }
      }
      this.head = first + usable;
    }
    this.base = Math.max(this.base, this.head - this.capacity);
  }

  /** Raw value of a channel at an index between base and head; NaN where there is none. */
  at(index, channel) {
    return this.values[(index % this.capacity) * this.channels + channel];
  }

  /** Lowest and highest raw value of a channel over the newest samples, or null when there is none. */
  range(channel, count) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = Math.max(this.base, this.head - count); i < this.head; i++) {
      const value = this.at(i, channel);
      if (value < low) {
        low = value;
      }
      if (value > high) {
        high = value;
      }
    }
    return low <= high ? { low, high } : null;
  }

  #fill(from, count, head) {
    const start = Math.max(from, head - this.capacity);
    for (let i = start; i < head && i < start + count + this.capacity; i++) {
      const slot = (i % this.capacity) * this.channels;
      this.values.fill(NaN, slot, slot + this.channels);
    }
    this.head = head;
  }

  #hole(from, to, reason) {
    const last = this.holes[this.holes.length - 1];
    if (last && last.to === from && last.reason === reason) {
      last.to = to;
    } else {
      this.holes.push({ from, to, reason });
      this.holeCount += 1;
      if (this.holes.length > MAX_RANGES) {
        this.holes.shift();
      }
    }
  }
}
