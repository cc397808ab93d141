// Plays a recording as a device would: blocks in real time, device time by sample count, round and round.

import { nowNs } from './clock.js';
import { BlockFlag, Kind, SampleFormat } from './sbe.js';

const TICK_MS = 40;
/** Between the end of a recording and its next start. */
const PAUSE_S = 0.4;
const BLOCK_MS = { [Kind.WAVEFORM]: 100, [Kind.DEVICE_AUDIO]: 50 };

/** One simulated device. */
export class Replay {
  #timer = 0;
  #startNs = 0n;
  #sent = 0;
  #at = 0;

  /**
   * @param {import('./vitals.js').VitalsConnection} vitals
   * @param {import('./recordings.js').Recording} recording
   */
  constructor(vitals, recording) {
    this.recording = recording;
    this.stream = vitals.publish(recording.stream);
    this.rate = recording.stream.rateNumerator / recording.stream.rateDenominator;
    this.perBlock = Math.max(1, Math.round(this.rate * BLOCK_MS[recording.stream.kind] / 1000));
    this.frames = Math.floor(recording.bytes.length / recording.frameBytes);
  }

  /** Seconds that were sent. */
  get seconds() {
    return this.#sent / this.rate;
  }

  start() {
    this.#startNs = nowNs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.stream.end();
  }

  #tick() {
    const due = Math.floor(Number(nowNs() - this.#startNs) / 1e9 * this.rate);
    while (this.#sent + this.perBlock <= due) {
      this.#block();
    }
  }

  /** The next block; where the recording starts again there is a pause without samples, not a step in the signal. */
  #block() {
    if (this.#at >= this.frames) {
      this.#at = 0;
      this.#push(new Uint8Array(0), Math.round(this.rate * PAUSE_S), BlockFlag.missing);
      return;
    }
    const { bytes, frameBytes } = this.recording;
    const count = Math.min(this.perBlock, this.frames - this.#at);
    this.#push(bytes.slice(this.#at * frameBytes, (this.#at + count) * frameBytes), count, 0);
    this.#at += count;
  }

  #push(payload, count, flags) {
    const deviceTimeNs = this.#startNs + BigInt(Math.round(this.#sent / this.rate * 1e9));
    this.stream.push(payload, count, { deviceTimeNs, flags });
    this.#sent += count;
  }
}

/** A made-up oximeter and thermometer, one value a second, marked as a test signal. */
export class MadeUpVitals {
  #timer = 0;
  #started = performance.now();

  constructor(vitals) {
    this.parts = [
      { name: 'demo-spo2', label: 'SpO2', mdcCode: 150456, unit: '%', value: (s) => 97 + Math.round(Math.sin(s / 9)) },
      { name: 'demo-pulse', label: 'Pulse', mdcCode: 149530, unit: '/min',
        value: (s) => 72 + Math.round(3 * Math.sin(s / 5)) },
      { name: 'demo-temperature', label: 'Temperature', mdcCode: 150364, unit: 'Cel', value: () => 37.2 },
    ].map((part) => ({ ...part, stream: vitals.publish(numeric(part, 10_000)) }));
    this.stream = this.parts[0].stream;
  }

  get seconds() {
    return (performance.now() - this.#started) / 1000;
  }

  start() {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  stop() {
    clearInterval(this.#timer);
    this.parts.forEach(({ stream }) => stream.end());
  }

  #tick() {
    for (const { stream, value } of this.parts) {
      pushValues(stream, [value(this.seconds)], 16);
    }
  }
}

/** Description of a numeric stream with one value. */
export function numeric({ name, label, mdcCode, unit, channels }, staleAfterMs) {
  return {
    name, label, kind: Kind.NUMERIC, sampleFormat: SampleFormat.F64LE, mdcCode, staleAfterMs,
    channels: channels ?? [{ label, mdc: mdcCode, unit }],
  };
}

/** Sends the values of one measurement, taken now. */
export function pushValues(stream, values, flags = 0) {
  const payload = new Uint8Array(values.length * 8);
  const view = new DataView(payload.buffer);
  values.forEach((value, i) => view.setFloat64(8 * i, value, true));
  stream.push(payload, 1, { deviceTimeNs: nowNs(), flags });
}
