// Packs blocks of integer samples, byte for byte as codec.pack.SamplePacker of the Java side.

import { candidate, ESCAPE, FILTERS, MAX_BYTES, MAX_PARAMETER, MAX_WEIGHT, MEMORY, PACKABLE, RAW } from './pack.js';
import { sampleBytes } from './sbe.js';

const PLACES = 4;
const CROSS_BITS = 10;
const PARAMETER_BITS = 5;
const LENGTH_BITS = 6;
const WARM = 8;

/**
 * @param {Uint8Array} plain the samples as the format has them, channels interleaved
 * @param {number} format SampleFormat
 * @param {number} channels
 * @param {number} samples per channel
 * @returns {Uint8Array|null} fewer bytes than `plain`; null when they would not be, or when it is no whole block of
 *   integer samples: send it as it is
 */
export function pack(plain, format, channels, samples) {
  const width = sampleBytes(format);
  if (!PACKABLE.has(format) || channels < 1 || samples < 1 || plain.length !== channels * samples * width
    || plain.length > MAX_BYTES) {
    return null;
  }
  const series = seriesOf(plain, channels, samples, width);
  const bits = new BitWriter(plain.length);
  for (let channel = 0; channel < channels && !bits.full; channel++) {
    packChannel(bits, series, channel, 8 * width);
  }
  return bits.full || bits.length >= plain.length ? null : bits.bytes.subarray(0, bits.length);
}

function seriesOf(plain, channels, samples, width) {
  const unused = 32 - 8 * width;
  const series = Array.from({ length: channels }, () => new Int32Array(samples));
  let at = 0;
  for (let i = 0; i < samples; i++) {
    for (const x of series) {
      let value = 0;
      for (let byte = 0; byte < width; byte++) {
        value |= plain[at++] << (8 * byte);
      }
      x[i] = (value << unused) >> unused;
    }
  }
  return series;
}

function packChannel(bits, series, channel, width) {
  const x = series[channel];
  const alone = best(x);
  let crossed = x;
  let code = 0;
  let helped = { cost: Infinity };
  if (channel > 0) {
    code = bestCross(series, channel);
    crossed = withoutOthers(series, channel, code);
    helped = best(crossed);
    helped.cost += CROSS_BITS;
  }
  if (Math.min(alone.cost, helped.cost) + 1 + PARAMETER_BITS >= width * x.length) {
    bits.put(RAW, 3);
    for (const value of x) {
      bits.put((value >>> 0) % 2 ** width, width);
    }
  } else if (helped.cost < alone.cost) {
    bits.put(helped.filter, 3);
    bits.put(1, 1);
    bits.put(code, CROSS_BITS);
    write(bits, crossed, helped);
  } else {
    bits.put(alone.filter, 3);
    bits.put(0, 1);
    write(bits, x, alone);
  }
}

/** The filter that takes the fewest bits, and the parameter to begin with. */
function best(r) {
  let found = { cost: Infinity, filter: 0, parameter: 0 };
  const warm = Math.min(r.length, WARM);
  for (let filter = 0; filter < FILTERS.length; filter++) {
    let sum = 0;
    for (let i = r.length > 1 ? 1 : 0; i < warm; i++) {
      sum += left(filter, r, i);
    }
    const parameter = Math.min(MAX_PARAMETER, bitLength(Math.floor(sum / warm)));
    const cost = costOf(r, filter, parameter, found.cost);
    if (cost < found.cost) {
      found = { cost, filter, parameter };
    }
  }
  return found;
}

function costOf(r, filter, parameter, enough) {
  const rice = new Rice(parameter);
  let bits = LENGTH_BITS + bitLength(fold(r[0]));
  for (let i = 1; i < r.length && bits < enough; i++) {
    const folded = left(filter, r, i);
    const k = rice.parameter();
    const ones = Math.floor(folded / 2 ** k);
    bits += ones >= ESCAPE ? ESCAPE + 32 : ones + 1 + k;
    rice.add(folded);
  }
  return bits;
}

/** The pair of earlier channels and weights that leaves the least movement: places and weights as ten bits. */
function bestCross(series, channel) {
  let least = Infinity;
  let found = 0;
  for (let one = 0; one < PLACES; one++) {
    for (let two = one + 1; two < PLACES; two++) {
      for (let w1 = 0; w1 <= 2 * MAX_WEIGHT; w1++) {
        for (let w2 = 0; w2 <= 2 * MAX_WEIGHT; w2++) {
          const code = (((((one << 2) | two) << 3) | w1) << 3) | w2;
          const sum = movement(series, channel, code, least);
          if (sum < least) {
            least = sum;
            found = code;
          }
        }
      }
    }
  }
  return found;
}

function movement(series, channel, code, enough) {
  const x = series[channel];
  const { y1, y2, w1, w2 } = crossOf(series, channel, code);
  let sum = 0;
  let before = (x[0] - Math.floor((w1 * y1[0] + w2 * y2[0]) / 2)) | 0;
  for (let i = 1; i < x.length && sum < enough; i++) {
    const now = (x[i] - Math.floor((w1 * y1[i] + w2 * y2[i]) / 2)) | 0;
    sum += Math.abs((now - before) | 0);
    before = now;
  }
  return sum;
}

function withoutOthers(series, channel, code) {
  const { y1, y2, w1, w2 } = crossOf(series, channel, code);
  return series[channel].map((value, i) => value - Math.floor((w1 * y1[i] + w2 * y2[i]) / 2));
}

function crossOf(series, channel, code) {
  return {
    y1: series[candidate(channel, code >> 8)], y2: series[candidate(channel, (code >> 6) & 3)],
    w1: ((code >> 3) & 7) - MAX_WEIGHT, w2: (code & 7) - MAX_WEIGHT,
  };
}

function write(bits, r, { filter, parameter }) {
  const first = fold(r[0]);
  bits.put(parameter, PARAMETER_BITS);
  bits.put(bitLength(first), LENGTH_BITS);
  bits.put(first, bitLength(first));
  const rice = new Rice(parameter);
  for (let i = 1; i < r.length && !bits.full; i++) {
    const folded = left(filter, r, i);
    const k = rice.parameter();
    const ones = Math.floor(folded / 2 ** k);
    if (ones >= ESCAPE) {
      bits.put(2 ** ESCAPE - 1, ESCAPE);
      bits.put(folded, 32);
    } else {
      bits.put(2 ** (ones + 1) - 2, ones + 1);
      bits.put(folded % 2 ** k, k);
    }
    rice.add(folded);
  }
}

/** What a filter leaves of a sample, folded; the past before the first sample repeats it. */
function left(filter, r, i) {
  if (i === 0) {
    return fold(r[0]);
  }
  const [a, b, c, d] = FILTERS[filter];
  const x1 = r[i - 1];
  const x2 = i > 1 ? r[i - 2] : x1;
  const x3 = i > 2 ? r[i - 3] : x2;
  const x4 = i > 3 ? r[i - 4] : x3;
  return fold((r[i] - Math.floor((a * x1 + b * x2 + c * x3 + d * x4) / 2)) | 0);
}

/** 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
function fold(value) {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function bitLength(value) {
  return 32 - Math.clz32(value);
}

/** The adaptive parameter of the Rice code. */
class Rice {
  #sum;
  #count = 4;

  constructor(parameter) {
    this.#sum = 4 * 2 ** parameter;
  }

  parameter() {
    let k = 0;
    while (k < MAX_PARAMETER && this.#count * 2 ** (k + 1) <= this.#sum) {
      k += 1;
    }
    return k;
  }

  add(folded) {
    this.#sum += folded;
    this.#count += 1;
    if (this.#count === MEMORY) {
      this.#sum = Math.floor(this.#sum / 2);
      this.#count >>= 1;
    }
  }
}

/** Bits into bytes, highest first, up to a limit. */
class BitWriter {
  full = false;
  #at = 0;

  constructor(limit) {
    this.bytes = new Uint8Array(limit);
  }

  /** Bytes begun. */
  get length() {
    return Math.ceil(this.#at / 8);
  }

  /** @param {number} value @param {number} count at most 32 */
  put(value, count) {
    if (this.#at + count > 8 * this.bytes.length) {
      this.full = true;
      return;
    }
    for (let rest = count; rest > 0;) {
      const used = this.#at % 8;
      const part = Math.min(rest, 8 - used);
      const chunk = Math.floor(value / 2 ** (rest - part)) % 2 ** part;
      this.bytes[this.#at >>> 3] |= chunk << (8 - used - part);
      this.#at += part;
      rest -= part;
    }
  }
}
