package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.chevet.codec.pack.SamplePacker;
import org.chevet.codec.pack.SampleUnpacker;
import org.chevet.relay.client.e2ee.Sealer;
import org.junit.jupiter.api.Test;

/** What real recordings take as payload when packed and sealed, in blocks of the length that is sent. */
class PackedRateTest {
    private static final int WFDB_MAT_HEADER = 24;
    private static final int WAV_HEADER = 44;

    private static byte[] resource(final String name) throws IOException {
        try (InputStream in = PackedRateTest.class.getResourceAsStream("/recordings/" + name)) {
            return in.readAllBytes();
        }
    }

    /** Bits per second of sealed payload; every block must come back. */
    private static double rate(final byte[] all, final int offset, final int channels, final int hertz,
        final int blockMs) {
        final SamplePacker packer = new SamplePacker();
        final SampleUnpacker unpacker = new SampleUnpacker();
        final int samples = hertz * blockMs / 1000;
        final int bytes = samples * channels * Short.BYTES;
        long total = 0;
        int blocks = 0;
        for (int at = offset; at + bytes <= all.length; at += bytes) {
            final byte[] block = Arrays.copyOfRange(all, at, at + bytes);
            final byte[] packed = new byte[bytes];
            final int length = packer.pack(Short.BYTES, channels, samples, block, 0, packed, 0);
            assertTrue(length > 0, "smaller");
            final byte[] back = new byte[bytes];
            assertEquals(bytes, unpacker.unpack(Short.BYTES, channels, samples, packed, 0, length, back, 0));
            assertArrayEquals(block, back);
            total += 1 + length + Sealer.MAX_OVERHEAD;
            blocks++;
        }
        return total * 8_000.0 / ((long) blocks * blockMs);
    }

    private static void atMost(final double bar, final double rate) {
        assertTrue(rate <= bar, rate + " bit/s instead of " + bar);
    }

    @Test
    void twelveLeadsAt500HzTakeAtMostThirtyKilobitsPerSecond() throws IOException {
        atMost(30_000, rate(resource("HR06004.mat"), WFDB_MAT_HEADER, 12, 500, 200));
        atMost(30_000, rate(resource("HR06000.mat"), WFDB_MAT_HEADER, 12, 500, 200));
    }

    @Test
    void aHeartSoundAt4KilohertzTakesAtMostFiftyKilobitsPerSecond() throws IOException {
        atMost(50_000, rate(resource("circor_40840_AV.wav"), WAV_HEADER, 1, 4_000, 100));
        atMost(50_000, rate(resource("circor_40840_AV.wav"), WAV_HEADER, 1, 4_000, 200));
    }
}
