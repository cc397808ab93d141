package org.chevet.relay.route;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.relay.egress.Egress;
import org.chevet.relay.egress.EgressPort;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/** A router on a work bench: virtual time, packets made by hand, everything it sends kept for a look. */
final class Bench implements EgressPort, MediaRouter.Listener {
    static final long MS = 1_000_000L;
    private static final int PADDING_BIT = 0x20;
    static final int RTCP_SSRC = 0x1234_5678;
    static final String RELAY_CNAME = "relay@test";
    static final Map<HeaderExtension, Integer> AUDIO_EXTENSIONS = Map.of(HeaderExtension.AUDIO_LEVEL, 1,
        HeaderExtension.ABS_SEND_TIME, 2, HeaderExtension.TRANSPORT_CC, 3, HeaderExtension.MID, 4);
    static final Map<HeaderExtension, Integer> VIDEO_EXTENSIONS = Map.of(HeaderExtension.ABS_SEND_TIME, 2,
        HeaderExtension.TRANSPORT_CC, 3, HeaderExtension.MID, 4, HeaderExtension.VIDEO_ORIENTATION, 13,
        HeaderExtension.RID, 10, HeaderExtension.REPAIRED_RID, 11, HeaderExtension.DEPENDENCY_DESCRIPTOR, 12);
    /** Receivers agree to no congestion feedback unless a test gives some: they get all at once. */
    static final NegotiatedCodec OPUS =
        new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "minptime=10", false, false, false, false, false);
    static final NegotiatedCodec VP8 =
        new NegotiatedCodec(Codec.VP8, 96, 97, 90_000, 0, "", true, true, true, false, false);
    /** The same for a receiver that gives transport-wide feedback. */
    static final NegotiatedCodec OPUS_WITH_FEEDBACK =
        new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "minptime=10", false, false, false, true, false);
    static final NegotiatedCodec VP8_WITH_FEEDBACK =
        new NegotiatedCodec(Codec.VP8, 96, 97, 90_000, 0, "", true, true, true, true, false);

    /** One RTP packet that left. */
    @SuppressWarnings("ArrayRecordComponent")
    record Sent(int peer, int ssrc, int sequence, int timestamp, int payloadType, boolean marker, byte[] payload,
        Map<Integer, byte[]> extensions, boolean twoByte, boolean padded, long atNs) {
    }

    /** One RTCP datagram that left. */
    @SuppressWarnings("ArrayRecordComponent")
    record Report(int peer, byte[] bytes, long atNs) {
    }

    final PacketSlab slab;
    final LaneStats stats = new LaneStats();
    final MediaRouter router;
    final Egress egress;
    final List<Sent> sent = new ArrayList<>();
    /** Datagrams of streams whose requests are answered with the same bytes, and those sent again. */
    final List<byte[]> sealed = new ArrayList<>();
    final List<byte[]> again = new ArrayList<>();
    final List<Report> reports = new ArrayList<>();
    final List<String> bindings = new ArrayList<>();
    final List<LayerDemand> demands = new ArrayList<>();
    final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4096]);
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private final RtpHeader header = new RtpHeader();
    private final RtpExtensions extensions = new RtpExtensions();
    long nowNs = 1_000 * MS;

    Bench(final int slots) {
        slab = new PacketSlab(slots);
        router = new MediaRouter(slab, stats, this, RTCP_SSRC, RELAY_CNAME);
        egress = new Egress(router);
    }

    /** Peer 1 publishes VP8 in section "v", peer 2 views it in section "y" with SSRC 600 and 601 for repairs. */
    void publishAndViewVp8(final OfferedSource... layers) {
        publisher(1, 1, receive("v", MediaKind.VIDEO, List.of(VP8), VIDEO_EXTENSIONS, layers));
        subscriber(2, 2, List.of(), PeerMedia.ANY,
            send("y", MediaKind.VIDEO, List.of(VP8), VIDEO_EXTENSIONS, 600, 601));
    }

    static NegotiatedSection receive(final String mid, final MediaKind kind, final List<NegotiatedCodec> codecs,
        final Map<HeaderExtension, Integer> extensions, final OfferedSource... sources) {
        return new NegotiatedSection(mid, kind, Flow.RECEIVE, codecs, extensions, true, true, List.of(sources), 0, 0,
            "", "");
    }

    static NegotiatedSection send(final String mid, final MediaKind kind, final List<NegotiatedCodec> codecs,
        final Map<HeaderExtension, Integer> extensions, final int ssrc, final int rtxSsrc) {
        return new NegotiatedSection(mid, kind, Flow.SEND, codecs, extensions, true, true, List.of(), ssrc, rtxSsrc,
            "", "");
    }

    void publisher(final int peer, final int participant, final NegotiatedSection... sections) {
        final int result = router.addPeer(peer, new PeerMedia(participant, "p" + participant, true,
            List.of(sections), List.of(), PeerMedia.ANY, "cname-" + participant), nowNs);
        if (result != MediaRouter.ADDED) {
            throw new IllegalStateException("addPeer: " + result);
        }
    }

    void subscriber(final int peer, final int participant, final List<Integer> sources, final int from,
        final NegotiatedSection... sections) {
        final int result = router.addPeer(peer, new PeerMedia(participant, "p" + participant, false,
            List.of(sections), sources, from, "unused"), nowNs);
        if (result != MediaRouter.ADDED) {
            throw new IllegalStateException("addPeer: " + result);
        }
    }

    /** Starts a packet; add extensions to the result, then {@link #rtp}. */
    RtpHeaderWriter packet(final int ssrc, final int payloadType, final int sequence, final int timestamp,
        final boolean marker) {
        return writer.begin(true).ssrc(ssrc).payloadType(payloadType).sequence(sequence).timestamp(timestamp)
            .marker(marker);
    }

    RtpHeaderWriter withText(final int id, final String text) {
        final UnsafeBuffer value = new UnsafeBuffer(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        writer.extension(id, value, 0, value.capacity());
        return writer;
    }

    void packetExtension(final int id, final byte[] value) {
        writer.extension(id, new UnsafeBuffer(value), 0, value.length);
    }

    /** Sends the packet begun with {@link #packet} into the router, and flushes. */
    int rtp(final int peer, final byte[] payload) {
        final int length = writer.write(buffer, 0, 1500);
        buffer.putBytes(length, payload);
        return datagram(peer, buffer, 0, length + payload.length);
    }

    int datagram(final int peer, final DirectBuffer in, final int offset, final int length) {
        final int slot = slab.acquire();
        slab.buffer().putBytes(slab.offset(slot), in, offset, length);
        final int copies = router.onRtp(peer, slot, slab.offset(slot), length, nowNs, nowNs);
        egress.flush(this, nowNs);
        return copies;
    }

    int rtcp(final int peer, final RtcpWriter in) {
        final int result = router.onRtcp(peer, buffer, 0, in.length(), nowNs);
        egress.flush(this, nowNs);
        return result;
    }

    RtcpWriter rtcpWriter() {
        return new RtcpWriter().begin(buffer, 0, 1500);
    }

    /** Lets time pass, with every deadline served on its way. */
    void advance(final long durationNs) {
        final long untilNs = nowNs + durationNs;
        while (router.nextDeadlineNs() <= untilNs) {
            nowNs = Math.max(nowNs, router.nextDeadlineNs());
            router.handleTimeout(nowNs);
            egress.flush(this, nowNs);
        }
        nowNs = untilNs;
    }

    long dropped(final DropReason reason) {
        return stats.dropped(reason);
    }

    Map<DropReason, Long> drops() {
        final Map<DropReason, Long> all = new EnumMap<>(DropReason.class);
        for (final DropReason reason : DropReason.values()) {
            if (stats.dropped(reason) > 0) {
                all.put(reason, stats.dropped(reason));
            }
        }
        return all;
    }

    List<Sent> sentTo(final int peer, final int ssrc) {
        return sent.stream().filter(packet -> packet.peer() == peer && packet.ssrc() == ssrc).toList();
    }

    List<Report> reportsTo(final int peer) {
        return reports.stream().filter(report -> report.peer() == peer).toList();
    }

    /** Ends everything; fails when a slot is still held. */
    void close() {
        router.close();
        slab.checkAllReleased();
    }

    @Override
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return 2048;
    }

    @Override
    public void sendRtp(final int peer, final int headerLength, final DirectBuffer payload, final int payloadOffset,
        final int payloadLength, final TrafficClass traffic, final long receivedNs, final @Nullable SealedPackets keep,
        final long sentNs) {
        final byte[] bytes = new byte[payloadLength];
        payload.getBytes(payloadOffset, bytes);
        // The padding itself is in the payload: taken off for the look at the header.
        final boolean padded = (buffer.getByte(offset()) & PADDING_BIT) != 0;
        buffer.putByte(offset(), (byte) (buffer.getByte(offset()) & ~PADDING_BIT));
        if (!header.wrapPlain(buffer, offset(), headerLength) || header.headerLength() != headerLength) {
            throw new IllegalStateException("header does not parse");
        }
        final Map<Integer, byte[]> values = new HashMap<>();
        final boolean any = extensions.wrap(header);
        while (any && extensions.next()) {
            final byte[] value = new byte[extensions.valueLength()];
            buffer.getBytes(extensions.valueOffset(), value);
            values.put(extensions.id(), value);
        }
        sent.add(new Sent(peer, header.ssrc(), header.sequence(), header.timestamp(), header.payloadType(),
            header.marker(), bytes, values, any && extensions.isTwoByte(), padded, sentNs));
        if (keep != null) {
            // In place of a cipher: the bytes as they are.
            buffer.putBytes(offset() + headerLength, payload, payloadOffset, payloadLength);
            keep.add(buffer, offset(), headerLength + payloadLength);
            sealed.add(copy(buffer, offset(), headerLength + payloadLength));
        }
    }

    @Override
    public void sendAgain(final int peer, final DirectBuffer from, final int offset, final int length,
        final long sentNs) {
        again.add(copy(from, offset, length));
    }

    private static byte[] copy(final DirectBuffer from, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        from.getBytes(offset, bytes);
        return bytes;
    }

    @Override
    public void sendRtcp(final int peer, final int length, final long sentNs) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset(), bytes);
        reports.add(new Report(peer, bytes, sentNs));
    }

    @Override
    public void onBinding(final int peer, final String mid, final int publication) {
        bindings.add(peer + " " + mid + " " + publication);
    }

    @Override
    public void onLayerDemand(final LayerDemand demand) {
        demands.add(demand);
    }
}
