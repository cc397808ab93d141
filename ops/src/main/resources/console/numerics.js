// Measurements as cards: value, clinical unit, time, and plainly when a value is old.

import { clinicalUnit, decimals, pressureText, quantity } from './clinical.js';
import { ago, clockTime, number, onLanguage, t } from './i18n.js';
import { BlockFlag, StreamStatus } from './sbe.js';
import { make, setText } from './shell.js';

/** Without a word of the device, a value is old after this. */
const STALE_AFTER_S = 60;

/** The panel of numbers. */
export class Numerics {
  #host;
  #empty;
  #timeOf;
  #nowS;
  #cards = new Map();

  /**
   * @param {HTMLElement} host @param {HTMLElement} empty shown while there is nothing
   * @param {(stream: any, block: any) => number} timeOf when a block was measured, relay time in seconds
   * @param {() => number} nowS relay time in seconds
   */
  constructor(host, empty, timeOf, nowS) {
    this.#host = host;
    this.#empty = empty;
    this.#timeOf = timeOf;
    this.#nowS = nowS;
    onLanguage(() => this.#cards.forEach((card) => this.#write(card)));
  }

  /** Follows a numeric stream. Its last value is shown at once, marked old when it is. */
  add(stream) {
    const identity = `${stream.info.participant}\n${stream.info.name}`;
    const card = this.#cards.get(identity) ?? this.#makeCard();
    card.stream = stream;
    this.#cards.set(identity, card);
    stream.on('value', (block) => this.#take(card, stream, block));
    stream.on('block', (block) => this.#take(card, stream, block));
    stream.on('closed', () => this.#write(card));
    stream.subscribe({ liveMinusSeconds: 0 });
  }

  /** Marks what has become old. Called a few times a second. */
  tick() {
    this.#cards.forEach((card) => this.#mark(card));
  }

  /** What the cards show, for tests. */
  get shown() {
    return [...this.#cards.values()].filter((card) => card.block)
      .map((card) => ({ label: card.title.textContent, value: card.value.textContent, unit: card.unit.textContent,
        stale: card.root.classList.contains('stale') }));
  }

  #makeCard() {
    const root = make('article', 'number');
    const card = {
      root, title: make('h3'), line: make('p', 'number-line'), value: make('span', 'number-value'),
      unit: make('span', 'number-unit'), foot: make('p', 'number-foot'), time: make('time'),
      mark: make('span', 'badge'), block: null, stream: null,
    };
    card.line.append(card.value, card.unit);
    card.foot.append(card.time, card.mark);
    root.append(card.title, card.line, card.foot);
    return card;
  }

  #take(card, stream, block) {
    if (card.stream !== stream || (block.samples === null && !(block.flags & BlockFlag.missing))) {
      return;
    }
    if (card.block && block.sequence < card.block.sequence && card.from === stream) {
      return;
    }
    if (card.block === null) {
      this.#host.append(card.root);
      this.#empty.hidden = true;
    }
    card.block = block;
    card.from = stream;
    card.timeS = this.#timeOf(stream, block);
    this.#write(card);
  }

  #write(card) {
    if (card.block === null) {
      return;
    }
    const { info } = card.stream;
    const key = quantity(info.mdcCode) || (info.channels.length === 1 ? quantity(info.channels[0].mdc) : '');
    setText(card.title, key ? t(key) : info.label || info.name);
    const count = Math.max(1, info.channels.length);
    const newest = Math.max(0, card.block.sampleCount - 1) * count;
    const parts = info.channels.map((channel, i) => this.#part(card, channel, card.block.samples?.[newest + i]));
    setText(card.value, pressureText(parts) ?? parts.map((part) => part.text).join(' · '));
    card.value.classList.toggle('long', card.value.textContent.length > 7);
    setText(card.unit, clinicalUnit(info.channels[0]?.unit ?? ''));
    card.time.dateTime = new Date(card.timeS * 1000).toISOString();
    this.#mark(card);
  }

  #part(card, channel, raw) {
    if (raw === undefined || card.stream.isMissing(raw)) {
      return { quantity: quantity(channel.mdc), text: '–' };
    }
    const value = card.stream.physical(raw);
    return { quantity: quantity(channel.mdc), text: number(value, decimals(channel.unit, value)) };
  }

  #mark(card) {
    if (card.block === null) {
      return;
    }
    const ageS = Math.max(0, this.#nowS() - card.timeS);
    const { info, status } = card.stream;
    const limitS = info.staleAfterMs > 0 ? info.staleAfterMs / 1000 : STALE_AFTER_S;
    const stale = ageS > limitS || status === StreamStatus.ENDED;
    card.root.classList.toggle('stale', stale);
    setText(card.time, `${clockTime(card.timeS * 1000)}${stale ? ` · ${t('age', { ago: ago(ageS) })}` : ''}`);
    const { flags } = card.block;
    const mark = stale ? t('stale') : flags & BlockFlag.calibration ? t('notPatient')
      : flags & BlockFlag.lowQuality ? t('lowQuality') : '';
    setText(card.mark, mark);
    card.mark.hidden = mark === '';
  }
}
