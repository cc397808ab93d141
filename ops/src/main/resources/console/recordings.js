// What the site page can play as if a device were connected: bundled recordings, and WAV or CSV files of one's own.

import { Kind, SampleFormat } from './sbe.js';

/**
 * @typedef {object} Recording
 * @property {import('./localstream.js').StreamDescription} stream
 * @property {Uint8Array} bytes samples, channels interleaved
 * @property {number} frameBytes bytes of one sample of all channels
 */

const LEADS = [['I', 131329], ['II', 131330], ['III', 131389], ['aVR', 131390], ['aVL', 131391], ['aVF', 131392],
  ['V1', 131331], ['V2', 131332], ['V3', 131333], ['V4', 131334], ['V5', 131335], ['V6', 131336]];
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const PCM = 1;
/** Private term of this protocol: MDC has none for heart sound. */
const HEART_SOUND = 0x2f000;

/** Bundled recordings: key, text key, loader. */
export const BUNDLED = [
  { key: 'mitbih', text: 'recMitbih', load: loadMitbih },
  { key: 'ptbxl', text: 'recPtbxl', load: loadPtbxl },
  { key: 'circor', text: 'recCircor', load: loadCircor },
];

async function fetchBytes(name) {
  const response = await fetch(new URL(`./recordings/${name}`, import.meta.url));
  if (!response.ok) {
    throw new Error(`${name}: ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

async function loadPtbxl() {
  return {
    stream: {
      name: 'ecg-12', label: 'ECG 12', kind: Kind.WAVEFORM, rateNumerator: 500, rateDenominator: 1, scale: 0.001,
      device: 'PTB-XL HR06004', channels: LEADS.map(([label, mdc]) => ({ label, mdc, unit: 'mV' })),
    },
    bytes: await fetchBytes('ptbxl-hr06004-12x500hz.i16le'), frameBytes: 24,
  };
}

async function loadMitbih() {
  return {
    stream: {
      name: 'ecg-2', label: 'ECG 2', kind: Kind.WAVEFORM, rateNumerator: 360, rateDenominator: 1, scale: 0.005,
      zeroOffset: -5.12, device: 'MIT-BIH 100',
      channels: [{ label: 'MLII', mdc: 0, unit: 'mV' }, { label: 'V5', mdc: 131335, unit: 'mV' }],
    },
    bytes: await fetchBytes('mitbih-100-2x360hz.i16le'), frameBytes: 4,
  };
}

async function loadCircor() {
  const recording = readWav(await fetchBytes('circor-40840-mv.wav'), 'heart-sound');
  recording.stream.device = 'CirCor 40840';
  recording.stream.mdcCode = HEART_SOUND;
  return recording;
}

/**
 * Reads a WAV file of 16-bit PCM; the samples are not touched.
 * @param {Uint8Array} file
 * @param {string} name of the stream
 * @returns {Recording}
 */
export function readWav(file, name) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at) => String.fromCharCode(file[at], file[at + 1], file[at + 2], file[at + 3]);
  if (file.length < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') {
    throw new Error('no WAV');
  }
  let format = null;
  for (let at = 12; at + 8 <= file.length;) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === 'fmt ') {
      format = { code: view.getUint16(at + 8, true), channels: view.getUint16(at + 10, true),
        rate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true) };
    } else if (tag(at) === 'data' && format) {
      if (format.code !== PCM || format.bits !== 16 || format.channels < 1 || format.channels > 2) {
        throw new Error('16-bit PCM');
      }
      const bytes = file.slice(at + 8, Math.min(at + 8 + size, file.length));
      return {
        stream: {
          name, label: name, kind: Kind.DEVICE_AUDIO, rateNumerator: format.rate, rateDenominator: 1,
          scale: 1 / 32768, channels: Array.from({ length: format.channels }, () => ({ label: '', mdc: 0, unit: '1' })),
        },
        bytes, frameBytes: 2 * format.channels,
      };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error('no samples');
}

/**
 * Reads a CSV file: a first line of lead names, then one line per sample in millivolts; an empty field is a sample
 * that does not exist.
 * @param {string} text
 * @param {number} rate samples per second
 * @param {string} name of the stream
 * @returns {Recording}
 */
export function readCsv(text, rate, name) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const separator = lines[0]?.includes(';') ? ';' : ',';
  const names = (lines.shift() ?? '').split(separator).map((one) => one.trim().slice(0, 32));
  if (names.length < 1 || names.length > 16 || lines.length < 2 || !(rate > 0)) {
    throw new Error('CSV');
  }
  const values = new Float32Array(lines.length * names.length);
  lines.forEach((line, row) => line.split(separator).forEach((field, column) => {
    const value = field.trim() === '' ? NaN : Number(separator === ';' ? field.replace(',', '.') : field);
    if (field.trim() !== '' && Number.isNaN(value)) {
      throw new Error(`${row + 2}: ${field}`);
    }
    values[row * names.length + column] = value;
  }));
  const codes = new Map(LEADS);
  return {
    stream: {
      name, label: name, kind: Kind.WAVEFORM, rateNumerator: Math.round(rate * 1000), rateDenominator: 1000, scale: 1,
      sampleFormat: SampleFormat.F32LE,
      channels: names.map((label) => ({ label, mdc: codes.get(label) ?? 0, unit: 'mV' })),
    },
    bytes: new Uint8Array(values.buffer), frameBytes: 4 * names.length,
  };
}

/** Reads a file that a person chose. @param {File} file @param {number} rate for CSV */
export async function readFile(file, rate) {
  if (file.size > MAX_FILE_BYTES) {
    throw new Error('64 MB');
  }
  const name = file.name.replace(/\.[^.]*$/, '').slice(0, 40) || 'file';
  return /\.csv$/i.test(file.name) ? readCsv(await file.text(), rate, name)
    : readWav(new Uint8Array(await file.arrayBuffer()), name);
}
