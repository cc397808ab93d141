// Stills (REQUIREMENTS A5): a picture at the camera's own resolution, asked for by who receives the video, taken by who
// sends it, carried as an object beside it.

import { ObjectReceiver } from './objects.js';
import { Refusal } from './problem.js';
import { Kind } from './sbe.js';

/** Annotations may be lost: asked again until somebody answers. */
const ASK_MS = 1000;
const ASKED_TIMES = 10;
/** Without anything new of the picture for so long it is given up. */
const STALLED_MS = 30_000;
/** A picture takes an operator's attention, and the uplink. */
const PAUSE_MS = 2000;
const REMEMBERED = 16;
/** A still that nobody fetches is withdrawn. */
const OFFERED_MS = 600_000;
/** The receivers have all of it; their check of it takes a moment. */
const DELIVERED_MS = 5000;
const ID = /^[0-9a-f]{16}$/;
const JPEG = { type: 'image/jpeg', quality: 0.95 };
const TYPES = ['image/jpeg', 'image/png', 'image/webp'];

/** @typedef {{id: string, participant: string, publication: number, name: string, type: string, bytes: Uint8Array,
 *   width: number, height: number}} Still */

/** Stream that carries a still. */
const streamName = (id) => `still-${id}`;

/**
 * Asks for stills and receives them.
 * @param {import('./chevet.js').Session} session
 * @param {number} publication whose picture
 * @param {(progress: {state: 'asked'|'taken'|'receiving', received?: number, size?: number}) => void} [onProgress]
 * @returns {Promise<Still>}
 * @throws {Refusal} titled `no-answer`, `no-channel`, `interrupted`, `broken`, `not-a-picture`, or the reason of the
 *   participant who was asked: `no-picture`, `too-fast`, `capture`
 */
export async function requestStill(session, publication, onProgress = () => {}) {
  const owner = ownerOf(session, publication);
  if (owner === null) {
    throw new Refusal(404, 'no-picture', 'This picture is not sent any more.');
  }
  const id = randomId();
  const off = [];
  let timer = 0;
  try {
    return await new Promise((resolve, reject) => {
      const expect = (ms, title, detail) => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(new Refusal(0, title, detail)), ms);
      };
      const stalled = () => expect(STALLED_MS, 'interrupted', 'The still did not arrive.');
      let asked = 0;
      let answered = false;
      const ask = () => {
        if (answered) {
          return;
        }
        if (asked === ASKED_TIMES) {
          reject(new Refusal(0, 'no-answer', 'The other side does not answer.'));
          return;
        }
        asked += 1;
        session.annotate({ type: 'still', id, publication }).catch(reject);
        timer = setTimeout(ask, ASK_MS);
      };
      off.push(session.on('annotation', ({ participant, event }) => {
        if (participant !== owner || event.id !== id) {
          return;
        }
        if (event.type === 'stillTaken' && !answered) {
          answered = true;
          onProgress({ state: 'taken' });
          stalled();
        } else if (event.type === 'stillRefused') {
          reject(new Refusal(0, String(event.reason).slice(0, 40), String(event.text ?? '').slice(0, 200)));
        }
      }));
      off.push(session.on('stream', (stream) => {
        const { participant, name, kind } = stream.info;
        if (participant === owner && name === streamName(id) && kind === Kind.OBJECT) {
          receive(stream);
        }
      }));
      const receive = (stream) => {
        answered = true;
        stalled();
        const receiver = new ObjectReceiver(stream);
        receiver.on('progress', ({ received, size }) => {
          stalled();
          onProgress({ state: 'receiving', received, size });
        });
        receiver.on('broken', (why) => reject(new Refusal(0, 'broken', why)));
        receiver.on('complete', ({ name, type, bytes }) =>
          sizeOf(type, bytes).then((size) =>
            resolve({ id, participant: owner, publication, name, type, bytes, ...size }), reject));
      };
      onProgress({ state: 'asked' });
      ask();
    });
  } finally {
    clearTimeout(timer);
    off.forEach((remove) => remove());
  }
}

/** Takes stills of the own cameras when others ask for them. */
export class StillAnswers {
  /** What was taken, the newest last: {id, participant, publication, width, height, bytes, sha256}. */
  taken = [];
  #answers = new Map();
  #busy = false;
  #lastMs = -Infinity;

  /**
   * @param {import('./chevet.js').Session} session
   * @param {{photograph?: (track: MediaStreamTrack) => Promise<Blob>, onTaken?: (still: {participant: string,
   *   publication: number, width: number, height: number}) => void,
   *   onFailed?: (failure: {participant: string, reason: string}) => void}} [options]
   */
  constructor(session, { photograph: take = photograph, onTaken = () => {}, onFailed = () => {} } = {}) {
    Object.assign(this, { session, take, onTaken, onFailed });
    this.stop = session.on('annotation', ({ participant, event }) => {
      if (event.type === 'still' && ID.test(event.id) && Number.isInteger(event.publication)) {
        this.#asked(participant, event.id, event.publication);
      }
    });
  }

  async #asked(participant, id, publication) {
    const { session } = this;
    if (this.#answers.has(id)) {
      // The answer was lost, or is on its way.
      this.#say(this.#answers.get(id));
      return;
    }
    const track = trackOf(session, publication);
    if (track === undefined) {
      return;
    }
    if (this.#busy || performance.now() - this.#lastMs < PAUSE_MS) {
      this.#refuse(participant, id, 'too-fast', 'A still was taken a moment ago.');
      return;
    }
    if (track === null || track.readyState !== 'live' || !track.enabled) {
      this.#refuse(participant, id, 'no-picture', 'The camera is off.');
      return;
    }
    this.#busy = true;
    this.#answer(id, null);
    try {
      const blob = await this.take(track);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const { width, height } = await sizeOf(blob.type, bytes);
      await this.#offer(id, blob);
      this.taken.push({ id, participant, publication, width, height, bytes: bytes.length,
        sha256: hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) });
      this.taken.splice(0, this.taken.length - REMEMBERED);
      this.#answer(id, { type: 'stillTaken', id, width, height });
      this.onTaken({ participant, publication, width, height });
    } catch (error) {
      this.#refuse(participant, id, 'capture', error.message);
    } finally {
      this.#busy = false;
      this.#lastMs = performance.now();
    }
  }

  async #offer(id, blob) {
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const file = new File([blob], `still-${time}.${blob.type.split('/')[1].replace('jpeg', 'jpg')}`,
      { type: blob.type });
    const sender = await this.session.vitals.sendObject(file, streamName(id));
    const forget = setTimeout(() => sender.end(), OFFERED_MS);
    sender.on('delivered', () => {
      clearTimeout(forget);
      setTimeout(() => sender.end(), DELIVERED_MS);
    });
    sender.on('refused', (text) => this.#say({ type: 'stillRefused', id, reason: 'refused', text }));
  }

  #refuse(participant, id, reason, text) {
    this.#answer(id, { type: 'stillRefused', id, reason, text: text.slice(0, 200) });
    this.onFailed({ participant, reason: text });
  }

  #answer(id, event) {
    this.#answers.set(id, event);
    if (this.#answers.size > REMEMBERED) {
      this.#answers.delete(this.#answers.keys().next().value);
    }
    this.#say(event);
  }

  #say(event) {
    if (event !== null) {
      // It is asked again when this is lost.
      this.session.annotate(event).catch(() => {});
    }
  }
}

/**
 * A picture of a camera at the greatest resolution it gives: a photo where the camera takes better ones than its video
 * is, else one frame of the track itself, before it is made smaller for the network.
 * @param {MediaStreamTrack} track
 * @returns {Promise<Blob>} JPEG, or what the camera makes
 */
export async function photograph(track) {
  const frame = await frameOf(track);
  try {
    const photo = await photoOf(track);
    if (photo) {
      const { width, height } = await sizeOf(photo.type, new Uint8Array(await photo.arrayBuffer()));
      if (width * height > frame.width * frame.height) {
        return photo;
      }
    }
  } catch (error) {
    console.warn(`the camera takes no photo: ${error.message}`);
  }
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  canvas.getContext('2d').drawImage(frame, 0, 0);
  frame.close();
  return canvas.convertToBlob(JPEG);
}

async function photoOf(track) {
  if (!globalThis.ImageCapture) {
    return null;
  }
  const capture = new ImageCapture(track);
  const { imageWidth, imageHeight } = await capture.getPhotoCapabilities();
  const video = track.getSettings();
  if (!imageWidth || imageWidth.max * imageHeight.max <= video.width * video.height) {
    return null;
  }
  return capture.takePhoto({ imageWidth: imageWidth.max, imageHeight: imageHeight.max });
}

async function frameOf(track) {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true, srcObject: new MediaStream([track]) });
  try {
    await video.play();
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
    }
    return await createImageBitmap(video);
  } finally {
    video.srcObject = null;
  }
}

async function sizeOf(type, bytes) {
  if (!TYPES.includes(type)) {
    throw new Refusal(0, 'not-a-picture', `${type || 'no type'} is no picture.`);
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type }));
  } catch {
    throw new Refusal(0, 'not-a-picture', 'What arrived is no picture.');
  }
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}

function ownerOf(session, publication) {
  for (const entry of session.roster.values()) {
    if (entry.publications.some((one) => one.id === publication)) {
      return entry.participant;
    }
  }
  return null;
}

/** The track that is sent as that publication: null when none is now, undefined when it is not of this session. */
function trackOf(session, publication) {
  const mine = session.roster.get(session.participant)?.publications ?? [];
  const asked = mine.find((one) => one.id === publication && one.kind === 'video');
  if (!asked) {
    return undefined;
  }
  // Each connection counts its sections from 0.
  for (const publisher of session.publishers.values()) {
    const track = publisher.connection?.getTransceivers().find((one) => one.mid === asked.mid)?.sender.track;
    if (track?.kind === 'video' && publisher.labelOf(track, asked.mid) === asked.label) {
      return track;
    }
  }
  return null;
}

function randomId() {
  return hex(crypto.getRandomValues(new Uint8Array(8)));
}

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
