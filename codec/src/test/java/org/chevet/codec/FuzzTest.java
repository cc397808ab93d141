package org.chevet.codec;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.junit.jupiter.api.Test;

/**
 * Bytes that nobody sent on purpose: mutations of everything captured, given to every parser. A parser may say no; it
 * may not throw, read outside the packet (buffers end where the packet ends), or walk more steps than the packet's
 * length allows. {@code -Dchevet.fuzz.seed} and {@code -Dchevet.fuzz.rounds} choose other runs; a failure prints the
 * seed, the round and the bytes.
 */
class FuzzTest {
    private static final long SEED = Long.getLong("chevet.fuzz.seed", 0xF0F0L);
    private static final int ROUNDS = Integer.getInteger("chevet.fuzz.rounds", 300_000);
    private static final int MAX_LENGTH = 1500;

    /** Values that length and count fields break at. */
    private static final int[] EDGES = {0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 63, 64, 127, 128, 191, 192, 223, 254, 255};

    /** Inputs that once broke a parser; they are replayed for ever. Add the hex that a failure prints. */
    private static final List<String> CORPUS = List.of(
        "",
        "00",
        "80",
        "000100002112a442000102030405060708090a0b",
        "9060000100000000000000011000ffff",
        "8fcd00050000000100000002000100010000000020000000",
        "90f08001aaf5");

    private final EveryParser parsers = new EveryParser();

    @Test
    void mutationsOfEverythingCapturedAreSurvived() {
        final List<byte[]> seeds = seeds();
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] mutated = mutate(random, seeds);
            check(mutated, "round " + round + " of seed " + SEED);
        }
        // A fuzz that only ever hears "no" shows nothing: every parser must have accepted some of the mutations.
        final List<String> idle = new ArrayList<>();
        parsers.accepted().forEach((parser, count) -> {
            if (count < 20) {
                idle.add(parser + "=" + count);
            }
        });
        assertTrue(idle.isEmpty(), "hardly ever accepted: " + idle + " of " + new TreeMap<>(parsers.accepted()));
    }

    @Test
    void inputsThatOnceBrokeAParserStaySurvived() {
        for (final String hex : CORPUS) {
            check(HexFormat.of().parseHex(hex), "corpus");
        }
    }

    @Test
    void everyPrefixOfEverythingCapturedIsSurvived() {
        for (final byte[] seed : seeds()) {
            for (int length = 0; length < Math.min(seed.length, 160); length++) {
                check(Arrays.copyOf(seed, length), "prefix");
            }
        }
    }

    private void check(final byte[] bytes, final String where) {
        try {
            parsers.read(new UnsafeBuffer(bytes));
        } catch (final RuntimeException | AssertionError e) {
            throw new AssertionError(where + ": " + HexFormat.of().formatHex(bytes), e);
        }
    }

    /** Whole datagrams, and the payloads and dependency descriptors inside them. */
    private static List<byte[]> seeds() {
        final List<byte[]> seeds = new ArrayList<>();
        Fixtures.stun().forEach(stun -> seeds.add(bytes(stun.bytes(), 0, stun.bytes().capacity())));
        final RtpHeader header = new RtpHeader();
        final RtpExtensions extensions = new RtpExtensions();
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.packets()) {
                seeds.add(bytes(packet.plain(), 0, packet.plain().capacity()));
                if (packet.kind().equals("rtcp") || !header.wrapPlain(packet.plain(), 0, packet.plain().capacity())) {
                    continue;
                }
                seeds.add(bytes(packet.plain(), header.payloadOffset(), header.payloadLength()));
                if (extensions.wrap(header) && extensions.find(12)) {
                    seeds.add(bytes(packet.plain(), extensions.valueOffset(), extensions.valueLength()));
                }
            }
        }
        seeds.add("plain text is no media".getBytes(StandardCharsets.US_ASCII));
        return seeds;
    }

    private static byte[] bytes(final UnsafeBuffer buffer, final int offset, final int length) {
        final byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        return copy;
    }

    private static byte[] mutate(final SplittableRandom random, final List<byte[]> seeds) {
        byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
        final int steps = 1 + random.nextInt(4);
        for (int step = 0; step < steps; step++) {
            bytes = mutateOnce(random, bytes, seeds);
        }
        return bytes;
    }

    private static byte[] mutateOnce(final SplittableRandom random, final byte[] bytes, final List<byte[]> seeds) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        // Headers are at the front: half of the changes go to the first 40 bytes.
        final int at = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, 40));
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> {
                return Arrays.copyOf(bytes, Math.min(MAX_LENGTH, bytes.length + random.nextInt(32)));
            }
            case 5 -> {
                final byte[] other = seeds.get(random.nextInt(seeds.size()));
                final int count = Math.min(other.length, bytes.length - at);
                System.arraycopy(other, 0, bytes, at, count);
            }
            case 6 -> {
                // Take some bytes out, so that what follows is read in the wrong place.
                final int cut = Math.min(bytes.length - at, 1 + random.nextInt(8));
                final byte[] shorter = new byte[bytes.length - cut];
                System.arraycopy(bytes, 0, shorter, 0, at);
                System.arraycopy(bytes, at + cut, shorter, at, bytes.length - at - cut);
                return shorter;
            }
            default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)),
                (byte) (random.nextBoolean() ? 0xFF : 0));
        }
        return bytes;
    }
}
