// Sound of a stethoscope in a browser: which tracks are one, and what must not be done to them.

const AUSCULTATION = /stethoscop|stéthoscop|heart|lung|coeur|cœur|poumon|auscult/iu;
const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'];

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
