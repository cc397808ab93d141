// Pointers and strokes on pictures: what was drawn, where on the frame, until it fades. No DOM, and time comes in.

/** A stroke stands this long after its last point, and then fades. */
const STROKE_MS = 6000;
const STROKE_FADE_MS = 1500;
/** A pointer that is held still is told again sooner than this. */
const POINTER_MS = 800;
const POINTER_FADE_MS = 400;
export const MAX_POINTS = 512;
const MAX_STROKES = 64;
const MAX_PEOPLE = 16;
/** Places are told in steps of this part of the frame. */
const STEPS = 10_000;

/**
 * Where a picture stands in its box, as `object-fit: contain` puts it there.
 * @returns {{left: number, top: number, width: number, height: number}|null} null while there is no picture
 */
export function pictureBox(boxWidth, boxHeight, frameWidth, frameHeight) {
  if (!(boxWidth > 0 && boxHeight > 0 && frameWidth > 0 && frameHeight > 0)) {
    return null;
  }
  const scale = Math.min(boxWidth / frameWidth, boxHeight / frameHeight);
  const [width, height] = [frameWidth * scale, frameHeight * scale];
  return { left: (boxWidth - width) / 2, top: (boxHeight - height) / 2, width, height };
}

/** A place of the box on the frame, 0 to 1 each way; null beside the frame, on the black bars. */
export function onFrame(x, y, picture) {
  const place = { x: (x - picture.left) / picture.width, y: (y - picture.top) / picture.height };
  return place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1 ? place : null;
}

/** The place of the frame nearest to a place of the box. */
export function nearestOnFrame(x, y, picture) {
  const within = (value) => Math.min(1, Math.max(0, value));
  return { x: within((x - picture.left) / picture.width), y: within((y - picture.top) / picture.height) };
}

/** A place of the frame in the box. */
export function inBox(x, y, picture) {
  return { x: picture.left + x * picture.width, y: picture.top + y * picture.height };
}

/** A place as it is told. */
export function rounded(value) {
  return Math.round(value * STEPS) / STEPS;
}

/**
 * @typedef {object} Stroke
 * @property {number} stroke its number @property {number} publication the video it is on
 * @property {number} n of the newest event about it @property {number} firstN of the first
 * @property {number[]} points x, y, x, y, ... of the frame
 * @property {number|null} frameUs relay time at which the frame it was begun on was captured
 * @property {number} atMs of the newest event here
 *
 * What is drawn by everybody. Events may be lost, doubled and out of order: points have their place in the stroke, and
 * what is older than the newest of its kind changes nothing.
 */
export class Drawing {
  #people = new Map();

  /**
   * Takes an event.
   * @param {string} participant who drew it
   * @param {object} event @param {number} nowMs
   * @returns {''|'malformed'|'old'|'full'} '' when it was taken
   */
  apply(participant, event, nowMs) {
    if (!isWhole(event)) {
      return 'malformed';
    }
    let person = this.#people.get(participant);
    if (!person && this.#people.size >= MAX_PEOPLE) {
      return 'full';
    }
    if (!person || person.source !== event.source) {
      // Somebody new, or their page was loaded again and counts from the beginning.
      person = { source: event.source, pointer: null, newest: -1, strokes: new Map(), clearedBelow: 0 };
      this.#people.set(participant, person);
    }
    switch (event.type) {
      case 'pointer': return movePointer(person, event, nowMs);
      case 'stroke': return draw(person, event, nowMs);
      default: return clear(person, event);
    }
  }

  /** Forgets somebody who left. */
  forget(participant) {
    this.#people.delete(participant);
  }

  /**
   * What is to be seen on one video now; what has faded is forgotten.
   * @returns {{strokes: (Stroke & {participant: string, alpha: number})[],
   *   pointers: {participant: string, x: number, y: number, alpha: number}[]}}
   */
  shown(publication, nowMs) {
    this.#fade(nowMs);
    const strokes = [];
    const pointers = [];
    for (const [participant, person] of this.#people) {
      for (const stroke of person.strokes.values()) {
        if (stroke.publication === publication) {
          strokes.push({ ...stroke, participant, alpha: alphaOf(nowMs - stroke.atMs, STROKE_MS, STROKE_FADE_MS) });
        }
      }
      if (person.pointer?.publication === publication) {
        pointers.push({ ...person.pointer, participant,
          alpha: alphaOf(nowMs - person.pointer.atMs, POINTER_MS, POINTER_FADE_MS) });
      }
    }
    return { strokes, pointers };
  }

  /** True when nothing is to be seen any more. */
  isEmpty(nowMs) {
    this.#fade(nowMs);
    return [...this.#people.values()].every(({ strokes, pointer }) => strokes.size === 0 && pointer === null);
  }

  #fade(nowMs) {
    for (const person of this.#people.values()) {
      for (const [key, { atMs }] of person.strokes) {
        if (nowMs - atMs >= STROKE_MS + STROKE_FADE_MS) {
          person.strokes.delete(key);
        }
      }
      if (person.pointer && nowMs - person.pointer.atMs >= POINTER_MS + POINTER_FADE_MS) {
        person.pointer = null;
      }
    }
  }
}

function movePointer(person, { n, publication, x, y, off = false }, nowMs) {
  if (n <= person.newest) {
    return 'old';
  }
  person.newest = n;
  person.pointer = off ? null : { publication, x, y, atMs: nowMs };
  return '';
}

function draw(person, { n, publication, stroke, first, points, frameUs = null }, nowMs) {
  if (n < person.clearedBelow) {
    return 'old';
  }
  let one = person.strokes.get(stroke);
  if (!one) {
    one = { stroke, publication, n, firstN: n, points: [], frameUs, atMs: nowMs };
    person.strokes.set(stroke, one);
    if (person.strokes.size > MAX_STROKES) {
      person.strokes.delete(person.strokes.keys().next().value);
    }
  }
  // Points that were lost are bridged; a later event repeats them in their place.
  for (let i = one.points.length; i < 2 * first; i++) {
    one.points[i] = points[i % 2];
  }
  points.forEach((value, i) => {
    one.points[2 * first + i] = value;
  });
  one.n = Math.max(one.n, n);
  if (n < one.firstN) {
    Object.assign(one, { firstN: n, frameUs });
  }
  one.atMs = nowMs;
  return '';
}

function clear(person, { n }) {
  person.clearedBelow = Math.max(person.clearedBelow, n);
  for (const [key, stroke] of person.strokes) {
    if (stroke.n < n) {
      person.strokes.delete(key);
    }
  }
  return '';
}

function alphaOf(ageMs, standsMs, fadesMs) {
  return Math.min(1, Math.max(0, 1 - (ageMs - standsMs) / fadesMs));
}

function isWhole(event) {
  const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;
  const isPlace = (value) => typeof value === 'number' && value >= 0 && value <= 1;
  const isTime = (value) => value === undefined || value === null || isNumber(value);
  const { type, n, source, publication, frameUs, sentUs } = event;
  if (!isNumber(n) || !isNumber(source) || !isTime(frameUs) || !isTime(sentUs)) {
    return false;
  }
  switch (type) {
    case 'pointer':
      return isNumber(publication) && (event.off === true || (isPlace(event.x) && isPlace(event.y)));
    case 'stroke': {
      const { stroke, first, points } = event;
      return isNumber(publication) && isNumber(stroke) && isNumber(first) && Array.isArray(points)
        && points.length >= 2 && points.length % 2 === 0 && first + points.length / 2 <= MAX_POINTS
        && points.every(isPlace);
    }
    case 'clear':
      return true;
    default:
      return false;
  }
}
