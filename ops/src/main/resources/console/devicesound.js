// Sound of a stethoscope in a browser: which tracks are one, and what must not be done to them.

const AUSCULTATION = /stethoscop|stéthoscop|heart|lung|coeur|cœur|poumon|auscult/iu;
const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'];
/** Of the 500 ms that auscultation has: what comes later than this has to be made up by the browser. */
const BUFFER_MS = 200;

/** Constraints of getUserMedia for sound that is to stay as the device made it. */
export const UNPROCESSED = Object.fromEntries(PROCESSING.map((name) => [name, false]));

/** True when the relay takes a sound of this label for auscultation, as its `ClinicalLabels` does. */
export function isAuscultation(label) {
  return AUSCULTATION.test(label);
}

/** Names of the settings that are on and change the sound of a device: none of a track from elsewhere. */
export function spoiling(track) {
  const settings = track.getSettings?.() ?? {};
  return PROCESSING.filter((name) => settings[name]);
}

/**
 * Makes a receiver of the sound of a medical device wait for late packets. A browser otherwise keeps its buffer as
 * short as the network seems to allow, for a conversation, and stretches, shortens and makes up sound to do so: heart
 * sound then has another rhythm than the heart.
 * @param {RTCRtpReceiver} receiver
 * @param {{audio?: string}|null} binding what it carries
 */
export function waitForAll(receiver, binding) {
  if (receiver.track.kind === 'audio' && 'jitterBufferTarget' in receiver) {
    receiver.jitterBufferTarget = binding?.audio === 'device' ? BUFFER_MS : null;
  }
}
