// Measurements as cards: value, clinical unit, time, and plainly when a value is old.

import { clinicalUnit, decimals, pressureText, quantity } from './clinical.js';
import { ago, clockTime, number, onLanguage, t } from './i18n.js';
import { BlockFlag, StreamStatus } from './sbe.js';
import { make, setText } from './shell.js';

const PRESSURES = ['systolic', 'diastolic', 'mean'];
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

  /**
   * Follows a numeric stream: the pressures of a message on one card, each other channel on its own. The last value is
   * shown at once, marked old when it is.
   */
  add(stream) {
    const { participant, name, channels } = stream.info;
    const cards = groupsOf(channels).map((indexes) => {
      const identity = `${participant}\n${name}\n${indexes}`;
      const card = this.#cards.get(identity) ?? this.#makeCard();
      Object.assign(card, { stream, indexes });
      this.#cards.set(identity, card);
      return card;
    });
    const take = (block) => cards.forEach((card) => this.#take(card, stream, block));
    stream.on('value', take);
    stream.on('block', take);
    stream.on('closed', () => cards.forEach((card) => this.#write(card)));
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
    const channels = card.indexes.map((i) => info.channels[i]);
    setText(card.title, titleOf(info, channels));
    const newest = Math.max(0, card.block.sampleCount - 1) * info.channels.length;
    const parts = card.indexes.map((i) => this.#part(card, info.channels[i], card.block.samples?.[newest + i]));
    setText(card.value, pressureText(parts) ?? parts.map((part) => part.text).join(' · '));
    card.value.classList.toggle('long', card.value.textContent.length > 7);
    setText(card.unit, clinicalUnit(channels[0]?.unit ?? ''));
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

/** Indexes of the channels that share a card. */
function groupsOf(channels) {
  const pressure = channels.flatMap(({ mdc }, i) => (PRESSURES.includes(quantity(mdc)) ? [i] : []));
  const joined = pressure.length > 1 ? pressure : [];
  return [...(joined.length > 0 ? [joined] : []), ...channels.map((_, i) => [i]).filter(([i]) => !joined.includes(i))];
}

function titleOf(info, channels) {
  const key = channels.length > 1 ? quantity(info.mdcCode) || 'cuff'
    : quantity(channels[0].mdc) || (info.channels.length === 1 ? quantity(info.mdcCode) : '');
  return key ? t(key) : channels[0].label || info.label || info.name;
}
