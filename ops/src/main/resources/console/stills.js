// Stills on the practitioner's page: a button on each picture, and what came of it, to be looked at and saved.

import { clockTime, onLanguage, t } from './i18n.js';
import { byId, make, setText } from './shell.js';

/** Kept on the page; older ones are forgotten. */
const KEPT = 8;

/** The stills of one page. */
export class Stills {
  /** @type {import('./still.js').Still[]} the newest first */
  all = [];
  #buttons = new Map();
  #figures = new Map();
  #said = { text: () => '', tone: '' };

  /** @param {{session: import('./chevet.js').Session, tiles: import('./tiles.js').Tiles}} parts */
  constructor({ session, tiles }) {
    Object.assign(this, { session, tiles });
    session.on('track', ({ mid, track }) => track.kind === 'video' && this.#add(mid));
    session.on('untrack', ({ mid }) => this.#buttons.delete(mid));
    onLanguage(() => this.#show());
  }

  #add(mid) {
    const tile = this.tiles.shown.get(mid);
    if (!tile || !this.session.channels) {
      return;
    }
    const button = make('button', 'tile-still');
    button.type = 'button';
    button.addEventListener('click', () => this.#take(tile.binding, button));
    tile.figure.append(button);
    this.#buttons.set(mid, button);
    this.#show();
  }

  async #take({ publication, participant, label }, button) {
    button.disabled = true;
    const name = this.session.roster.get(participant)?.name || participant;
    const say = (key, values, tone = '') => {
      this.#said = { text: () => t(key, values), tone };
      this.#show();
    };
    try {
      const still = await this.session.requestStill(publication, ({ state: now, received, size }) =>
        (now === 'receiving' ? say('stillReceiving', { n: Math.round(100 * received / size) })
          : say(now === 'taken' ? 'stillTakenThere' : 'stillAsked', { name })));
      this.#keep({ ...still, personName: name, label, atMs: Date.now() });
      say('stillHere', { width: still.width, height: still.height }, 'done');
    } catch (refusal) {
      const key = `still-${refusal.title}`;
      const known = t(key);
      say('stillFailed', { reason: known === key ? refusal.message : known }, 'bad');
    } finally {
      button.disabled = false;
    }
  }

  #keep(still) {
    const url = URL.createObjectURL(new Blob([still.bytes], { type: still.type }));
    const figure = make('figure', 'still');
    const open = make('a');
    Object.assign(open, { href: url, target: '_blank', rel: 'noopener' });
    const picture = make('img');
    picture.src = url;
    open.append(picture);
    const save = make('a', 'button');
    Object.assign(save, { href: url, download: still.name });
    const caption = make('figcaption');
    figure.append(open, caption, save);
    byId('stills').prepend(figure);
    this.#figures.set(still.id, { figure, picture, caption, save, url });
    this.all.unshift(still);
    for (const old of this.all.splice(KEPT)) {
      const { figure: gone, url: stale } = this.#figures.get(old.id);
      gone.remove();
      URL.revokeObjectURL(stale);
      this.#figures.delete(old.id);
    }
    this.#show();
  }

  #show() {
    const state = byId('still-state');
    setText(state, this.#said.text());
    state.dataset.tone = this.#said.tone;
    for (const button of this.#buttons.values()) {
      setText(button, t('still'));
      button.title = t('stillHint');
    }
    for (const still of this.all) {
      const { picture, caption, save } = this.#figures.get(still.id);
      const label = still.label === 'camera' ? t('camera') : still.label;
      const text = t('stillOf', { name: [still.personName, label].filter(Boolean).join(', '), width: still.width,
        height: still.height, time: clockTime(still.atMs) });
      picture.alt = text;
      setText(caption, text);
      setText(save, t('save'));
    }
  }
}
