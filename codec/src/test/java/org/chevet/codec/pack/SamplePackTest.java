package org.chevet.codec.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is packed comes back bit by bit, and bytes at random are refused or harmless. */
class SamplePackTest {
    private final SamplePacker packer = new SamplePacker();
    private final SampleUnpacker unpacker = new SampleUnpacker();

    private static byte[] block(final Random random, final int width, final int channels, final int samples,
        final int shape) {
        final byte[] out = new byte[width * channels * samples];
        final int unused = Integer.SIZE - width * Byte.SIZE;
        final int[] last = new int[channels];
        for (int sample = 0, at = 0; sample < samples; sample++) {
            for (int channel = 0; channel < channels; channel++, at += width) {
                last[channel] = switch (shape) {
                    case 0 -> random.nextInt();
                    case 1 -> last[channel] + random.nextInt(9) - 4;
                    case 2 -> (int) (1e9 * Math.sin(sample * 0.1 + channel)) >> unused;
                    case 3 -> random.nextInt(20) == 0 ? Integer.MIN_VALUE >> unused : last[channel] + 1;
                    default -> random.nextBoolean() ? Integer.MIN_VALUE : Integer.MAX_VALUE;
                };
                final int value = shape == 4 ? last[channel] >> unused : last[channel] << unused >> unused;
                Samples.write(out, at, width, value);
            }
        }
        return out;
    }

    @Test
    void vectorsOpenAndAreWhatIsPacked() throws IOException {
        int count = 0;
        try (InputStream in = SamplePackTest.class.getResourceAsStream("/pack/vectors.json")) {
            for (final JsonNode vector : new ObjectMapper().readTree(in)) {
                final byte[] plain = HexFormat.of().parseHex(vector.get("plain").asText());
                final byte[] packed = HexFormat.of().parseHex(vector.get("packed").asText());
                final int width = vector.get("width").asInt();
                final int channels = vector.get("channels").asInt();
                final int samples = vector.get("samples").asInt();
                final byte[] out = new byte[plain.length];
                assertEquals(plain.length,
                    unpacker.unpack(width, channels, samples, packed, 0, packed.length, out, 0));
                assertArrayEquals(plain, out);
                assertEquals(packed.length, packer.pack(width, channels, samples, plain, 0, out, 0));
                assertArrayEquals(packed, Arrays.copyOf(out, packed.length));
                count++;
            }
        }
        assertEquals(4, count);
    }

    @Test
    void everyShapeComesBack() {
        final Random random = new Random(1);
        int packed = 0;
        for (int round = 0; round < 3_000; round++) {
            final int width = 2 + random.nextInt(3);
            final int channels = 1 + random.nextInt(14);
            final int samples = 1 + random.nextInt(round % 50 == 0 ? 600 : 60);
            final byte[] in = block(random, width, channels, samples, random.nextInt(5));
            final byte[] small = new byte[in.length + 3];
            final int length = packer.pack(width, channels, samples, in, 0, small, 3);
            if (length == SamplePacker.NOT_SMALLER) {
                continue;
            }
            packed++;
            assertTrue(length < in.length);
            final byte[] back = new byte[in.length];
            assertEquals(in.length, unpacker.unpack(width, channels, samples, small, 3, length, back, 0));
            assertArrayEquals(in, back);
            assertEquals(SampleUnpacker.MALFORMED,
                unpacker.unpack(width, channels, samples, small, 3, length - 1, back, 0));
        }
        assertTrue(packed > 1_500, packed + " of 3000 blocks were packed");
    }

    @Test
    void bytesAtRandomAreRefusedOrStayInside() {
        final Random random = new Random(2);
        final byte[] out = new byte[4_096];
        int good = 0;
        for (int round = 0; round < 100_000; round++) {
            final byte[] in = new byte[random.nextInt(60)];
            random.nextBytes(in);
            final int width = 2 + random.nextInt(3);
            final int channels = 1 + random.nextInt(6);
            final int samples = 1 + random.nextInt(40);
            final int bytes = width * channels * samples;
            Arrays.fill(out, (byte) 0x5A);
            final int result = unpacker.unpack(width, channels, samples, in, 0, in.length, out, 7);
            assertTrue(result == bytes || result == SampleUnpacker.MALFORMED, "result " + result);
            good += result > 0 ? 1 : 0;
            for (int i = 0; i < 7; i++) {
                assertEquals(0x5A, out[i]);
            }
            assertEquals(0x5A, out[7 + bytes]);
        }
        assertTrue(good > 0);
    }

    @Test
    void aChangedBitOfAGoodBlockIsRefusedOrStaysInside() {
        final Random random = new Random(3);
        final byte[] in = block(random, 2, 12, 100, 1);
        final byte[] small = new byte[in.length];
        final int length = packer.pack(2, 12, 100, in, 0, small, 0);
        final byte[] out = new byte[in.length];
        for (int bit = 0; bit < length * Byte.SIZE; bit++) {
            small[bit / Byte.SIZE] ^= (byte) (0x80 >> bit % Byte.SIZE);
            final int result = unpacker.unpack(2, 12, 100, small, 0, length, out, 0);
            assertTrue(result == in.length || result == SampleUnpacker.MALFORMED);
            small[bit / Byte.SIZE] ^= (byte) (0x80 >> bit % Byte.SIZE);
        }
    }

    @Test
    void aShapeThatIsTooLargeIsRefusedBeforeAnythingIsRead() {
        final byte[] out = new byte[100];
        assertEquals(SampleUnpacker.TOO_LARGE,
            unpacker.unpack(4, 65_535, 1 << 20, new byte[10], 0, 10, new byte[1 << 21], 0));
        assertEquals(SampleUnpacker.TOO_LARGE, unpacker.unpack(2, 1, 51, new byte[10], 0, 10, out, 0));
        assertEquals(SampleUnpacker.MALFORMED, unpacker.unpack(5, 1, 1, new byte[10], 0, 10, out, 0));
        assertEquals(SampleUnpacker.MALFORMED, unpacker.unpack(2, 0, 1, new byte[10], 0, 10, out, 0));
    }
}
