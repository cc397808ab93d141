// Unpacks blocks of integer samples (codec.pack of the Java side, which describes the format). Refuses what is no
// packed block of the shape that the caller says.

import { sampleBytes, SampleFormat } from './sbe.js';

export const MAX_BYTES = 1 << 20;
export const RAW = 7;
/** Twice the weights of the last four samples, by filter. */
export const FILTERS = [[0, 0, 0, 0], [2, 0, 0, 0], [4, -2, 0, 0], [6, -6, 2, 0], [3, -1, 0, 0], [2, 1, 0, -1],
  [5, -4, 1, 0]];
export const MAX_WEIGHT = 2;
export const ESCAPE = 24;
export const MAX_PARAMETER = 31;
export const MEMORY = 24;
export const PACKABLE = new Set([SampleFormat.I16LE, SampleFormat.I24LE, SampleFormat.I32LE]);

/** Bytes that are no packed block of the shape they should have. */
export class MalformedPack extends Error {}

/**
 * @param {Uint8Array} packed
 * @param {number} format SampleFormat, an integer one
 * @param {number} channels
 * @param {number} samples per channel
 * @returns {Uint8Array<ArrayBuffer>} the samples as the format has them, channels interleaved
 * @throws {MalformedPack}
 */
export function unpack(packed, format, channels, samples) {
  const width = sampleBytes(format);
  if (!PACKABLE.has(format) || channels < 1 || samples < 1 || channels * samples * width > MAX_BYTES) {
    throw new MalformedPack(`${samples} samples of ${channels} channels in format ${format}`);
  }
  const bits = new Bits(packed);
  const series = [];
  for (let channel = 0; channel < channels; channel++) {
    series.push(new Int32Array(samples));
    readChannel(bits, series, channel, samples, width);
  }
  bits.end();
  const out = new Uint8Array(channels * samples * width);
  let at = 0;
  for (let i = 0; i < samples; i++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let byte = 0; byte < width; byte++) {
        out[at++] = series[channel][i] >> (8 * byte);
      }
    }
  }
  return out;
}

function readChannel(bits, series, channel, samples, width) {
  const x = series[channel];
  const unused = 32 - 8 * width;
  const filter = bits.take(3);
  if (filter === RAW) {
    for (let i = 0; i < samples; i++) {
      x[i] = (bits.take(8 * width) << unused) >> unused;
    }
    return;
  }
  let others = null;
  if (bits.take(1) === 1) {
    if (channel === 0) {
      throw new MalformedPack('the first channel has none before it');
    }
    const [one, two] = [bits.take(2), bits.take(2)].map((place) => series[candidate(channel, place)]);
    const [w1, w2] = [bits.take(3) - MAX_WEIGHT, bits.take(3) - MAX_WEIGHT];
    if (w1 > MAX_WEIGHT || w2 > MAX_WEIGHT) {
      throw new MalformedPack('a weight that there is not');
    }
    others = (i) => Math.floor((w1 * one[i] + w2 * two[i]) / 2);
  }
  readSeries(bits, x, filter);
  for (let i = 0; i < samples; i++) {
    if (others) {
      x[i] += others(i);
    }
    if ((x[i] << unused) >> unused !== x[i]) {
      throw new MalformedPack('a sample that is too large');
    }
  }
}

/** The earlier channel that two bits mean. */
export function candidate(channel, place) {
  return place < 2 ? Math.min(place, channel - 1) : Math.max(0, channel + 1 - place);
}

/** First number in so many bits, then what the filter leaves by an adaptive Rice code; modulo 2^32, as Int32Array. */
function readSeries(bits, r, filter) {
  let sum = 4 * 2 ** bits.take(5);
  let count = 4;
  const length = bits.take(6);
  if (length > 32) {
    throw new MalformedPack('a first sample that is too long');
  }
  r[0] = unfold(bits.take(length));
  for (let i = 1; i < r.length; i++) {
    let k = 0;
    while (k < MAX_PARAMETER && count * 2 ** (k + 1) <= sum) {
      k += 1;
    }
    let ones = 0;
    while (ones < ESCAPE && bits.take(1) === 1) {
      ones += 1;
    }
    const folded = ones === ESCAPE ? bits.take(32) : ones * 2 ** k + bits.take(k);
    if (folded >= 2 ** 32) {
      throw new MalformedPack('a difference that is too large');
    }
    sum += folded;
    count += 1;
    if (count === MEMORY) {
      sum = Math.floor(sum / 2);
      count >>= 1;
    }
    r[i] = unfold(folded) + predict(FILTERS[filter], r, i);
  }
}

/** What comes next; the past before the first sample repeats it. */
function predict(weights, r, i) {
  const sum = weights.reduce((total, weight, back) => total + weight * r[Math.max(0, i - 1 - back)], 0);
  return Math.floor(sum / 2);
}

function unfold(folded) {
  return (folded >>> 1) ^ -(folded % 2);
}

/** Bits of bytes, highest first. */
class Bits {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  /** The next bits, at most 32, as an unsigned number. */
  take(count) {
    if (this.#at + count > 8 * this.#bytes.length) {
      throw new MalformedPack('too short');
    }
    let value = 0;
    for (let left = count; left > 0;) {
      const used = this.#at % 8;
      const part = Math.min(left, 8 - used);
      value = value * 2 ** part + ((this.#bytes[this.#at >>> 3] >> (8 - used - part)) & ((1 << part) - 1));
      this.#at += part;
      left -= part;
    }
    return value;
  }

  /** Nothing follows but the zeros that fill the last byte. */
  end() {
    const left = 8 * this.#bytes.length - this.#at;
    if (left >= 8 || this.take(left) !== 0) {
      throw new MalformedPack('too long');
    }
  }
}
