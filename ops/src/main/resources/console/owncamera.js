// The practitioner's own camera and microphone: on, off, muted.

import { onLanguage, t } from './i18n.js';
import { byId } from './shell.js';

/** Buttons under the tiles. */
export class OwnCamera {
  #session;
  #publisher = null;
  #stream = null;

  constructor(session) {
    this.#session = session;
    byId('camera').addEventListener('click', () => this.toggleCamera());
    byId('mute').addEventListener('click', () => this.toggleMute());
    onLanguage(() => this.#show());
    this.#show();
  }

  get on() {
    return this.#stream !== null;
  }

  /** Turns the camera on or off. */
  async toggleCamera() {
    const button = byId('camera');
    button.disabled = true;
    byId('own-fault').hidden = true;
    try {
      if (this.#stream) {
        await this.#stop();
      } else {
        await this.#start();
      }
    } catch (error) {
      this.#stream?.getTracks().forEach((track) => track.stop());
      this.#stream = null;
      byId('own-fault').textContent = t('cameraRefused', { reason: error.message });
      byId('own-fault').hidden = false;
    } finally {
      button.disabled = false;
      this.#show();
    }
  }

  /** Mutes or unmutes the microphone. */
  toggleMute() {
    const track = this.#stream?.getAudioTracks()[0];
    if (track) {
      track.enabled = !track.enabled;
      this.#show();
    }
  }

  async #start() {
    this.#stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true }, video: { width: 1280, height: 720 },
    });
    const preview = byId('own-video');
    preview.srcObject = this.#stream;
    this.#publisher = await this.#session.publish(this.#stream, { label: 'camera' });
  }

  async #stop() {
    const publisher = this.#publisher;
    this.#publisher = null;
    this.#stream.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    byId('own-video').srcObject = null;
    if (publisher) {
      await this.#session.unpublish(publisher);
    }
  }

  #show() {
    const on = this.on;
    byId('own-video').hidden = !on;
    const camera = byId('camera');
    camera.textContent = t(on ? 'stopCamera' : 'startCamera');
    camera.setAttribute('aria-pressed', String(on));
    const mute = byId('mute');
    const muted = on && !this.#stream.getAudioTracks()[0]?.enabled;
    mute.hidden = !on;
    mute.textContent = t(muted ? 'unmute' : 'mute');
    mute.setAttribute('aria-pressed', String(muted));
  }
}
