// Sweep drawing of waveforms on millimetre paper. Every sample is a point of the line: nothing is filtered, averaged
// or joined across a hole. Two canvases: paper below (drawn when the size changes), traces above (drawn as they come).

/** CSS defines 96 px to the inch; a person may correct it for their screen. */
const CSS_PX_PER_MM = 96 / 25.4;
const ERASE_MM = 5;
const PLAIN_MARGIN_MM = 10;
const LABEL_FONT = '600 13px system-ui, sans-serif';
const SMALL_FONT = '11px system-ui, sans-serif';

/**
 * @typedef {object} Lead one line on the paper
 * @property {import('./sampletrack.js').SampleTrack} track
 * @property {import('./timeline.js').Phase} phase
 * @property {number} channel
 * @property {string} name
 * @property {(raw: number) => number} value physical value
 * @property {{count: number}} drawn counter of drawn samples
 * @property {boolean} counts true for the lead that counts for its stream
 */
export class Strip {
  /** Millimetres per second. */
  speed = 25;
  /** Millimetres per unit (mV on ECG paper), or null: each row scales itself and says so. */
  gain = 10;
  /** Correction of the screen's size. */
  calibration = 1;
  rowMm = 20;
  columns = 1;
  /** @type {Lead[]} */
  leads = [];
  #cells = [];
  #eraseEnd = -Infinity;
  #lastSweep = -1;
  #dirty = true;
  #colors = {};
  #hatch = null;

  /**
   * @param {HTMLElement} host gets the two canvases
   * @param {{pulse?: boolean, texts: () => {speed: string, gain: string}}} options `pulse`: 1 mV calibration pulse
   */
  constructor(host, { pulse = false, texts }) {
    this.host = host;
    this.pulse = pulse;
    this.texts = texts;
    this.paper = host.appendChild(document.createElement('canvas'));
    this.traces = host.appendChild(document.createElement('canvas'));
    this.paper.setAttribute('aria-hidden', 'true');
    this.traces.setAttribute('aria-hidden', 'true');
    this.observer = new ResizeObserver(() => this.invalidate());
    this.observer.observe(host);
  }

  /** Pixels (CSS) of one millimetre. */
  get pxPerMm() {
    return CSS_PX_PER_MM * this.calibration;
  }

  /** Sets what is drawn. */
  setLeads(leads, columns) {
    this.leads = leads;
    this.columns = columns;
    this.invalidate();
  }

  /** Everything is drawn again at the next frame. */
  invalidate() {
    this.#dirty = true;
  }

  /** Room on the left: the calibration pulse on ECG paper, the scale elsewhere. */
  get marginMm() {
    return this.pulse ? this.speed * 0.2 + 4 : PLAIN_MARGIN_MM;
  }

  /** Seconds that one sweep shows. */
  get windowS() {
    return this.#cells.length > 0 ? this.#cells[0].windowS : 0;
  }

  /** Removes the canvases. */
  dispose() {
    this.observer.disconnect();
    this.paper.remove();
    this.traces.remove();
  }

  /**
   * Draws up to the playhead.
   * @param {number} playheadS relay time
   */
  frame(playheadS) {
    if (this.leads.length === 0 || this.host.clientWidth === 0) {
      return;
    }
    if (this.#dirty) {
      this.#layout(playheadS);
    }
    const context = this.traces.getContext('2d');
    const windowS = this.windowS;
    this.#erase(context, playheadS, windowS);
    const sweep = Math.floor(playheadS / windowS);
    if (sweep !== this.#lastSweep) {
      this.#lastSweep = sweep;
      this.leads.forEach((lead) => lead.phase.wrap());
      if (this.gain === null && this.#cells.some((cell) => this.#rescaled(cell))) {
        this.#layout(playheadS);
      }
    }
    for (const cell of this.#cells) {
      this.#draw(context, cell, playheadS);
    }
  }

  #layout(playheadS) {
    this.#dirty = false;
    const style = getComputedStyle(this.host);
    const color = (name) => style.getPropertyValue(name).trim();
    this.#colors = {
      minor: color('--paper-minor'), major: color('--paper-major'), trace: color('--trace'), ink: color('--paper-ink'),
      hole: color('--hole'),
    };
    const rows = Math.ceil(this.leads.length / this.columns);
    const mm = this.pxPerMm;
    const width = this.host.clientWidth;
    const height = Math.round(rows * this.rowMm * mm);
    if (Math.abs(this.host.clientHeight - height) > 1) {
      this.host.style.height = `${height}px`;
    }
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.paper, this.traces]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      canvas.getContext('2d').setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.#hatch = hatch(this.traces.getContext('2d'), this.#colors.hole, ratio);
    const columnWidth = width / this.columns;
    this.#cells = this.leads.map((lead, i) => {
      const column = Math.floor(i / rows);
      const x = column * columnWidth + this.marginMm * mm;
      const right = (column + 1) * columnWidth;
      return {
        lead, column, x, left: column * columnWidth, right, width: right - x,
        windowS: (columnWidth - this.marginMm * mm) / (this.speed * mm), top: (i % rows) * this.rowMm * mm,
        middle: ((i % rows) + 0.5) * this.rowMm * mm, next: 0, lastX: NaN, lastY: NaN, holeX: NaN, scale: null,
      };
    });
    for (const cell of this.#cells) {
      cell.scale = this.#scaleOf(cell);
      const { track, phase } = cell.lead;
      const first = Math.ceil((playheadS - cell.windowS + this.#eraseS() - (phase.phaseS ?? 0)) * track.rate);
      cell.next = Math.max(track.base, Math.min(first, Math.max(track.head, 0)));
    }
    this.#eraseEnd = playheadS + this.#eraseS();
    this.#drawPaper(width, height, rows);
  }

  #eraseS() {
    return ERASE_MM / this.speed;
  }

  /** Millimetres per physical unit and the value on the middle line. */
  #scaleOf(cell) {
    if (this.gain !== null) {
      return { mmPerUnit: this.gain, middle: 0, low: 0, high: 0 };
    }
    const { track, channel, value } = cell.lead;
    const range = track.range(channel, Math.ceil(track.rate * Math.min(10, cell.windowS)));
    if (!range) {
      return { mmPerUnit: 1, middle: 0, low: 0, high: 0, empty: true };
    }
    const [a, b] = [value(range.low), value(range.high)];
    let [low, high] = [Math.min(a, b), Math.max(a, b)];
    if (cell.lead.symmetric) {
      high = Math.max(Math.abs(low), Math.abs(high));
      low = -high;
    }
    const span = nice(Math.max(high - low, 1e-9));
    const middle = cell.lead.symmetric ? 0 : (low + high) / 2;
    return { mmPerUnit: (this.rowMm - 4) / span, middle, low: middle - span / 2, high: middle + span / 2 };
  }

  #rescaled(cell) {
    const fresh = this.#scaleOf(cell);
    if (fresh.empty) {
      return false;
    }
    const ratio = fresh.mmPerUnit / cell.scale.mmPerUnit;
    const shift = Math.abs(fresh.middle - cell.scale.middle) * fresh.mmPerUnit;
    return cell.scale.empty === true || ratio < 0.95 || ratio > 1.9 || shift > this.rowMm * 0.2;
  }

  #erase(context, playheadS, windowS) {
    const to = playheadS + this.#eraseS();
    if (to <= this.#eraseEnd) {
      return;
    }
    const from = to - this.#eraseEnd >= windowS ? to - windowS : this.#eraseEnd;
    this.#eraseEnd = to;
    const seen = new Set();
    for (const cell of this.#cells) {
      if (seen.has(cell.column)) {
        continue;
      }
      seen.add(cell.column);
      const perS = this.speed * this.pxPerMm;
      const a = (from % windowS) * perS;
      const length = (to - from) * perS;
      const first = Math.min(length, cell.width - a);
      context.clearRect(cell.x + a, 0, first + 0.5, this.traces.height);
      if (length > first) {
        context.clearRect(cell.x - 1, 0, length - first + 1, this.traces.height);
      }
    }
  }

  #draw(context, cell, playheadS) {
    const { lead } = cell;
    const { track, phase, channel } = lead;
    if (track.head < 0 || phase.phaseS === null) {
      return;
    }
    const oldest = Math.ceil((playheadS - cell.windowS + this.#eraseS() - phase.phaseS) * track.rate);
    let index = Math.max(cell.next, track.base, oldest);
    if (index !== cell.next) {
      cell.lastX = NaN;
    }
    const end = Math.min(track.head, Math.floor((playheadS - phase.phaseS) * track.rate) + 1);
    if (index >= end) {
      cell.next = index > track.head ? cell.next : index;
      return;
    }
    const mm = this.pxPerMm;
    const perS = this.speed * mm;
    const perUnit = cell.scale.mmPerUnit * mm;
    context.save();
    context.beginPath();
    context.rect(cell.x - 0.5, 0, cell.width + 0.5, this.traces.height);
    context.clip();
    context.strokeStyle = this.#colors.trace;
    context.lineWidth = 1.25;
    context.lineJoin = 'round';
    context.lineCap = 'round';
    context.beginPath();
    let { lastX, lastY } = cell;
    if (!Number.isNaN(lastX)) {
      context.moveTo(lastX, lastY);
    }
    const from = index;
    for (; index < end; index++) {
      const x = cell.x + (phase.timeOf(index) % cell.windowS) * perS;
      const raw = track.at(index, channel);
      if (Number.isNaN(raw)) {
        lastX = NaN;
        this.#hole(context, cell, x, perS / track.rate);
        continue;
      }
      const y = cell.middle - (lead.value(raw) - cell.scale.middle) * perUnit;
      if (Number.isNaN(lastX) || x < lastX) {
        context.moveTo(x, y);
        if (Number.isNaN(lastX)) {
          context.lineTo(x + 0.4, y);
        }
      } else {
        context.lineTo(x, y);
      }
      lastX = x;
      lastY = y;
    }
    context.stroke();
    context.restore();
    cell.lastX = lastX;
    cell.lastY = lastY;
    cell.next = end;
    if (lead.counts && end > lead.drawn.upTo) {
      lead.drawn.count += end - Math.max(from, lead.drawn.upTo);
      lead.drawn.upTo = end;
    }
  }

  /** A sample that does not exist: hatched paper, the height of the row. */
  #hole(context, cell, x, width) {
    const inset = this.rowMm * this.pxPerMm * 0.15;
    context.fillStyle = this.#hatch;
    context.fillRect(x, cell.top + inset, Math.max(width, 0.5) + 0.3, this.rowMm * this.pxPerMm - 2 * inset);
  }

  #drawPaper(width, height, rows) {
    const context = this.paper.getContext('2d');
    const mm = this.pxPerMm;
    context.clearRect(0, 0, width, height);
    for (const [step, color, line] of [[1, this.#colors.minor, 0.6], [5, this.#colors.major, 0.9]]) {
      context.beginPath();
      context.strokeStyle = color;
      context.lineWidth = line;
      for (let i = 0; i * step * mm <= width; i++) {
        context.moveTo(i * step * mm, 0);
        context.lineTo(i * step * mm, height);
      }
      for (let i = 0; i * step * mm <= height + 0.5; i++) {
        context.moveTo(0, i * step * mm);
        context.lineTo(width, i * step * mm);
      }
      context.stroke();
    }
    context.fillStyle = this.#colors.ink;
    context.strokeStyle = this.#colors.ink;
    for (const cell of this.#cells) {
      context.font = LABEL_FONT;
      context.fillText(cell.lead.name, this.pulse ? cell.x + mm : cell.left + 1.5 * mm, cell.top + 14);
      if (this.pulse) {
        this.#drawPulse(context, cell, mm);
      } else if (cell.scale.low !== cell.scale.high) {
        context.font = SMALL_FONT;
        context.fillText(cell.lead.scaleText(cell.scale.high), cell.left + 1.5 * mm, cell.top + 28);
        context.fillText(cell.lead.scaleText(cell.scale.low), cell.left + 1.5 * mm, cell.top + this.rowMm * mm - 6);
      }
    }
    const { speed, gain } = this.texts();
    const text = [speed, gain].filter((part) => part !== '').join('   ');
    context.font = SMALL_FONT;
    const textWidth = context.measureText(text).width;
    context.fillText(text, width - textWidth - 8, rows * this.rowMm * mm - 6);
  }

  /** One millivolt high, 200 ms (5 mm at 25 mm/s) wide, as an electrocardiograph draws it. */
  #drawPulse(context, cell, mm) {
    const high = this.gain * mm;
    const wide = this.speed * 0.2 * mm;
    const left = cell.left + 2 * mm;
    context.beginPath();
    context.lineWidth = 1.25;
    context.moveTo(left - mm, cell.middle);
    context.lineTo(left, cell.middle);
    context.lineTo(left, cell.middle - high);
    context.lineTo(left + wide, cell.middle - high);
    context.lineTo(left + wide, cell.middle);
    context.lineTo(left + wide + mm, cell.middle);
    context.stroke();
  }
}

/** 1, 2 or 5 times a power of ten, not below the value. */
export function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 5, 7.5, 10].find((one) => one * power >= value * 0.999) ?? 10;
  return factor * power;
}

function hatch(context, color, ratio) {
  const tile = document.createElement('canvas');
  const size = Math.round(8 * ratio);
  tile.width = size;
  tile.height = size;
  const inner = tile.getContext('2d');
  inner.strokeStyle = color;
  inner.lineWidth = 1.5 * ratio;
  inner.beginPath();
  inner.moveTo(-size / 2, size / 2);
  inner.lineTo(size / 2, -size / 2);
  inner.moveTo(0, size);
  inner.lineTo(size, 0);
  inner.moveTo(size / 2, size * 1.5);
  inner.lineTo(size * 1.5, size / 2);
  inner.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
