// window.chevetStats: what a test, or an engineer with the browser's tools, wants to know about this page.

/**
 * Exposes the state of the page.
 * @param {{session?: any, panels?: any, tiles?: any, heart?: any, numerics?: any, alignment?: any, locals?: any,
 *   gesture?: any, stills?: any, documents?: any, state?: string, reason?: string}} parts
 */
export function exposeStats({ session, panels, tiles, heart, numerics, alignment, gesture, stills, documents,
  state, reason }) {
  globalThis.chevetStats = {
    /** connecting, connected, reconnecting, failed or closed. */
    get state() {
      return session ? session.state : state;
    },
    get reason() {
      return reason ?? null;
    },
    get parts() {
      return session ? session.parts : {};
    },
    get participants() {
      return session ? [...session.roster.keys()] : [];
    },
    /** One entry per device stream: received, drawn, missing samples, gaps. */
    get streams() {
      return session?.vitals ? [...session.vitals.streams.values()].map((stream) => streamOf(stream, panels)) : [];
    },
    /** Own device streams: what was sent and what the relay holds. */
    get published() {
      return session?.vitals ? [...session.vitals.locals.values()].map((local) => ({
        name: local.description.name, state: local.state, ...local.counts, heldBelow: local.heldBelow,
        unacknowledged: local.unacknowledged,
      })) : [];
    },
    get heart() {
      return heart ? { on: heart.active, playing: heart.playing, played: heart.played, underruns: heart.underruns,
        skipped: heart.skipped, silent: heart.silent, ratio: heart.ratio, place: heart.place } : null;
    },
    /** Picture, curves and sound on one time line: how far each is behind, and the bound of the error. */
    get alignment() {
      return alignment ? { ...alignment.result, paths: alignment.paths } : null;
    },
    /** What measures and aligns them. */
    aligner: alignment,
    /** Photos and documents that have arrived. */
    documents,
    get numerics() {
      return numerics ? numerics.shown : [];
    },
    get clock() {
      const clock = session?.vitals?.clock;
      return clock ? { offsetMs: Number(clock.offsetNs) / 1e6, uncertaintyMs: Number(clock.uncertaintyNs) / 1e6,
        samples: clock.samples } : null;
    },
    get shown() {
      return tiles ? [...tiles.shown.entries()].map(([mid, { binding, video }]) => ({
        mid, ...binding, width: video.videoWidth, height: video.videoHeight,
      })) : [];
    },
    /** Epoch, safety code, and by track what was sealed or opened and what was dropped; null without encryption. */
    get endToEnd() {
      const keys = session?.endToEnd;
      return keys ? { epoch: keys.epoch, safetyCode: keys.safetyCode, tracks: [...keys.frames.tracks.values()] } : null;
    },
    /** Guided gesture: latencies in ms, events, what was not sent or not taken; and the channels of messages. */
    get gesture() {
      return gesture ? { ...gesture.latency, tool: gesture.tool ?? '', counts: gesture.counts, events: gesture.events }
        : null;
    },
    /** What draws, and knows the clock. */
    guide: gesture,
    get messages() {
      const channels = session?.channels;
      return channels ? { ...channels.counts, chat: channels.isOpen('chat'),
        annotation: channels.isOpen('annotation') } : null;
    },
    /** Stills that were received or taken. */
    stills,
    /** WebRTC figures: `receive` of the practitioner's connection, `publish` of the own camera. */
    media: () => mediaOf(session),
    /** The session, for the browser's console. */
    session,
  };
}

function streamOf(stream, panels) {
  const wave = panels ? Object.values(panels).flat().find((one) => one.stream === stream) : undefined;
  return {
    name: stream.info.name, label: stream.info.label, participant: stream.info.participant, kind: stream.info.kind,
    rate: stream.rate, channels: stream.channelCount, next: stream.next, ...stream.counts,
    drawn: wave?.drawn.count ?? 0, holes: wave?.track.holeCount ?? 0,
    lostHoles: wave?.track.holes.filter((one) => one.reason === 'lost').length ?? 0, ageS: wave?.ageS ?? null,
    fromDevice: wave?.phase.fromDevice ?? false,
  };
}

async function mediaOf(session) {
  const result = { receive: null, publish: [] };
  if (session?.receiver?.connection) {
    result.receive = await figures(session.receiver.connection);
  }
  for (const publisher of session?.publishers.values() ?? []) {
    if (publisher.connection) {
      result.publish.push(await figures(publisher.connection));
    }
  }
  return result;
}

async function figures(connection) {
  const report = await connection.getStats();
  const all = [...report.values()];
  const sum = (type, kind, field) => all.filter((one) => one.type === type && one.kind === kind)
    .reduce((total, one) => total + (one[field] ?? 0), 0);
  const transport = all.find((one) => one.type === 'transport') ?? {};
  return {
    state: connection.connectionState,
    srtpCipher: transport.srtpCipher ?? '',
    dtlsCipher: transport.dtlsCipher ?? '',
    framesDecoded: sum('inbound-rtp', 'video', 'framesDecoded'),
    videoPacketsReceived: sum('inbound-rtp', 'video', 'packetsReceived'),
    audioPacketsReceived: sum('inbound-rtp', 'audio', 'packetsReceived'),
    audioEnergy: sum('inbound-rtp', 'audio', 'totalAudioEnergy'),
    audioLevel: all.filter((one) => one.type === 'inbound-rtp' && one.kind === 'audio')
      .reduce((most, one) => Math.max(most, one.audioLevel ?? 0), 0),
    framesEncoded: sum('outbound-rtp', 'video', 'framesEncoded'),
    videoPacketsSent: sum('outbound-rtp', 'video', 'packetsSent'),
    audioPacketsSent: sum('outbound-rtp', 'audio', 'packetsSent'),
    packetsLost: sum('inbound-rtp', 'video', 'packetsLost') + sum('inbound-rtp', 'audio', 'packetsLost'),
    remoteLost: all.filter((one) => one.type === 'remote-inbound-rtp')
      .reduce((most, one) => Math.max(most, one.fractionLost ?? 0), 0),
    frameWidth: all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video')?.frameWidth ?? 0,
    frameHeight: all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video')?.frameHeight ?? 0,
    framesPerSecond: all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video')?.framesPerSecond ?? 0,
  };
}
