package org.chevet.codec.sctp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Bytes that nobody sent on purpose: a reader may say no; it may not throw or read outside the packet (the buffers end
 * where the packet ends). {@code -Dchevet.fuzz.seed} and {@code -Dchevet.fuzz.rounds} choose other runs.
 */
class SctpFuzzTest {
    private static final long SEED = Long.getLong("chevet.fuzz.seed", 0x5C79L);
    private static final int ROUNDS = Integer.getInteger("chevet.fuzz.rounds", 200_000);
    private static final int[] EDGES = {0, 1, 2, 3, 4, 8, 13, 16, 64, 127, 128, 130, 192, 194, 255};

    private final SctpPacket packet = new SctpPacket();
    private final InitChunk init = new InitChunk();
    private final DataChunk data = new DataChunk();
    private final SackChunk sack = new SackChunk();
    private final ForwardTsnChunk forward = new ForwardTsnChunk();
    private final SctpParameters parameters = new SctpParameters();
    private final StreamReset reset = new StreamReset();
    private final DcepOpen open = new DcepOpen();
    private final int[] accepted = new int[7];
    private long sink;

    @Test
    void mutationsAreSurvived() {
        final List<byte[]> seeds = seeds();
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
            for (int step = random.nextInt(4); step >= 0; step--) {
                bytes = mutate(random, bytes);
            }
            try {
                read(new UnsafeBuffer(bytes));
            } catch (final RuntimeException | AssertionError e) {
                throw new AssertionError("round " + round + " of seed " + SEED + ": "
                    + HexFormat.of().formatHex(bytes), e);
            }
        }
        assertTrue(Arrays.stream(accepted).allMatch(count -> count > 100), Arrays.toString(accepted));
        assertTrue(sink != 0);
    }

    private static byte[] mutate(final SplittableRandom random, final byte[] bytes) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        final int at = random.nextInt(bytes.length);
        switch (random.nextInt(5)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
            case 2 -> bytes[at] = (byte) random.nextInt();
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            default -> {
                return Arrays.copyOf(bytes, bytes.length + random.nextInt(16));
            }
        }
        return bytes;
    }

    private static List<byte[]> seeds() {
        final List<byte[]> seeds = new ArrayList<>();
        final SctpWriter writer = new SctpWriter();
        final UnsafeBuffer out = new UnsafeBuffer(new byte[1500]);
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[40]);
        writer.begin(out, 0, 1191, 5000, 5000, 0).init(ChunkType.INIT_ACK, 1, 2, 3, 4, 5, true, bytes, 0, 17);
        seeds.add(copy(out, writer.finish()));
        writer.begin(out, 0, 1191, 5000, 5000, 1).sack(1, 2, new int[] {2, 4}, new int[] {2, 9}, 2, new int[] {1}, 1);
        writer.data(3, 4, 5, 6, 7, bytes, 0, 13);
        writer.interleavedData(2, 4, 5, 6, 7, 8, bytes, 0, 1);
        seeds.add(copy(out, writer.finish()));
        writer.begin(out, 0, 1191, 5000, 5000, 1).forwardTsn(9, new int[] {1, 2}, new int[] {3, 4}, 2);
        writer.interleavedForwardTsn(9, new int[] {1, 2}, new boolean[] {true, false}, new int[] {3, 4}, 2);
        writer.resetRequest(1, 2, 3, new int[] {1, 2, 3}, 3);
        writer.resetResponse(1, 2);
        writer.cause(ChunkType.ABORT, 0, 12, bytes, 0, 7);
        seeds.add(copy(out, writer.finish()));
        seeds.add(copy(out, DcepOpen.write(out, 0, 1, true, 2, 3, new byte[4], new byte[5])));
        return seeds;
    }

    private static byte[] copy(final UnsafeBuffer buffer, final int length) {
        final byte[] copy = new byte[length];
        buffer.getBytes(0, copy);
        return copy;
    }

    private void read(final UnsafeBuffer bytes) {
        final int length = bytes.capacity();
        if (open.wrap(bytes, 0, length)) {
            accepted[6]++;
            sink += open.priority() + open.reliability() + open.reliabilityParameter() + (open.isUnordered() ? 1 : 0);
            if (open.protocolOffset() + open.protocolLength() > length) {
                throw new AssertionError("parts outside the message");
            }
        }
        if (!packet.wrap(bytes, 0, length)) {
            return;
        }
        accepted[0]++;
        sink += packet.isChecksumRight() ? 1 : 0;
        sink += packet.tag() + packet.sourcePort() + packet.destinationPort();
        while (packet.next()) {
            readChunk(length);
        }
    }

    private void readChunk(final int length) {
        if (init.wrap(packet)) {
            accepted[1]++;
            sink += init.tag() + init.window() + init.initialTsn() + init.inboundStreams() + init.outboundStreams();
            if (init.cookieOffset() + init.cookieLength() > length) {
                throw new AssertionError("cookie outside");
            }
        }
        if (data.wrap(packet)) {
            accepted[2]++;
            sink += data.tsn() + data.streamId() + data.message() + data.fragment() + data.ppid();
            if (data.payloadLength() < 1 || data.payloadOffset() + data.payloadLength() > length) {
                throw new AssertionError("payload outside");
            }
        }
        if (sack.wrap(packet)) {
            accepted[3]++;
            sink += sack.cumulativeTsn() + sack.window() + sack.duplicates();
            for (int i = 0; i < sack.gaps(); i++) {
                sink += sack.gapStart(i) + sack.gapEnd(i);
            }
        }
        if (forward.wrap(packet)) {
            accepted[4]++;
            sink += forward.cumulativeTsn();
            for (int i = 0; i < forward.entries(); i++) {
                sink += forward.streamId(i) + forward.message(i) + (forward.isUnordered(i) ? 1 : 0);
            }
        }
        if (parameters.wrap(packet.buffer(), packet.valueOffset(), packet.valueLength())) {
            while (parameters.next()) {
                if (reset.wrap(parameters)) {
                    accepted[5]++;
                    sink += reset.sequence() + (reset.type() == StreamReset.RESPONSE ? reset.result() : 0);
                    for (int i = 0; i < reset.streams(); i++) {
                        sink += reset.streamId(i);
                    }
                }
            }
        }
    }
}
