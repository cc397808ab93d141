// Device streams with keyId 1: each block's payload is an SFrame message, and what the relay may read of the block and
// of its stream is authenticated beside it.

import { SealingKey } from './keys.js';
import { MalformedPack, unpack } from './pack.js';
import { pack } from './packer.js';
import { BlockFlag, Kind, sampleBytes } from './sbe.js';
import { concat, SFrameError, uint64 } from './sframe.js';

/** Value of `keyId` for streams that are encrypted by the scheme of the consultation. */
export const KEY_ID = 1;
/** First byte of a plaintext: samples as the stream's format has them, or packed. */
const PLAIN = 0;
const PACKED = 1;
const LABEL = 'chevet vitals 1';
const NO_TIME = -(2n ** 63n);
const encoder = new TextEncoder();

/** The kind in the key of a stream. @param {number} kind of sbe.js */
export function labelOf(kind) {
  return { [Kind.ALERT]: 'alert', [Kind.OBJECT]: 'object' }[kind] ?? 'vitals';
}

/**
 * What identifies the meaning of a stream's blocks: SHA-256 over its definition.
 * @param {object} stream fields of StreamAnnounced, or of OpenStream with `participant` and `instance`
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 32 bytes
 */
export async function definitionHash(stream) {
  const channels = stream.channels ?? [];
  const bytes = concat(text(stream.participant), text(stream.name), text(stream.label), text(stream.device),
    uint64(stream.instance), uint64(stream.rateNumerator), u32(stream.rateDenominator), f64(stream.scale),
    f64(stream.zeroOffset), uint64(stream.hasMissingValue ? stream.missingValue : 0), u8(stream.hasMissingValue),
    u32(stream.mdcCode), u32(stream.bodySite), u32(stream.staleAfterMs), u8(stream.kind), u8(stream.clinicalClass),
    u8(stream.sampleFormat), u16(channels.length),
    ...channels.flatMap(({ mdc, label, unit }) => [u32(mdc), text(label), text(unit)]));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** What is authenticated beside a block, or an alert. @param {Uint8Array} hash of the definition */
export function blockMetadata(hash, block) {
  const { sequence, firstSample, deviceTimeNs, sampleCount, flags } = block;
  const terms = block.alertId === undefined ? []
    : [uint64(block.alertId), u32(block.ttlMs), u32(block.escalateAfterMs), u8(block.priority), u8(block.phase)];
  return concat(LABEL, hash, uint64(sequence), uint64(firstSample), uint64(deviceTimeNs ?? NO_TIME), u32(sampleCount),
    u32(flags), ...terms);
}

/** Seals the blocks of one stream of this page. */
export class BlockSealer {
  #key;
  #hash;
  #keyring;
  #stream;

  /**
   * @param {import('./endtoend.js').EndToEnd} endToEnd
   * @param {object} stream the definition, with `participant` and `instance`
   */
  constructor(endToEnd, stream) {
    this.#keyring = endToEnd.keyring;
    this.#stream = stream;
    this.#key = new SealingKey(endToEnd.keyring, labelOf(stream.kind), stream.participant);
    this.#hash = definitionHash(stream);
  }

  /** Waits for the epoch when its key has not arrived yet. @returns {Promise<Uint8Array<ArrayBuffer>>} */
  async seal(block) {
    await this.#keyring.whenReady();
    return this.#key.seal(this.#plaintext(block), blockMetadata(await this.#hash, block), { counter: block.sequence });
  }

  /** Integer samples are packed, as by the Java client: the same bandwidth. */
  #plaintext({ flags, payload, sampleCount }) {
    if (flags & BlockFlag.missing) {
      return new Uint8Array(0);
    }
    const packed = pack(payload, this.#stream.sampleFormat, this.#stream.channels?.length ?? 0, sampleCount);
    return packed ? concat(Uint8Array.of(PACKED), packed) : concat(Uint8Array.of(PLAIN), payload);
  }
}

/** Opens the blocks of one stream of somebody else. */
export class BlockOpener {
  #keys;
  #stream;
  #hash;

  /**
   * @param {import('./endtoend.js').EndToEnd} endToEnd
   * @param {object} stream StreamAnnounced
   */
  constructor(endToEnd, stream) {
    this.#keys = endToEnd.opening;
    this.#stream = stream;
    this.#hash = definitionHash(stream);
  }

  /**
   * @param {object} block as it came
   * @returns {Promise<Uint8Array>} the samples, as the stream's format has them
   * @throws {SFrameError} when it is not what the publisher sealed
   */
  async open(block) {
    const { participant, kind, sampleFormat, channels } = this.#stream;
    const plaintext = await this.#keys.open(labelOf(kind), participant, block.payload,
      blockMetadata(await this.#hash, block), block.sequence);
    if (block.flags & BlockFlag.missing) {
      if (plaintext.length !== 0) {
        throw new SFrameError('malformed', 'a block without samples has some');
      }
      return plaintext;
    }
    const width = Math.max(1, channels.length);
    const size = sampleBytes(sampleFormat);
    if (plaintext[0] === PACKED) {
      return unpacked(plaintext.subarray(1), sampleFormat, width, block.sampleCount);
    }
    if (plaintext[0] !== PLAIN) {
      throw new SFrameError('encoding', `samples in an encoding that is not known here: ${plaintext[0]}`);
    }
    const samples = plaintext.subarray(1);
    if (size > 0 && samples.length !== size * width * block.sampleCount) {
      throw new SFrameError('malformed', `${samples.length} bytes for ${block.sampleCount} samples`);
    }
    return samples;
  }
}

function unpacked(...packed) {
  try {
    return unpack(...packed);
  } catch (error) {
    throw error instanceof MalformedPack ? new SFrameError('malformed', error.message) : error;
  }
}

function text(value) {
  const bytes = encoder.encode(value ?? '');
  return concat(u16(bytes.length), bytes);
}

function f64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function u8(value) {
  return Uint8Array.of(Number(value ?? 0));
}

function u16(value) {
  return Uint8Array.of(value >> 8, value & 255);
}

function u32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value ?? 0);
  return bytes;
}
