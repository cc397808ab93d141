// One instant on three ways: a flash of the camera, a spike of an ECG, a beep of a device. And when each is shown.

import { nowNs } from '/console/clock.js';
import { Kind } from '/console/sbe.js';

/** A flash that is found later than this after its capture has no spike. */
const BEHIND_S = 0.15;
const TICK_MS = 40;
const LIGHT = 128;

function isLight(video, context) {
  context.drawImage(video, 0, 0, 8, 6);
  return context.getImageData(4, 3, 1, 1).data[1] > LIGHT;
}

/** Calls `onFlash` with the frame of each change from dark to light. */
function watch(video, onFlash) {
  const context = new OffscreenCanvas(8, 6).getContext('2d', { willReadFrequently: true });
  let before = true;
  const look = (_now, metadata) => {
    const light = isLight(video, context);
    if (light && !before) {
      onFlash(metadata);
    }
    before = light;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

/** Publishes the camera, and a device whose spikes and beeps are at the very times at which flashes were captured. */
export async function publish(session) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  document.body.append(video);
  const flashes = [];
  globalThis.flashes = flashes;
  let sentUntilS = 0;
  watch(video, ({ captureTime }) => {
    const atS = (performance.timeOrigin + captureTime) / 1000;
    if (atS > sentUntilS) {
      flashes.push(atS);
    }
  });
  await video.play();
  await session.publish(stream, { label: 'camera' });
  const devices = [
    { rate: 500, sent: 0, valueAt: (sinceS) => (sinceS < 0.02 ? 1000 : 0),
      stream: session.vitals.publish({ name: 'spike', label: 'ECG', kind: Kind.WAVEFORM, mdcCode: 131330,
        rateNumerator: 500, scale: 0.001, channels: [{ label: 'II', mdc: 131330, unit: 'mV' }] }) },
    { rate: 4000, sent: 0, valueAt: (sinceS) => (sinceS < 0.1 ? Math.round(9000 * Math.cos(6283.2 * sinceS)) : 0),
      stream: session.vitals.publish({ name: 'beep', label: 'beep', kind: Kind.DEVICE_AUDIO, rateNumerator: 4000,
        scale: 1, channels: [{ label: 'beep', mdc: 0, unit: '1' }] }) },
  ];
  const zeroS = Number(nowNs()) / 1e9;
  setInterval(() => {
    const untilS = Number(nowNs()) / 1e9 - BEHIND_S;
    for (const device of devices) {
      const size = device.rate / 20;
      while (zeroS + (device.sent + size) / device.rate <= untilS) {
        const firstS = zeroS + device.sent / device.rate;
        const values = Int16Array.from({ length: size }, (_, i) => {
          const atS = firstS + i / device.rate;
          const last = flashes.findLast((one) => one <= atS);
          return last === undefined ? 0 : device.valueAt(atS - last);
        });
        const deviceTimeNs = BigInt(Math.round(firstS * 1e6)) * 1000n;
        device.stream.push(new Uint8Array(values.buffer), size, { deviceTimeNs });
        device.sent += size;
        sentUntilS = Math.max(sentUntilS, firstS + size / device.rate);
      }
    }
  }, TICK_MS);
}

/** Notes on the practitioner's page when flash, spike and beep are shown, in milliseconds of the page's clock. */
export function observe() {
  const seen = { flashes: [], spikes: [], beeps: [] };
  globalThis.seen = seen;
  const { aligner } = chevetStats;
  watch(document.querySelector('.tile video'), ({ expectedDisplayTime }) => {
    seen.flashes.push({ atMs: expectedDisplayTime,
      errorMs: aligner.result.known ? aligner.result.errorS * 1000 : null });
  });
  const from = { spike: 0, beep: 0 };
  const starts = (name, level) => {
    const wave = aligner.waves().find((one) => one.stream.info.name === name);
    const found = [];
    if (wave && wave.track.head > 0) {
      for (let i = Math.max(from[name], wave.track.base + 1); i < wave.track.head; i++) {
        const quiet = wave.track.at(i - 1, 0) === 0
          && (name === 'spike' || wave.track.at(Math.max(wave.track.base, i - 400), 0) === 0);
        if (quiet && wave.track.at(i, 0) >= level) {
          found.push({ index: i, relayS: wave.phase.timeOf(i), rate: wave.stream.rate });
        }
      }
      from[name] = wave.track.head;
    }
    return found;
  };
  const spikes = [];
  const beeps = [];
  let before = null;
  const look = () => {
    spikes.push(...starts('spike', 500));
    beeps.push(...starts('beep', 2000));
    const playheadS = aligner.timeline.nowS() - aligner.timeline.delayS;
    for (const one of spikes.splice(0)) {
      if (one.relayS > playheadS) {
        spikes.push(one);
      } else if (before !== null && one.relayS > before - 0.2) {
        seen.spikes.push(performance.now() - 1000 * (playheadS - one.relayS));
      }
    }
    before = playheadS;
    const { place } = aligner.heart;
    for (const one of beeps.splice(0)) {
      if (place === null || one.index > place.sample) {
        beeps.push(one);
      } else if (place.sample - one.index < one.rate) {
        seen.beeps.push(performance.now()
          + 1000 * (place.relayS - aligner.timeline.nowS() + (one.index - place.sample) / one.rate));
      }
    }
    requestAnimationFrame(look);
  };
  look();
}
