// Puts waveform streams on strips: ECG on millimetre paper, other curves on their own scale, heart sound below.

import { clinicalUnit, isEcg, leadName, leadOrder, millivolts, quantity } from './clinical.js';
import { ago, number, t } from './i18n.js';
import { SampleTrack } from './sampletrack.js';
import { BlockFlag, Kind, StreamStatus } from './sbe.js';
import { make, setText } from './shell.js';
import { Phase } from './timeline.js';

const KEEP_S = 40;
/** Sound is dense: less of it is kept. */
const KEEP_SOUND_S = 20;
/** How much of the past a newcomer asks for. */
export const BACK_S = 5;
const SILENT_S = 1.5;
const BEHIND_S = 1.2;

/** One stream on a strip: its samples, when they were taken, how many were drawn. */
export class Wave {
  drawn = { count: 0, upTo: 0 };
  flags = 0;
  gone = false;
  #missing = (raw) => this.stream.isMissing(raw);

  /**
   * @param {import('./remotestream.js').RemoteStream} stream
   * @param {import('./timeline.js').Timeline} timeline
   * @param {(stream: any, block: any) => number|null} deviceS device time of a block in relay seconds, or null
   * @param {(wave: Wave) => void} onMoved everything drawn must be drawn again
   */
  constructor(stream, timeline, deviceS, onMoved) {
    this.stream = stream;
    this.timeline = timeline;
    const keep = stream.info.kind === Kind.DEVICE_AUDIO ? KEEP_SOUND_S : KEEP_S;
    this.track = new SampleTrack(stream.rate, stream.channelCount, keep);
    this.phase = new Phase(stream.rate);
    stream.on('block', (block) => this.#take(block, deviceS(stream, block), onMoved));
    stream.on('closed', () => {
      this.gone = true;
    });
    stream.subscribe({ liveMinusSeconds: BACK_S });
  }

  /** Seconds since the newest sample was taken, null before the first. */
  get ageS() {
    return this.track.head < 0 ? null : this.timeline.nowS() - this.phase.timeOf(this.track.head);
  }

  #take(block, deviceS, onMoved) {
    const arrivalS = this.timeline.nowS();
    const before = this.track.head;
    this.flags = block.flags;
    this.track.write(block.firstSample, block.sampleCount, block.samples, this.#missing);
    if (before > block.firstSample) {
      this.phase.phaseS = null;
      this.drawn.upTo = block.firstSample;
    } else if (before < 0) {
      this.drawn.upTo = block.firstSample;
    }
    const moved = this.phase.learn(block.firstSample, block.sampleCount, deviceS, arrivalS, BACK_S + 60);
    this.timeline.observe(arrivalS - this.phase.timeOf(block.firstSample + block.sampleCount));
    if (moved) {
      onMoved(this);
    }
  }
}

/** The leads of one ECG in their usual order. */
export function ecgLeads(wave) {
  const leads = channelsOf(wave.stream.info).map((channel, index) => {
    const factor = millivolts(channel.unit) ?? 1;
    return {
      track: wave.track, phase: wave.phase, channel: index, name: leadName(channel), drawn: wave.drawn,
      counts: index === 0, value: (raw) => wave.stream.physical(raw) * factor,
    };
  });
  return leads.sort((a, b) => leadOrder(a.name) - leadOrder(b.name) || a.channel - b.channel);
}

/** The curves of waves that are not ECG: one row per channel, each on its own scale. */
export function plainLeads(waves, symmetric) {
  return waves.flatMap((wave) => channelsOf(wave.stream.info).map((channel, index) => {
    const unit = clinicalUnit(channel.unit);
    const key = quantity(channel.mdc);
    return {
      track: wave.track, phase: wave.phase, channel: index, drawn: wave.drawn, counts: index === 0, symmetric,
      name: symmetric ? '' : key ? t(key) : channel.label || wave.stream.info.label,
      value: (raw) => wave.stream.physical(raw),
      scaleText: (value) => (symmetric ? '' : `${number(value, Math.abs(value) < 5 ? 1 : 0)} ${unit}`.trim()),
    };
  }));
}

function channelsOf(info) {
  return info.channels.length > 0 ? info.channels : [{ mdc: info.mdcCode, label: info.label, unit: '' }];
}

/** ECG, other curve or device sound; '' for what is not drawn. */
export function panelOf({ info, readable }) {
  if (!readable) {
    return '';
  }
  if (info.kind === Kind.DEVICE_AUDIO) {
    return 'heart';
  }
  if (info.kind !== Kind.WAVEFORM || info.rateNumerator === 0) {
    return '';
  }
  return isEcg(info) ? 'ecg' : 'other';
}

/** How a panel's layout follows from the number of its rows. */
export function ecgLayout(rows, widthMm) {
  if (rows > 3 && widthMm > 150) {
    return { columns: 2, rowMm: rows > 6 ? 20 : 25 };
  }
  return { columns: 1, rowMm: rows === 1 ? 40 : rows <= 3 ? 30 : 20 };
}

/** Writes the badges of a panel: device, age, gaps, what the device says about the signal. */
export function writeBadges(host, waves) {
  const wanted = [];
  for (const wave of waves) {
    const { info, status } = wave.stream;
    const age = wave.ageS;
    if (waves.length > 1) {
      wanted.push({ text: info.label || info.name, tone: 'plain' });
    } else if (info.device) {
      wanted.push({ text: info.device, tone: 'plain' });
    }
    if (status === StreamStatus.ENDED || wave.gone) {
      wanted.push({ text: t('ended'), tone: 'plain' });
    } else if (age !== null && age > SILENT_S + wave.timeline.delayS) {
      wanted.push({ text: t('noSignal', { ago: ago(age) }), tone: 'bad' });
    } else if (age !== null && age > BEHIND_S) {
      wanted.push({ text: t('delayed', { s: number(age, 1) }), tone: 'warn' });
    } else if (age !== null) {
      wanted.push({ text: t('ageNow'), tone: 'good' });
    }
    const gaps = wave.track.holeCount;
    if (gaps > 0) {
      wanted.push({ text: gaps === 1 ? t('gapsOne') : t('gapsMany', { n: gaps }), tone: 'warn' });
    }
    if (wave.flags & BlockFlag.calibration) {
      wanted.push({ text: t('testSignal'), tone: 'warn' });
    }
    if (wave.flags & BlockFlag.leadOff) {
      wanted.push({ text: t('leadOff'), tone: 'warn' });
    }
    if (wave.flags & BlockFlag.lowQuality) {
      wanted.push({ text: t('lowQuality'), tone: 'warn' });
    }
    if (age !== null && !wave.phase.fromDevice) {
      wanted.push({ text: t('clockUnsure'), tone: 'plain' });
    }
  }
  while (host.children.length > wanted.length) {
    host.lastElementChild.remove();
  }
  wanted.forEach(({ text, tone }, i) => {
    const badge = host.children[i] ?? host.appendChild(make('span', 'badge'));
    badge.dataset.tone = tone;
    setText(badge, text);
  });
}
