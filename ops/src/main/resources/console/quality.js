// What the browser measured of the media connections since the last look: loss, jitter, round trip, frozen time.

/**
 * Differences between two looks at getStats(). One object per session.
 *
 * Lost packets are RTP's of received tracks, and what the relay reports of sent ones. The frozen part is the longest of
 * all tracks: still pictures (`totalFreezesDuration`), and made-up sound (`concealedSamples` without silence).
 */
export class QualityMeter {
  #before = new Map();

  /**
   * @param {(RTCPeerConnection|null)[]} sending
   * @param {(RTCPeerConnection|null)[]} receiving
   * @returns {Promise<{up?: object, down?: object}>} `lossPercent`, `jitterMs`, `rttMs`, `frozenPercent` per direction
   *   that carries something
   */
  async measure(sending, receiving) {
    const now = new Map();
    const up = await this.#direction(sending, now, true);
    const down = await this.#direction(receiving, now, false);
    this.#before = now;
    return { ...(up ? { up } : {}), ...(down ? { down } : {}) };
  }

  async #direction(connections, now, isUp) {
    const sums = { packets: 0, lost: 0, jitterMs: 0, rttMs: 0, frozenPercent: 0, tracks: 0 };
    for (const [index, connection] of connections.entries()) {
      if (connection?.connectionState !== 'connected') {
        continue;
      }
      const all = [...(await connection.getStats()).values()];
      const pair = all.find((one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded');
      sums.rttMs = Math.max(sums.rttMs, (pair?.currentRoundTripTime ?? 0) * 1000);
      for (const one of all.filter(({ type }) => type === (isUp ? 'remote-inbound-rtp' : 'inbound-rtp'))) {
        this.#track(one, all, `${isUp}${index}${one.id}`, now, sums);
      }
    }
    if (sums.tracks === 0) {
      return null;
    }
    const total = sums.packets + sums.lost;
    return {
      lossPercent: rounded(total > 0 ? Math.min(100, (100 * sums.lost) / total) : 0),
      jitterMs: rounded(Math.min(60_000, sums.jitterMs)),
      rttMs: rounded(Math.min(60_000, sums.rttMs)),
      frozenPercent: rounded(Math.min(100, sums.frozenPercent)),
    };
  }

  #track(one, all, key, now, sums) {
    const local = all.find(({ id }) => id === one.localId);
    const figures = {
      atMs: one.timestamp,
      packets: (local ? local.packetsSent : one.packetsReceived) ?? 0,
      lost: one.packetsLost ?? 0,
      frozenS: one.totalFreezesDuration ?? 0,
      concealed: (one.concealedSamples ?? 0) - (one.silentConcealedSamples ?? 0),
      samples: one.totalSamplesReceived ?? 0,
    };
    now.set(key, figures);
    const before = this.#before.get(key);
    if (!before || figures.atMs <= before.atMs) {
      return;
    }
    const packets = figures.packets - before.packets;
    const lost = Math.max(0, figures.lost - before.lost);
    if (packets <= 0 && lost === 0) {
      return;
    }
    sums.tracks += 1;
    sums.lost += lost;
    sums.packets += local ? Math.max(0, packets - lost) : packets;
    sums.jitterMs = Math.max(sums.jitterMs, (one.jitter ?? 0) * 1000);
    const samples = figures.samples - before.samples;
    const frozen = Math.max((100_000 * (figures.frozenS - before.frozenS)) / (figures.atMs - before.atMs),
      samples > 0 ? (100 * (figures.concealed - before.concealed)) / samples : 0);
    sums.frozenPercent = Math.max(sums.frozenPercent, frozen);
  }
}

function rounded(value) {
  return Math.round(Math.max(0, value) * 10) / 10;
}
