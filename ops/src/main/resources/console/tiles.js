// Video tiles: one per received picture, named by person, role and label; voices are played without one.

import { onLanguage, t } from './i18n.js';
import { byId, make, roleName } from './shell.js';

/** The tiles of a session. Microphones are played by audio elements that nobody sees. */
export class Tiles {
  #session;
  #host;
  #tiles = new Map();
  #voices = new Map();
  #large = null;

  constructor(session, host) {
    this.#session = session;
    this.#host = host;
    session.on('track', (detail) => this.#add(detail));
    session.on('untrack', ({ mid }) => this.#remove(mid));
    session.on('roster', () => this.#name());
    onLanguage(() => this.#name());
    byId('sound-on').addEventListener('click', () => this.#allowSound());
  }

  /** What is shown: mid to {binding, video}. */
  get shown() {
    return this.#tiles;
  }

  /** What is heard: mid to {binding, audio}. */
  get heard() {
    return this.#voices;
  }

  #add({ mid, track, binding }) {
    if (track.kind === 'audio') {
      const audio = new Audio();
      audio.srcObject = new MediaStream([track]);
      this.#voices.set(mid, { binding, audio, track });
      this.#play(audio);
      return;
    }
    const figure = make('figure', 'tile');
    const video = make('video');
    video.autoplay = true;
    video.playsInline = true;
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    const caption = make('figcaption');
    const button = make('button', 'tile-face');
    button.type = 'button';
    button.append(video);
    button.addEventListener('click', () => this.#enlarge(mid));
    figure.append(button, caption);
    this.#tiles.set(mid, { binding, video, figure, caption, button, track });
    this.#host.append(figure);
    this.#play(video);
    this.#arrange();
  }

  #remove(mid) {
    const tile = this.#tiles.get(mid);
    if (tile) {
      tile.video.srcObject = null;
      tile.figure.remove();
      this.#tiles.delete(mid);
      if (this.#large === mid) {
        this.#large = null;
      }
      this.#arrange();
    }
    const voice = this.#voices.get(mid);
    if (voice) {
      voice.audio.srcObject = null;
      this.#voices.delete(mid);
    }
  }

  #enlarge(mid) {
    this.#large = this.#large === mid ? null : mid;
    this.#arrange();
  }

  /** The chosen tile first and large; without a choice the first one is. */
  #arrange() {
    byId('no-video').hidden = this.#tiles.size > 0;
    const large = this.#large ?? this.#tiles.keys().next().value;
    for (const [mid, tile] of this.#tiles) {
      tile.figure.classList.toggle('large', mid === large);
    }
    this.#name();
  }

  #name() {
    for (const { binding, caption, button } of this.#tiles.values()) {
      const entry = this.#session.roster.get(binding.participant);
      const name = entry?.name || binding.participant;
      caption.replaceChildren(make('span', 'tile-name', name));
      caption.append(make('span', 'tile-role', entry ? roleName(entry.role) : ''));
      if (binding.label) {
        caption.append(make('span', 'tile-label', binding.label === 'camera' ? t('camera') : binding.label));
      }
      button.setAttribute('aria-label', t('enlarge', { name: [name, binding.label].filter(Boolean).join(', ') }));
    }
  }

  #play(element) {
    element.play().catch((error) => {
      if (error.name === 'NotAllowedError') {
        byId('sound-blocked').hidden = false;
      }
    });
  }

  #allowSound() {
    byId('sound-blocked').hidden = true;
    for (const { audio } of this.#voices.values()) {
      this.#play(audio);
    }
  }
}
