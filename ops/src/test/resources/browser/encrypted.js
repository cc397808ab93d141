// A page without a user interface that takes part in an encrypted consultation, and tells a test about it.

import { join } from '/console/chevet.js';
import { fromBase64Url, Keyring } from '/console/keys.js';
import { Kind, SampleFormat } from '/console/sbe.js';
import { decodeHeader } from '/console/sframe.js';
import { figuresOf } from './figures.js';

const BLOCKS = 60;
const SAMPLES = 50;

/** Joins as window.session; remembers samples, gaps and what cannot be opened. */
export async function begin(options) {
  const session = await join(options);
  Object.assign(window, { session, samples: [], gaps: [], values: [], failing: new Set(), epochs: [] });
  session.on('undecryptable', ({ participant, kind, failing }) =>
    window.failing[failing ? 'add' : 'delete'](`${participant} ${kind}`));
  session.on('epoch', ({ epoch, safetyCode }) => window.epochs.push({ epoch, safetyCode }));
  session.on('stream', (stream) => {
    stream.on('block', (block) => window.samples.push(...block.samples));
    stream.on('value', (block) => window.values.push(...block.samples));
    stream.on('gap', (gap) => window.gaps.push(gap.reason));
    stream.subscribe({ fromSequence: 0 });
  });
  window.figures = () => (session.receiver?.connection ? figuresOf(session.receiver.connection) : { frames: 0 });
  return session.safetyCode;
}

/**
 * Tries every epoch of a keyring upon every message, whatever epoch its key id names: by epoch, how many it opened.
 * @param {object} state of a keyring
 * @param {string[]} messages base64url
 */
export async function openedBy(state, kind, participant, messages) {
  const ring = new Keyring();
  ring.restore(state);
  const opened = {};
  for (const message of messages.map(fromBase64Url)) {
    const header = decodeHeader(message);
    for (const [epoch] of state.epochs) {
      const key = await ring.derive(epoch, kind, participant, header.kid);
      try {
        await key.open(header, message);
        opened[epoch] = (opened[epoch] ?? 0) + 1;
      } catch (error) {
        if (error.reason !== 'authentication') {
          throw error;
        }
      }
    }
  }
  return opened;
}

/** Plays one sound and one picture. */
export function view() {
  const video = document.body.appendChild(document.createElement('video'));
  video.srcObject = new MediaStream();
  video.autoplay = true;
  session.on('track', ({ track }) => {
    video.srcObject.addTrack(track);
    video.play().catch(() => {});
  });
  session.subscribe({ audio: 1, video: 1 });
}

/** Publishes camera and microphone, with only the codecs of these MIME types when some are given. */
export async function publish(codecs = null) {
  if (codecs) {
    const real = RTCRtpSender.getCapabilities;
    RTCRtpSender.getCapabilities = (kind) => {
      const { codecs: all } = real.call(RTCRtpSender, kind);
      return { codecs: all.filter((one) => kind === 'audio' || codecs.includes(one.mimeType)) };
    };
  }
  await session.publish(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }), { label: 'camera' });
}

/** Sample i of what `ecg` publishes. */
export function sampleOf(i) {
  return ((i * 7919) % 65521) - 32760;
}

/** Publishes blocks of a waveform, and one number. */
export function ecg() {
  const stream = session.vitals.publish({ name: 'ecg', label: 'ECG é', kind: Kind.WAVEFORM, rateNumerator: 500,
    sampleFormat: SampleFormat.I16LE, scale: 0.001, missingValue: -32768,
    channels: [{ label: 'II', mdc: 131330, unit: 'mV' }] });
  for (let block = 0; block < BLOCKS; block++) {
    const raw = Int16Array.from({ length: SAMPLES }, (_, i) => sampleOf(block * SAMPLES + i));
    stream.push(new Uint8Array(raw.buffer), SAMPLES, { deviceTimeNs: BigInt(block) * 100_000_000n });
  }
  return stream;
}

/** Publishes a recording of twelve leads as fast as it goes: the bytes of its samples, and those that were sent. */
export async function recording(url, blocks) {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const size = 12 * 2 * SAMPLES;
  let sent = 0;
  const sendAsItIs = WebSocket.prototype.send;
  WebSocket.prototype.send = function send(data) {
    sent += data.byteLength ?? 0;
    return sendAsItIs.call(this, data);
  };
  const stream = session.vitals.publish({ name: 'twelve', kind: Kind.WAVEFORM, rateNumerator: 500,
    sampleFormat: SampleFormat.I16LE, scale: 0.001,
    channels: Array.from({ length: 12 }, (_, i) => ({ label: `${i}`, mdc: 131329 + i, unit: 'mV' })) });
  const held = new Promise((resolve) => stream.on('ack', ({ heldBelow }) => heldBelow >= blocks && resolve()));
  for (let block = 0; block < blocks; block++) {
    stream.push(bytes.subarray(block * size, (block + 1) * size), SAMPLES);
  }
  await held;
  WebSocket.prototype.send = sendAsItIs;
  return { plain: blocks * size, sent };
}

/** True when all samples of `ecg` have come, each as it was. */
export function isWhole() {
  return samples.length === BLOCKS * SAMPLES && samples.every((one, i) => one === sampleOf(i));
}
