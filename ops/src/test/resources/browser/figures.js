// What a test asks about a peer connection, told alike by Chromium and Firefox.

/** State, what was decoded, what was sent by rid, and how the selected pair goes. */
export async function figuresOf(connection) {
  const report = await connection.getStats();
  const all = [...report.values()];
  const rtp = (type, kind) => all.filter((one) => one.type === type && one.kind === kind);
  const [sound] = rtp('inbound-rtp', 'audio');
  const [picture] = rtp('inbound-rtp', 'video');
  const transport = all.find((one) => one.type === 'transport' && one.selectedCandidatePairId);
  const pair = transport ? report.get(transport.selectedCandidatePairId)
    : all.find((one) => one.type === 'candidate-pair' && one.selected);
  const local = report.get(pair?.localCandidateId);
  return {
    state: connection.connectionState,
    frames: picture?.framesDecoded ?? 0,
    width: picture?.frameWidth ?? 0,
    energy: sound?.totalAudioEnergy ?? 0,
    layers: rtp('outbound-rtp', 'video').filter((one) => one.framesEncoded > 0)
      .map(({ rid = '', frameWidth = 0, framesEncoded }) => ({ rid, width: frameWidth, frames: framesEncoded })),
    protocol: report.get(pair?.remoteCandidateId)?.protocol ?? '',
    local: local?.candidateType ?? '',
    relayProtocol: local?.relayProtocol ?? '',
  };
}

/** Plays what a connection receives, so that sound is decoded; to be called before tracks come, upon a gesture. */
export function play(connection) {
  const video = document.body.appendChild(document.createElement('video'));
  video.srcObject = new MediaStream();
  video.autoplay = true;
  connection.addEventListener('track', ({ track }) => video.srcObject.addTrack(track));
  return video.play().catch(() => {});
}
