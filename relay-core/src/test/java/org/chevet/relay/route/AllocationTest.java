package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.relay.egress.Egress;
import org.chevet.relay.egress.EgressPort;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The packet path makes no garbage, neither forwarding nor repairing nor reporting. */
@Isolated
class AllocationTest implements EgressPort {
    private static final long MS = 1_000_000L;
    private static final int VIEWERS = 8;
    private static final int BATCH = 20_000;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final PacketSlab slab = new PacketSlab(4096);
    private final LaneStats stats = new LaneStats();
    private final MediaRouter router =
        new MediaRouter(slab, stats, (peer, mid, publication) -> { }, 1, "relay");
    private final Egress egress = new Egress(router);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[4096]);
    private final UnsafeBuffer in = new UnsafeBuffer(new byte[2048]);
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private final RtcpWriter rtcp = new RtcpWriter();
    private final UnsafeBuffer mid = new UnsafeBuffer(new byte[] {'v'});
    private long nowNs = 1000 * MS;
    private int sequence;
    private int lastSequence;
    private long bytesOut;

    @AfterEach
    void noSlotIsLeaked() {
        router.close();
        slab.checkAllReleased();
    }

    @Test
    void aForwardedPacketAllocatesNothing() {
        router.addPeer(1, new PeerMedia(1, "p1", true, List.of(Bench.receive("v", MediaKind.VIDEO,
            List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS)), List.of(), PeerMedia.ANY, "c1"), nowNs);
        for (int i = 0; i < VIEWERS; i++) {
            router.addPeer(10 + i, new PeerMedia(10 + i, "p", false, List.of(Bench.send("y", MediaKind.VIDEO,
                List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS, 600 + 2 * i, 601 + 2 * i)), List.of(), PeerMedia.ANY,
                ""), nowNs);
        }
        long best = Long.MAX_VALUE;
        long bestNs = Long.MAX_VALUE;
        // The first rounds warm up; a later one must be free of garbage.
        for (int round = 0; round < 10; round++) {
            final long sentBefore = stats.counted(Counter.RTP_FORWARDED);
            final long before = threads.getCurrentThreadAllocatedBytes();
            final long startNs = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < BATCH; i++) {
                step();
            }
            bestNs = Math.min(bestNs, threads.getCurrentThreadCpuTime() - startNs);
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
            assertTrue(stats.counted(Counter.RTP_FORWARDED) - sentBefore > (long) BATCH * VIEWERS * 9 / 10);
        }
        // The measuring call itself allocates a little now and then.
        assertTrue(best < 1000, best + " bytes for " + BATCH + " packets");
        assertTrue(stats.counted(Counter.RETRANSMISSIONS_SENT) > 0);
        assertTrue(stats.counted(Counter.NACKS_SENT) > 0);
        assertTrue(bytesOut > 0);
        assertEquals(0, stats.dropped(org.chevet.relay.stats.DropReason.SLAB_EXHAUSTED));
        final String path = System.getProperty("chevet.route.figures");
        if (path != null) {
            try {
                java.nio.file.Files.writeString(java.nio.file.Path.of(path), "ns per copy "
                    + (double) bestNs / BATCH / VIEWERS + ", ns per packet " + (double) bestNs / BATCH + ", bytes "
                    + best + "\n");
            } catch (final java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    @Test
    void takingThePrimaryBlockOutOfRedAllocatesNothing() {
        final NegotiatedCodec red = new NegotiatedCodec(Codec.RED, 63, -1, 48_000, 2, "111/111", false, false, false,
            false, false);
        router.addPeer(1, new PeerMedia(1, "p1", true, List.of(Bench.receive("a", MediaKind.AUDIO,
            List.of(red, Bench.OPUS), Bench.AUDIO_EXTENSIONS)), List.of(), PeerMedia.ANY, "c1"), nowNs);
        for (int i = 0; i < VIEWERS; i++) {
            router.addPeer(10 + i, new PeerMedia(10 + i, "p", false, List.of(Bench.send("x", MediaKind.AUDIO,
                i % 2 == 0 ? List.of(Bench.OPUS) : List.of(red, Bench.OPUS), Bench.AUDIO_EXTENSIONS, 600 + i, 0)),
                List.of(), PeerMedia.ANY, ""), nowNs);
        }
        final byte[] payload = java.util.HexFormat.of().parseHex("ef0f00036fa1a2a3b1b2");
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            final long sentBefore = stats.counted(Counter.RTP_FORWARDED);
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCH; i++) {
                nowNs += MS;
                sequence++;
                writer.begin(true).ssrc(77).payloadType(63).sequence(sequence & 0xFFFF).timestamp(sequence * 960)
                    .marker(false).extension16(3, sequence & 0xFFFF);
                final int length = writer.write(in, 0, 200);
                in.putBytes(length, payload);
                final int slot = slab.acquire();
                slab.buffer().putBytes(slab.offset(slot), in, 0, length + payload.length);
                router.onRtp(1, slot, slab.offset(slot), length + payload.length, nowNs, nowNs);
                egress.flush(this, nowNs);
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
            assertEquals((long) BATCH * VIEWERS, stats.counted(Counter.RTP_FORWARDED) - sentBefore);
        }
        assertTrue(best < 1000, best + " bytes for " + BATCH + " packets");
    }

    /** One packet in, copies out; now and then loss, sender report, NACK, PLI and the timers. */
    private void step() {
        nowNs += MS;
        sequence++;
        if (sequence % 100 == 99) {
            sequence++;
        }
        writer.begin(true).ssrc(77).payloadType(96).sequence(sequence & 0xFFFF).timestamp(sequence * 90).marker(true)
            .extension(4, mid, 0, 1);
        writer.extension16(3, sequence & 0xFFFF);
        final int length = writer.write(in, 0, 200);
        in.putByte(length, (byte) 0x10);
        in.putByte(length + 1, (byte) (sequence % 300 == 1 ? 0 : 1));
        final int slot = slab.acquire();
        slab.buffer().putBytes(slab.offset(slot), in, 0, length + 1000);
        router.onRtp(1, slot, slab.offset(slot), length + 1000, nowNs, nowNs);
        if (sequence % 50 == 0) {
            rtcp.begin(in, 0, 1200).receiverReport(5);
            rtcp.reportBlock(600, 0, 0, sequence, 0, 0, 0);
            rtcp.nack(5, 600, lastSequence - 1);
            rtcp.pictureLoss(5, 600);
            router.onRtcp(10, in, 0, rtcp.length(), nowNs);
            rtcp.begin(in, 0, 1200).senderReport(77, nowNs, sequence * 90, sequence, sequence);
            router.onRtcp(1, in, 0, rtcp.length(), nowNs);
        }
        if (router.nextDeadlineNs() <= nowNs) {
            router.handleTimeout(nowNs);
        }
        egress.flush(this, nowNs);
    }

    @Override
    public MutableDirectBuffer buffer() {
        return out;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public void sendRtp(final int peer, final int headerLength, final DirectBuffer payload, final int payloadOffset,
        final int payloadLength, final TrafficClass traffic, final long receivedNs, final @Nullable SealedPackets keep,
        final long sentNs) {
        bytesOut += headerLength + payloadLength;
        if (keep != null) {
            keep.add(out, 0, headerLength);
        }
        lastSequence = peer != 10 ? lastSequence : out.getShort(2, java.nio.ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    @Override
    public void sendAgain(final int peer, final DirectBuffer sealed, final int offset, final int length,
        final long sentNs) {
        bytesOut += length;
    }

    @Override
    public void sendRtcp(final int peer, final int length, final long sentNs) {
        bytesOut += length;
    }
}
