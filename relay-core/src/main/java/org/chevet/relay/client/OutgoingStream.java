package org.chevet.relay.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.codec.rtp.Rtx;
import org.chevet.codec.wire.NtpTime;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/** One published track: packetizing, numbering, retransmission, sender reports. Guarded by its publisher. */
final class OutgoingStream {
    /** Packets kept for retransmission; about two seconds of video. */
    static final int HISTORY = 512;

    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int SEQUENCE_MASK = 0xFFFF;
    private static final int PAYLOAD_ROOM = Vp8Packetizer.MAX_PAYLOAD + Rtx.OSN_LENGTH;
    private static final int AUDIO_CLOCK = 48_000;
    private static final int VIDEO_CLOCK = 90_000;

    private final MediaTransport transport;
    private final TrackKind kind;
    private final String mid;
    private final UnsafeBuffer midBytes;
    private final int midId;
    private final int payloadType;
    private final int rtxPayloadType;
    private final int ssrc;
    private final int rtxSsrc;
    private final int firstTimestamp;
    private final RtpHeaderWriter header = new RtpHeaderWriter();
    private final Vp8Packetizer packetizer;
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_ROOM]);
    private final UnsafeBuffer history;
    private final @Nullable SealedPackets sealed;
    private final int[] kept = new int[HISTORY];
    private final int[] keptLength = new int[HISTORY];
    private final int[] keptTimestamp = new int[HISTORY];
    private final boolean[] keptMarker = new boolean[HISTORY];
    private int sequence;
    private int rtxSequence;
    private int lastTimestamp;
    private long lastSentNs;
    private long packets;
    private long octets;
    private long frames;
    private long retransmitted;
    private long keyFrameRequests;
    private long unsent;
    private long lostByRelay;

    /**
     * A receiver's reference time (RFC 3611 section 4.4).
     *
     * @param middle the middle 32 bits of its NTP timestamp, 0 for none
     * @param heardNs when it came
     */
    record Reference(int receiver, int middle, long heardNs) {
        static final Reference NONE = new Reference(0, 0, 0);
    }

    /** Numbers of a stream, from offer and answer; {@code midId} and {@code rtxPayloadType} may be -1 for none. */
    record Terms(TrackKind kind, String mid, int midId, int payloadType, int rtxPayloadType, int ssrc, int rtxSsrc) {
    }

    OutgoingStream(final MediaTransport transport, final Terms terms, final int firstSequence,
        final int firstTimestamp) {
        this.transport = transport;
        kind = terms.kind();
        mid = terms.mid();
        midBytes = new UnsafeBuffer(mid.getBytes(StandardCharsets.US_ASCII));
        midId = terms.midId();
        payloadType = terms.payloadType();
        rtxPayloadType = terms.rtxPayloadType();
        ssrc = terms.ssrc();
        rtxSsrc = terms.rtxSsrc();
        this.firstTimestamp = firstTimestamp;
        sequence = firstSequence & SEQUENCE_MASK;
        rtxSequence = (firstSequence >>> 16) & SEQUENCE_MASK;
        packetizer = new Vp8Packetizer(firstSequence & 0x7FFF);
        history = new UnsafeBuffer(new byte[rtxPayloadType < 0 ? 0 : HISTORY * PAYLOAD_ROOM]);
        sealed = rtxPayloadType < 0 ? new SealedPackets(HISTORY, HISTORY * PAYLOAD_ROOM / 4) : null;
        Arrays.fill(kept, -1);
    }

    int ssrc() {
        return ssrc;
    }

    TrackKind kind() {
        return kind;
    }

    /** Sends one Opus packet or VP8 frame taken {@code mediaNs} after the start; false when a part was not sent. */
    boolean send(final DirectBuffer data, final int offset, final int length, final long mediaNs, final long nowNs) {
        final long clock = kind == TrackKind.AUDIO ? AUDIO_CLOCK : VIDEO_CLOCK;
        lastTimestamp = firstTimestamp
            + (int) (mediaNs / NS_PER_SECOND * clock + mediaNs % NS_PER_SECOND * clock / NS_PER_SECOND);
        lastSentNs = nowNs;
        frames++;
        if (kind == TrackKind.AUDIO) {
            return packet(data, offset, length, false);
        }
        boolean sent = true;
        packetizer.begin(data, offset, length);
        while (packetizer.hasNext()) {
            final int size = packetizer.next(payload, 0);
            sent &= packet(payload, 0, size, !packetizer.hasNext());
        }
        return sent;
    }

    private boolean packet(final DirectBuffer data, final int offset, final int length, final boolean marker) {
        final int number = sequence;
        sequence = (sequence + 1) & SEQUENCE_MASK;
        if (rtxPayloadType >= 0) {
            final int slot = number % HISTORY;
            kept[slot] = number;
            keptLength[slot] = length;
            keptTimestamp[slot] = lastTimestamp;
            keptMarker[slot] = marker;
            history.putBytes(slot * PAYLOAD_ROOM, data, offset, length);
        }
        begin(payloadType, number, lastTimestamp, ssrc, marker);
        if (!transport.sendRtp(header, data, offset, length, sealed)) {
            unsent++;
            return false;
        }
        packets++;
        octets += length;
        return true;
    }

    private void begin(final int type, final int number, final int timestamp, final int source,
        final boolean marker) {
        header.begin(false).payloadType(type).sequence(number).timestamp(timestamp).ssrc(source).marker(marker);
        if (midId > 0) {
            header.extension(midId, midBytes, 0, midBytes.capacity());
        }
    }

    /** Sends a packet again when it is still known: as RTX (RFC 4588), or where that was not agreed as it was. */
    void retransmit(final int number) {
        if (sealed != null) {
            final int index = sealed.find(number);
            if (index != SealedPackets.NONE
                && transport.sendAgain(sealed.buffer(), sealed.offset(index), sealed.length(index))) {
                retransmitted++;
            }
            return;
        }
        final int slot = number % HISTORY;
        if (rtxPayloadType < 0 || kept[slot] != number) {
            return;
        }
        Rtx.writeOsn(payload, 0, number);
        payload.putBytes(Rtx.OSN_LENGTH, history, slot * PAYLOAD_ROOM, keptLength[slot]);
        begin(rtxPayloadType, rtxSequence, keptTimestamp[slot], rtxSsrc, keptMarker[slot]);
        rtxSequence = (rtxSequence + 1) & SEQUENCE_MASK;
        if (transport.sendRtp(header, payload, 0, Rtx.OSN_LENGTH + keptLength[slot], null)) {
            retransmitted++;
        }
    }

    void onKeyFrameRequest() {
        keyFrameRequests++;
    }

    void onLoss(final int cumulativeLost) {
        lostByRelay = cumulativeLost;
    }

    /** A sender report that ties the RTP clock to the wall clock, once something was sent. */
    void report(final byte[] cname, final long unixNs, final Reference reference, final long nowNs) {
        if (packets > 0) {
            final long clock = kind == TrackKind.AUDIO ? AUDIO_CLOCK : VIDEO_CLOCK;
            final int timestamp = lastTimestamp + (int) ((nowNs - lastSentNs) * clock / NS_PER_SECOND);
            transport.sendRtcp(writer -> {
                writer.senderReport(ssrc, NtpTime.ofUnixNs(unixNs), timestamp, packets, octets);
                writer.cname(ssrc, cname);
                if (reference.middle() != 0) {
                    writer.delaySinceReference(ssrc, reference.receiver(), reference.middle(),
                        NtpTime.nsToMiddle32(nowNs - reference.heardNs()));
                }
            });
        }
    }

    /** Says goodbye. */
    void bye(final byte[] cname) {
        transport.sendRtcp((final RtcpWriter writer) -> {
            writer.receiverReport(ssrc);
            writer.cname(ssrc, cname);
            writer.bye(ssrc);
        });
    }

    SentReport snapshot() {
        return new SentReport(mid, packets, octets, frames, retransmitted, keyFrameRequests, unsent, lostByRelay);
    }
}
