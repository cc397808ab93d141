// A device, a network and a loudspeaker in virtual time around the console's jitter buffer.

import { JitterBuffer } from '/console/jitterbuffer.js';
import { RateMeter } from '/console/ratemeter.js';

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * @param {{seed: number, seconds: number, ppm: number, jitterS: number, told: boolean, blockS?: number}} scene `ppm` is
 *   what the device's sample clock is fast by; `told`: the device's times are known, with a millisecond of noise
 */
export function play({ seed, seconds, ppm, jitterS, told, blockS = 0.05 }) {
  const rate = 4000;
  const next = random(seed);
  const buffer = new JitterBuffer({ rate, targetS: 0.22, mostS: 0.6 });
  const meter = new RateMeter();
  const size = Math.round(rate * blockS);
  const deviceRate = rate * (1 + ppm * 1e-6);
  const out = new Float32Array(128);
  const latencies = [];
  let taken = 0;
  let arrivalS = 0;
  let waiting = null;
  let startedS = null;
  let silentAtStart = 0;
  const ratios = [];
  for (let frames = 0; frames < seconds * rate; frames += out.length) {
    const nowS = frames / rate;
    for (;;) {
      if (waiting === null) {
        const samples = Float32Array.from({ length: size }, (_, i) => Math.sin(2 * Math.PI * 100 * (taken + i) / rate));
        const endS = (taken + size) / deviceRate;
        arrivalS = Math.max(arrivalS, endS + next() * jitterS);
        waiting = { samples, firstS: taken / deviceRate };
        taken += size;
      }
      if (arrivalS > nowS) {
        break;
      }
      if (told) {
        meter.add(waiting.firstS + (next() - 0.5) * 0.002, (taken - size) / rate);
        buffer.given = meter.ratio;
      }
      buffer.push(waiting.samples);
      waiting = null;
    }
    buffer.pull(out);
    if (buffer.playing && startedS === null) {
      startedS = nowS;
      silentAtStart = buffer.silent;
    }
    if (startedS !== null) {
      // From the moment a sample was taken to the moment it leaves: everything is in the device's order.
      const place = taken - (waiting ? size : 0) - buffer.waitingS * rate;
      latencies.push(nowS - place / deviceRate);
      if (nowS > seconds - 10) {
        ratios.push(buffer.ratio);
      }
    }
  }
  const ratio = ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
  return { underruns: buffer.underruns, skipped: buffer.skipped, silent: buffer.silent - silentAtStart,
    latencyMs: 1000 * latencies.reduce((most, one) => Math.max(most, one), 0),
    spanMs: 1000 * (latencies.reduce((most, one) => Math.max(most, one), 0)
      - latencies.reduce((least, one) => Math.min(least, one), Infinity)),
    offPpm: Math.abs(ratio - (1 + ppm * 1e-6)) * 1e6 };
}
