// The frame that something was drawn on: the operator's last seconds, found again by their time of capture.

import { line } from './overlay.js';

/** Three seconds, when a frame is kept every tenth of one. */
const KEPT = 30;
const EVERY_MS = 95;
const WIDTH = 480;
/** A frame further off than this is another one. */
const NEAREST_US = 150_000;

/** Small copies of what a video of this page's own camera showed, while they are asked for. */
export class RecentFrames {
  /** @type {{us: number, bitmap: ImageBitmap}[]} */
  #kept = [];
  #isOn = false;
  #lastMs = -Infinity;

  /** @param {HTMLVideoElement} video @param {import('./mediatime.js').MediaTimes} times */
  constructor(video, times) {
    Object.assign(this, { video, times });
  }

  /** Keeps frames from now on, or forgets them all. */
  set on(isOn) {
    if (isOn && !this.#isOn && 'requestVideoFrameCallback' in this.video) {
      this.#isOn = true;
      this.#next();
    } else if (!isOn && this.#isOn) {
      this.#isOn = false;
      this.#kept.splice(0).forEach(({ bitmap }) => bitmap.close());
    }
  }

  /** The frame captured nearest to a relay time, null when none is near. @param {number} us */
  at(us) {
    const nearest = this.#kept.reduce((best, one) =>
      (best === null || Math.abs(one.us - us) < Math.abs(best.us - us) ? one : best), null);
    return nearest && Math.abs(nearest.us - us) <= NEAREST_US ? nearest : null;
  }

  #next() {
    this.video.requestVideoFrameCallback((_now, { captureTime, presentationTime }) => {
      if (this.#isOn) {
        this.#next();
        this.#keep(captureTime ?? presentationTime);
      }
    });
  }

  async #keep(capturedMs) {
    const time = this.times.relayAt(capturedMs);
    if (!time || capturedMs - this.#lastMs < EVERY_MS) {
      return;
    }
    this.#lastMs = capturedMs;
    const { videoWidth, videoHeight } = this.video;
    const width = Math.min(WIDTH, videoWidth);
    try {
      const bitmap = await createImageBitmap(this.video, { resizeWidth: width,
        resizeHeight: Math.max(1, Math.round(videoHeight * width / videoWidth)), resizeQuality: 'low' });
      this.#kept.push({ us: time.us, bitmap });
    } catch {
      // The camera was changed meanwhile.
    }
    while (this.#kept.length > (this.#isOn ? KEPT : 0)) {
      this.#kept.shift().bitmap.close();
    }
  }
}

/** The newest stroke on the frame on which it was begun, as long as the stroke is to be seen. */
export class Pinned {
  /** Relay time of the frame that is shown, null when none is. @type {number|null} */
  us = null;
  #stroke = null;
  #still = document.createElement('canvas');

  /**
   * @param {HTMLElement} host hidden while there is nothing @param {HTMLCanvasElement} canvas in it
   * @param {RecentFrames} frames
   */
  constructor(host, canvas, frames) {
    Object.assign(this, { host, canvas, frames });
  }

  /** A stroke has begun or goes on. */
  take(participant, { stroke, source, publication, frameUs }) {
    const now = this.#stroke;
    if (now && now.participant === participant && now.stroke === stroke && now.source === source) {
      return;
    }
    const found = typeof frameUs === 'number' ? this.frames.at(frameUs) : null;
    this.#stroke = { participant, stroke, source, publication };
    this.us = found?.us ?? null;
    if (found) {
      const { width, height } = found.bitmap;
      Object.assign(this.#still, { width, height });
      Object.assign(this.canvas, { width, height });
      this.#still.getContext('2d').drawImage(found.bitmap, 0, 0);
    }
  }

  /** Called like Overlay.paint. */
  paint(drawing, nowMs) {
    const { participant, stroke, publication } = this.#stroke ?? {};
    const shown = this.us === null ? undefined : drawing.shown(publication, nowMs).strokes
      .find((one) => one.participant === participant && one.stroke === stroke);
    this.host.hidden = !shown;
    if (!shown) {
      return;
    }
    const { width, height } = this.canvas;
    const context = this.canvas.getContext('2d');
    context.drawImage(this.#still, 0, 0);
    line(context, shown.points, { left: 0, top: 0, width, height }, participant);
  }
}
