package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of engines by native code only: no garbage, and bytes equal to the JDK's wherever buffers stand. */
@Tag("REQ-O7")
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#nativeNames")
class NativeEngineTest {
    private static final int PACKETS = 6000;
    private static final int BATCH = 20_000;
    private static final long SEED = 5116;

    private final AeadEngineProvider provider;

    NativeEngineTest(final String name) {
        provider = Engines.require(name);
    }

    @Test
    void thousandsOfPacketsAreTheJdks() {
        final Random random = new Random(SEED);
        for (final int keyLength : new int[] {16, 32}) {
            final byte[] key = bytes(random, keyLength);
            try (AeadEngine engine = provider.create(key); AeadEngine jdk = new JceAeadEngine(key)) {
                for (int i = 0; i < PACKETS / 2; i++) {
                    compare(engine, jdk, random, "seed " + SEED + " key " + keyLength + " packet " + i);
                }
            }
        }
    }

    private static void compare(final AeadEngine engine, final AeadEngine jdk, final Random random,
        final String what) {
        // Short ones as often as long ones: the edges are there.
        final int length = random.nextInt(random.nextBoolean() ? 65 : 1501);
        final int aadLength = random.nextInt(65);
        final int from = random.nextInt(70);
        final int to = random.nextInt(70);
        final byte[] nonce = bytes(random, AeadEngine.NONCE_LENGTH);
        final MutableDirectBuffer aad = buffer(random.nextBoolean());
        final MutableDirectBuffer in = buffer(random.nextBoolean());
        final MutableDirectBuffer out = buffer(random.nextBoolean());
        final UnsafeBuffer expected = new UnsafeBuffer(new byte[2048]);
        aad.putBytes(from, bytes(random, aadLength));
        in.putBytes(from, bytes(random, length));
        final String which = what + " length " + length + " aad " + aadLength;
        assertTrue(engine.seal(nonce, aad, from, aadLength, in, from, length, out, to), which);
        assertTrue(jdk.seal(nonce, aad, from, aadLength, in, from, length, expected, to), which);
        assertArrayEquals(expected.byteArray(), take(out), which);
        final MutableDirectBuffer back = random.nextBoolean() ? out : buffer(random.nextBoolean());
        final int backTo = back == out ? to : random.nextInt(70);
        assertTrue(engine.open(nonce, aad, from, aadLength, out, to, length, back, backTo), which);
        final byte[] opened = new byte[length];
        final byte[] plain = new byte[length];
        back.getBytes(backTo, opened);
        in.getBytes(from, plain);
        assertArrayEquals(plain, opened, which);
    }

    @Test
    void sealingAndOpeningMakeNoGarbage() {
        for (final SrtpProfile profile
            : new SrtpProfile[] {SrtpProfile.AEAD_AES_256_GCM, SrtpProfile.AES128_CM_HMAC_SHA1_80}) {
            if (!profile.isAead() && provider.counterModeName().equals(JceAeadEngineProvider.NAME)) {
                continue;
            }
            try (SrtpFixture srtp = new SrtpFixture(provider, profile, SEED)) {
                final long bytes = garbage(srtp);
                // The measuring call itself allocates a little now and then.
                assertTrue(bytes < 1000, profile + ": " + bytes + " bytes for " + BATCH + " packets");
            }
        }
    }

    /** Bytes allocated for a batch of packets sealed and opened, once it runs as compiled. */
    private static long garbage(final SrtpFixture srtp) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final UnsafeBuffer plain = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));
        final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));
        long best = Long.MAX_VALUE;
        int sequence = 0;
        int results = 0;
        for (int round = 0; round < 6; round++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCH; i++) {
                SrtpFixture.header(packet, 0, 1, sequence++ & 0xFFFF);
                final int length = srtp.sender.protectRtp(packet, 0, SrtpFixture.HEADER, plain, 12, 300);
                results += srtp.receiver.unprotectRtp(packet, 0, length, plain, 0) == 312 ? 1 : 0;
                SrtpFixture.header(packet, 0, 1, 0);
                final int control = srtp.sender.protectRtcp(packet, 0, 60);
                results += srtp.receiver.unprotectRtcp(packet, 0, control, plain, 0) == 60 ? 1 : 0;
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(results == 2 * 6 * BATCH, results + " results");
        return best;
    }

    /** Made by the thread of a handshake, used by a lane. */
    @Test
    void anEngineServesAnotherThreadThanTheOneThatMadeIt() {
        final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(128));
        final AeadEngine engine = CompletableFuture.supplyAsync(() -> provider.create(new byte[32])).join();
        assertTrue(engine.seal(new byte[12], packet, 0, 12, packet, 12, 20, packet, 12));
        assertTrue(CompletableFuture.supplyAsync(
            () -> engine.open(new byte[12], packet, 0, 12, packet, 12, 20, packet, 12)).join());
        CompletableFuture.runAsync(engine::close).join();
    }

    private static MutableDirectBuffer buffer(final boolean direct) {
        return direct ? new UnsafeBuffer(ByteBuffer.allocateDirect(2048)) : new UnsafeBuffer(new byte[2048]);
    }

    private static byte[] take(final MutableDirectBuffer buffer) {
        final byte[] bytes = new byte[2048];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static byte[] bytes(final Random random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
