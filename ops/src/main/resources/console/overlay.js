// Drawings over videos: a canvas on each, painted while there is something to be seen.

import { inBox, pictureBox } from './drawing.js';

const COLOURS = ['#ffd60a', '#5de4ff', '#ff8ad1', '#a6f26c'];
const LINE = 4;
const POINTER = 9;

/** A canvas that lies exactly over a video whose picture is fitted into its box. */
export class Overlay {
  /**
   * @param {HTMLVideoElement} video @param {HTMLCanvasElement} canvas
   * @param {() => number|null} publication which one the video shows
   */
  constructor(video, canvas, publication) {
    Object.assign(this, { video, canvas, publication });
  }

  /** Where the picture stands on the canvas, in CSS pixels; null while there is none. */
  picture() {
    const { canvas, video } = this;
    return pictureBox(canvas.clientWidth, canvas.clientHeight, video.videoWidth, video.videoHeight);
  }

  /** Paints what is to be seen now. @param {import('./drawing.js').Drawing} drawing @param {number} nowMs */
  paint(drawing, nowMs) {
    const { canvas } = this;
    const scale = globalThis.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((length) => Math.round(length * scale));
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
    }
    const context = canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    const picture = this.picture();
    const publication = this.publication();
    if (!picture || publication === null) {
      return;
    }
    const { strokes, pointers } = drawing.shown(publication, nowMs);
    for (const { participant, points, alpha } of strokes) {
      context.globalAlpha = alpha;
      line(context, points, picture, participant);
    }
    for (const { participant, x, y, alpha } of pointers) {
      context.globalAlpha = alpha;
      spot(context, inBox(x, y, picture), colourOf(participant));
    }
    context.globalAlpha = 1;
  }
}

/** All overlays of a page with one drawing. */
export class Overlays {
  /** @type {Set<Overlay>} */
  all = new Set();
  #isRunning = false;

  /** @param {import('./drawing.js').Drawing} drawing @param {(nowMs: number) => void} [painted] after each picture */
  constructor(drawing, painted = () => {}) {
    Object.assign(this, { drawing, painted });
  }

  /** Something has been drawn: paints until it has faded. */
  wake() {
    if (!this.#isRunning) {
      this.#isRunning = true;
      requestAnimationFrame(() => this.#frame());
    }
  }

  #frame() {
    const nowMs = performance.now();
    this.all.forEach((one) => one.paint(this.drawing, nowMs));
    this.painted(nowMs);
    this.#isRunning = !this.drawing.isEmpty(nowMs);
    if (this.#isRunning) {
      requestAnimationFrame(() => this.#frame());
    } else {
      this.all.forEach((one) => one.paint(this.drawing, nowMs));
    }
  }
}

/** People keep their colour; the palette is for four, and names are not drawn. */
function colourOf(participant) {
  const sum = [...participant].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 65_521, 7);
  return COLOURS[sum % COLOURS.length];
}

/** Draws a stroke in its author's colour; light on dark, so that it is seen on every picture. */
export function line(context, points, picture, participant) {
  const path = new Path2D();
  for (let i = 0; i < points.length; i += 2) {
    const { x, y } = inBox(points[i], points[i + 1], picture);
    if (i === 0) {
      path.moveTo(x, y);
    }
    path.lineTo(x, y);
  }
  Object.assign(context, { lineCap: 'round', lineJoin: 'round' });
  for (const [width, style] of [[LINE + 3, 'rgb(0 0 0 / 60%)'], [LINE, colourOf(participant)]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.stroke(path);
  }
}

function spot(context, { x, y }, colour) {
  for (const [radius, style] of [[POINTER + 2, 'rgb(0 0 0 / 60%)'], [POINTER, colour], [POINTER / 3, '#fff']]) {
    context.fillStyle = style;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
