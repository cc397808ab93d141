// Camera and microphone of the patient's side: choice, preview, level, sending.

import { UNPROCESSED } from './devicesound.js';
import { number, onLanguage, t } from './i18n.js';
import { byId, make, setText } from './shell.js';

const QUALITY_EVERY = 4;

/** The first panel of the site page. */
export class SiteCamera {
  #session;
  #stream = null;
  #publisher = null;
  #analyser = null;
  #context = null;
  #ticks = 0;
  #busy = false;
  #spoilt = [];

  constructor(session) {
    this.#session = session;
    byId('allow').addEventListener('click', () => this.#guard(() => this.#open({}, {})));
    byId('publish').addEventListener('click', () => this.#guard(() => this.#toggle()));
    byId('mute').addEventListener('click', () => this.#toggleMute());
    byId('device-sound').addEventListener('change', () => this.#guard(() => this.#changeSound()));
    session.on('warning', ({ settings }) => {
      this.#spoilt = settings;
      this.#show();
    });
    byId('camera-choice').addEventListener('change', () => this.#guard(() => this.#chosen()));
    byId('microphone-choice').addEventListener('change', () => this.#guard(() => this.#chosen()));
    onLanguage(() => this.#show());
    this.#show();
    this.#level();
  }

  /** Frees camera and microphone. */
  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    byId('preview').srcObject = null;
    this.#context?.close();
    this.#context = null;
    this.#analyser = null;
  }

  /** Writes how the picture leaves here. Called twice a second. */
  async tick() {
    this.#ticks += 1;
    this.#show();
    const connection = this.#publisher?.connection;
    if (!connection || this.#ticks % QUALITY_EVERY !== 0) {
      return;
    }
    const report = [...(await connection.getStats()).values()];
    const video = report.find((one) => one.type === 'outbound-rtp' && one.kind === 'video');
    const remote = report.find((one) => one.type === 'remote-inbound-rtp' && one.kind === 'video');
    if (video?.frameWidth) {
      setText(byId('quality'), t('quality', {
        width: video.frameWidth, height: video.frameHeight, fps: number(video.framesPerSecond ?? 0),
        loss: number((remote?.fractionLost ?? 0) * 100, 1),
      }));
    }
  }

  async #open(camera, microphone) {
    const video = camera === null ? false : { width: { ideal: 1280 }, height: { ideal: 720 }, ...camera };
    const audio = microphone === null ? false : { ...(byId('device-sound').checked ? UNPROCESSED : {}), ...microphone };
    this.#spoilt = [];
    const stream = await navigator.mediaDevices.getUserMedia({ audio, video });
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = stream;
    byId('preview').srcObject = stream;
    byId('preview-empty').hidden = true;
    await this.#fillChoices();
    this.#listen();
    if (this.#publisher) {
      await this.#publisher.replaceTrack('video', stream.getVideoTracks()[0] ?? null);
      await this.#publisher.replaceTrack('audio', stream.getAudioTracks()[0] ?? null);
    }
  }

  async #chosen() {
    const exact = (id) => {
      const value = byId(id).value;
      return value === 'none' ? null : { deviceId: { exact: value } };
    };
    const [camera, microphone] = [exact('camera-choice'), exact('microphone-choice')];
    if (camera !== null || microphone !== null) {
      await this.#open(camera, microphone);
    }
  }

  /** Opens the microphone anew as a stethoscope or as a voice; what is sent is negotiated anew too. */
  async #changeSound() {
    if (this.#stream) {
      await this.#chosen();
    }
    if (this.#publisher) {
      await this.#toggle();
      await this.#toggle();
    }
  }

  async #fillChoices() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const [id, kind, track] of [['camera-choice', 'videoinput', this.#stream.getVideoTracks()[0]],
      ['microphone-choice', 'audioinput', this.#stream.getAudioTracks()[0]]]) {
      const select = byId(id);
      select.replaceChildren();
      for (const device of devices.filter((one) => one.kind === kind)) {
        const option = make('option', '', device.label || device.deviceId.slice(0, 8));
        option.value = device.deviceId;
        select.append(option);
      }
      const none = make('option', '', t('none'));
      none.value = 'none';
      select.append(none);
      select.value = track?.getSettings().deviceId ?? 'none';
      select.disabled = false;
    }
  }

  async #toggle() {
    if (this.#publisher) {
      const publisher = this.#publisher;
      this.#publisher = null;
      await this.#session.unpublish(publisher);
      setText(byId('quality'), '');
    } else {
      const deviceAudio = byId('device-sound').checked;
      this.#publisher = await this.#session.publish(new MediaStream(this.#stream.getTracks()), { label: 'camera',
        deviceAudio, labels: deviceAudio ? { audio: 'stethoscope' } : {} });
    }
  }

  #toggleMute() {
    const track = this.#stream?.getAudioTracks()[0];
    if (track) {
      track.enabled = !track.enabled;
      this.#show();
    }
  }

  async #guard(action) {
    const fault = byId('camera-fault');
    fault.hidden = true;
    this.#busy = true;
    this.#show();
    try {
      await action();
    } catch (error) {
      fault.textContent = t('cameraRefused', { reason: error.message });
      fault.hidden = false;
    } finally {
      this.#busy = false;
      this.#show();
    }
  }

  #show() {
    const publish = byId('publish');
    const on = this.#publisher !== null;
    publish.disabled = this.#stream === null || this.#busy;
    setText(publish, t(on ? 'unpublish' : 'publish'));
    publish.setAttribute('aria-pressed', String(on));
    const badge = byId('publish-state');
    const state = on ? this.#publisher.state : '';
    setText(badge, !on ? t('notPublishing') : state === 'connected' ? t('publishing') : t(state));
    badge.dataset.tone = !on ? 'plain' : state === 'connected' ? 'good' : state === 'failed' ? 'bad' : 'warn';
    const spoilt = byId('device-sound-spoilt');
    spoilt.hidden = this.#spoilt.length === 0;
    setText(spoilt, t('deviceSoundSpoilt', { settings: this.#spoilt.map((name) => t(name)).join(', ') }));
    const track = this.#stream?.getAudioTracks()[0];
    const mute = byId('mute');
    mute.hidden = !track;
    const muted = track !== undefined && !track.enabled;
    setText(mute, t(muted ? 'unmute' : 'mute'));
    mute.setAttribute('aria-pressed', String(muted));
  }

  #listen() {
    this.#context?.close();
    this.#context = null;
    this.#analyser = null;
    if (this.#stream.getAudioTracks().length > 0) {
      this.#context = new AudioContext();
      this.#analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
      this.#context.createMediaStreamSource(this.#stream).connect(this.#analyser);
    }
  }

  /** Root mean square of the last 20 ms on a scale of decibels, 60 below full is empty. */
  #level() {
    const samples = new Float32Array(1024);
    setInterval(() => {
      let level = 0;
      if (this.#analyser) {
        this.#analyser.getFloatTimeDomainData(samples);
        const mean = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
        level = mean > 0 ? Math.max(0, 1 + Math.log10(mean) / 6) : 0;
      }
      byId('level').value = level;
    }, 80);
  }
}
