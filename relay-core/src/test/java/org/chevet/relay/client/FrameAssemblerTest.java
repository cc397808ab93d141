package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.junit.jupiter.api.Test;

/** Frames out of packets that come late, twice, or not at all. */
class FrameAssemblerTest {
    private static final int SEEDS = 200;
    private static final int FRAMES = 120;
    private static final int VIDEO = 1;

    private final Map<Integer, byte[]> heard = new HashMap<>();
    private final FrameAssembler assembler = new FrameAssembler(1, 1, (track, timestamp, frame, offset, length) -> {
        final byte[] bytes = new byte[length];
        frame.getBytes(offset, bytes);
        assertNull(heard.put(timestamp, bytes), "frame " + timestamp + " twice");
    });

    /** One packet: its frame, its number, whether it is the frame's last, its bytes. */
    private record Sent(int timestamp, int sequence, boolean marker, UnsafeBuffer bytes) {
    }

    @Test
    void wholeFramesAreToldOnceAndOthersNever() {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }

    private void run(final int seed) {
        final Random random = new Random(seed);
        heard.clear();
        final Map<Integer, byte[]> frames = new HashMap<>();
        final Set<Integer> broken = new HashSet<>();
        final List<Sent> sent = packets(random, seed, frames);
        final List<Sent> arriving = new ArrayList<>();
        for (final Sent packet : sent) {
            if (random.nextInt(50) == 0) {
                broken.add(packet.timestamp());
            } else {
                arriving.add(Math.max(0, arriving.size() - random.nextInt(20)), packet);
                if (random.nextInt(20) == 0 && !broken.contains(packet.timestamp())) {
                    arriving.add(packet);
                }
            }
        }
        final FrameAssembler fresh = new FrameAssembler(1, 1, (track, timestamp, frame, offset, length) -> {
            assertEquals(VIDEO, track);
            final byte[] bytes = new byte[length];
            frame.getBytes(offset, bytes);
            heard.putIfAbsent(timestamp, bytes);
        });
        arriving.forEach(packet -> offer(fresh, VIDEO, packet));
        frames.forEach((timestamp, bytes) -> {
            if (broken.contains(timestamp)) {
                assertNull(heard.get(timestamp), "seed " + seed);
            } else {
                assertNotNull(heard.get(timestamp), "seed " + seed + " frame " + timestamp);
                assertArrayEquals(bytes, heard.get(timestamp), "seed " + seed);
            }
        });
    }

    @Test
    void aPacketThatComesTwiceDoesNotMakeItsFrameTwice() {
        final List<Sent> sent = packets(new Random(1), 1, new HashMap<>());
        sent.forEach(packet -> offer(assembler, VIDEO, packet));
        sent.reversed().stream().limit(100).forEach(packet -> offer(assembler, VIDEO, packet));
        assertEquals(FRAMES, heard.size());
    }

    @Test
    void anOpusPacketIsAFrame() {
        offer(assembler, 0, new Sent(960, 7, false, new UnsafeBuffer(new byte[] {1, 2, 3})));
        assertArrayEquals(new byte[] {1, 2, 3}, heard.get(960));
    }

    /** Frames of up to 40 packets; numbers wrap on the way. */
    private static List<Sent> packets(final Random random, final int seed, final Map<Integer, byte[]> frames) {
        final Vp8Packetizer packetizer = new Vp8Packetizer(seed);
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[Vp8Packetizer.MAX_PAYLOAD]);
        final List<Sent> sent = new ArrayList<>();
        int sequence = 0xFF00 + seed;
        for (int i = 0; i < FRAMES; i++) {
            final byte[] frame = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 40_000 : 3_000)];
            random.nextBytes(frame);
            final int timestamp = 3000 * (i + 1);
            frames.put(timestamp, frame);
            packetizer.begin(new UnsafeBuffer(frame), 0, frame.length);
            while (packetizer.hasNext()) {
                final byte[] bytes = new byte[packetizer.next(payload, 0)];
                payload.getBytes(0, bytes);
                sent.add(new Sent(timestamp, sequence++ & 0xFFFF, !packetizer.hasNext(),
                    new UnsafeBuffer(bytes)));
            }
        }
        return sent;
    }

    private static void offer(final FrameAssembler assembler, final int track, final Sent packet) {
        final UnsafeBuffer out = new UnsafeBuffer(new byte[RtpHeader.MIN_LENGTH + packet.bytes().capacity()]);
        new RtpHeaderWriter().begin(false).payloadType(96).sequence(packet.sequence()).timestamp(packet.timestamp())
            .ssrc(1).marker(packet.marker()).write(out, 0, out.capacity());
        out.putBytes(RtpHeader.MIN_LENGTH, packet.bytes(), 0, packet.bytes().capacity());
        final RtpHeader header = new RtpHeader();
        header.wrapPlain(out, 0, out.capacity());
        assembler.onPacket(track, header, header.payloadOffset(), header.payloadLength(), packet.sequence());
    }
}
