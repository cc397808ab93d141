package org.chevet.relay.sim;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.wire.SequenceUnwrapper;
import org.chevet.codec.wire.TransportAddress;

/**
 * Receives audio and video, asks again for what is missing, and notes what it got so that {@link #faults} can judge it.
 */
final class SimSubscriber extends SimPeer {
    static final int AUDIO_PT = 63;
    static final int VIDEO_PT = 120;
    static final int RTX_PT = 121;
    private static final long REPORT_NS = 100_000_000L;
    private static final int NACK_WINDOW = 200;

    final int audioSsrc;
    final int videoSsrc;
    private final RtpHeader header = new RtpHeader();
    private final RtcpWriter writer = new RtcpWriter();
    private final Map<Integer, Received> streams = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private long nextNs;
    private int repaired;

    /** What came of one SSRC: extended sequence number to number of the packet at its source. */
    private static final class Received {
        final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        final TreeMap<Long, Integer> numbers = new TreeMap<>();
    }

    SimSubscriber(final String ufrag, final TransportAddress address, final TransportAddress relay, final SimNetwork up,
        final long keySeed, final Random random) {
        super(ufrag, address, relay, up, keySeed, random);
        audioSsrc = 0x3000_0000 | random.nextInt(0xFFFFFF);
        videoSsrc = 0x4000_0000 | random.nextInt(0xFFFFFF);
    }

    int received(final int ssrc) {
        final Received stream = streams.get(ssrc);
        return stream == null ? 0 : stream.numbers.size();
    }

    /** Packets between the first and the last received that never came. */
    long missing(final int ssrc) {
        final Received stream = streams.get(ssrc);
        return stream == null ? 0 : stream.numbers.lastKey() - stream.numbers.firstKey() + 1 - stream.numbers.size();
    }

    /** Retransmissions that came. */
    int repaired() {
        return repaired;
    }

    /** Number of the first video packet that came, in order of sequence; -1 when none did. */
    int firstVideoNumber() {
        final Received stream = streams.get(videoSsrc);
        return stream == null ? -1 : stream.numbers.firstEntry().getValue();
    }

    /** What the relay did wrong, judged after the run: one sentence each. */
    List<String> faults() {
        streams.forEach((ssrc, stream) -> {
            Map.Entry<Long, Integer> before = null;
            for (final Map.Entry<Long, Integer> entry : stream.numbers.entrySet()) {
                if (before != null) {
                    judge(ssrc, entry.getKey() - before.getKey(), entry.getValue() - before.getValue(), entry);
                }
                before = entry;
            }
        });
        return faults;
    }

    /** The order of the source is kept; video keeps its gaps, audio those that were not padding. */
    private void judge(final int ssrc, final long sequences, final int numbers, final Map.Entry<Long, Integer> at) {
        if (numbers < 1 || numbers > sequences || (ssrc == videoSsrc && numbers != sequences)) {
            faults.add(ufrag + ": packet " + at.getValue() + " has sequence " + at.getKey() + ", " + sequences
                + " after the one before, which is " + numbers + " packets earlier at the source");
        }
    }

    @Override
    long nextTurnNs() {
        return nextNs;
    }

    @Override
    void onTurn(final long nowNs) {
        nextNs = nowNs + REPORT_NS;
        writer.begin(buffer, 0, 1200);
        writer.receiverReport(1);
        final Received video = streams.get(videoSsrc);
        if (video != null) {
            final long last = video.numbers.lastKey();
            for (long sequence = Math.max(video.numbers.firstKey(), last - NACK_WINDOW); sequence < last; sequence++) {
                if (!video.numbers.containsKey(sequence) && !writer.nack(1, videoSsrc, (int) (sequence & 0xFFFF))) {
                    break;
                }
            }
        }
        sendRtcp(writer.length(), nowNs);
    }

    @Override
    void onPacket(final boolean rtcp, final int length, final long nowNs) {
        if (rtcp) {
            return;
        }
        if (!header.wrapPlain(buffer, 0, length)) {
            faults.add(ufrag + ": RTP that does not parse");
            return;
        }
        if (header.isPaddingOnly()) {
            faults.add(ufrag + ": padding-only packet forwarded");
            return;
        }
        final int ssrc = header.ssrc();
        final int end = header.payloadOffset() + header.payloadLength();
        final int number = buffer.getInt(end - SimPublisher.NUMBER_BYTES);
        if (ssrc == videoSsrc + 1 && header.payloadType() == RTX_PT) {
            // RFC 4588: the original sequence number comes before the payload.
            repaired++;
            note(videoSsrc, buffer.getShort(header.payloadOffset(), ByteOrder.BIG_ENDIAN) & 0xFFFF, number);
            return;
        }
        if (ssrc != audioSsrc && ssrc != videoSsrc) {
            faults.add(ufrag + ": SSRC nobody announced: " + Integer.toHexString(ssrc));
            return;
        }
        final int wanted = ssrc == audioSsrc ? AUDIO_PT : VIDEO_PT;
        if (header.payloadType() != wanted) {
            faults.add(ufrag + ": payload type " + header.payloadType() + " instead of " + wanted);
        }
        note(ssrc, header.sequence(), number);
    }

    private void note(final int ssrc, final int shortSequence, final int number) {
        final Received stream = streams.computeIfAbsent(ssrc, unknown -> new Received());
        final long sequence = stream.unwrapper.unwrap(shortSequence);
        final Integer before = stream.numbers.put(sequence, number);
        if (before != null && before != number) {
            faults.add(ufrag + ": sequence " + sequence + " carried packets " + before + " and " + number);
        }
    }
}
