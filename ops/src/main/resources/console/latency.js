// How late a picture or a gesture is, as measured between the clocks of both ends; unknown when a clock is.

import { number, t } from './i18n.js';

/** Guided gesture: what is later than this is warned about. */
export const WARN_MS = 300;
const GOOD_MS = 200;
const WINDOW_MS = 2000;
const MOST = 60;
const MOST_MS = 60_000;

/** The middle of what was measured in the last two seconds. */
export class LatencyMeter {
  #all = [];

  /** @param {number} ms @param {number} errorMs what it may be wrong by, both ways @param {number} nowMs */
  add(ms, errorMs, nowMs) {
    this.#all.push({ ms, errorMs, atMs: nowMs });
    if (this.#all.length > MOST) {
      this.#all.shift();
    }
  }

  /** @returns {{ms: number, errorMs: number}|null} null when nothing was measured lately */
  read(nowMs) {
    this.#all = this.#all.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    if (this.#all.length === 0) {
      return null;
    }
    const sorted = [...this.#all].sort((a, b) => a.ms - b.ms);
    return { ms: sorted[sorted.length >> 1].ms, errorMs: Math.max(...sorted.map(({ errorMs }) => errorMs)) };
  }
}

/** True for a latency that somebody may have told. */
export function isLatency(value) {
  return typeof value === 'number' && value > -MOST_MS && value < MOST_MS;
}

/** How a latency is to be shown: a good one, an acceptable one, a warning, or plain when it is not known. */
export function toneOf(reading) {
  if (!reading) {
    return 'plain';
  }
  return reading.ms >= WARN_MS ? 'warn' : reading.ms <= GOOD_MS ? 'good' : 'plain';
}

/** Writes a latency, or a dash when it is not known. @param {string} text key of a text with {ms} */
export function writeLatency(element, text, reading) {
  const ms = reading ? `${number(Math.round(reading.ms))} ms` : '—';
  const written = t(text, { ms });
  if (element.textContent !== written) {
    element.textContent = written;
  }
  element.dataset.tone = toneOf(reading);
  element.title = reading ? t('latencyError', { ms: number(Math.ceil(reading.errorMs)) }) : t('latencyUnknown');
}

/**
 * The frame that a video shows: when it was captured, in relay time, and how late it is.
 */
export class FrameWatch {
  /** @type {{rtpTimestamp: number, frameUs: number, errorUs: number, atMs: number}|null} */
  last = null;
  meter = new LatencyMeter();
  #isStopped = false;

  /**
   * @param {HTMLVideoElement} video of one received track
   * @param {import('./mediatime.js').MediaTimes} times
   * @param {() => {resource: string, mid: string}|null} section which receives it
   */
  constructor(video, times, section) {
    Object.assign(this, { video, times, section });
    if ('requestVideoFrameCallback' in video) {
      this.#next();
    }
  }

  /** The frame on the screen, null when its time is not known, or nothing has moved lately. */
  frame() {
    return this.last && performance.now() - this.last.atMs < WINDOW_MS ? this.last : null;
  }

  stop() {
    this.#isStopped = true;
  }

  #next() {
    this.video.requestVideoFrameCallback((_now, metadata) => {
      if (this.#isStopped) {
        return;
      }
      this.#seen(metadata);
      this.#next();
    });
  }

  #seen({ rtpTimestamp, expectedDisplayTime }) {
    const section = this.section();
    const time = rtpTimestamp === undefined || !section ? null
      : this.times.timeOf(section.resource, section.mid, rtpTimestamp);
    this.last = null;
    if (!time) {
      return;
    }
    const atMs = performance.now();
    this.last = { rtpTimestamp, frameUs: Math.round(time.relayS * 1e6),
      errorUs: Math.ceil(time.uncertaintyS * 1e6), atMs };
    const shown = this.times.relayAt(expectedDisplayTime);
    if (shown) {
      this.meter.add((shown.us - this.last.frameUs) / 1000, (shown.errorUs + this.last.errorUs) / 1000, atMs);
    }
  }
}
