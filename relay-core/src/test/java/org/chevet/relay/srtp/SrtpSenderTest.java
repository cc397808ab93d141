package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("REQ-O7")
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#names")
class SrtpSenderTest {
    private static final int SSRC = 0x1234_5678;
    private static final byte[] KEY = new byte[32];
    private static final byte[] SALT = new byte[12];

    private final AeadEngineProvider engines;

    SrtpSenderTest(final String name) {
        engines = Engines.require(name);
    }

    private static int protect(final SrtpSender sender, final int ssrc, final int sequence) {
        final UnsafeBuffer out = new UnsafeBuffer(new byte[100]);
        SrtpFixture.header(out, 0, ssrc, sequence & 0xFFFF);
        return sender.protectRtp(out, 0, SrtpFixture.HEADER, out, SrtpFixture.HEADER, 20);
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void sameSequenceTwiceIsRefused(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 1)) {
            assertTrue(protect(srtp.sender, SSRC, 5) > 0);
            assertEquals(SrtpResult.REPLAYED, protect(srtp.sender, SSRC, 5));
            assertTrue(protect(srtp.sender, SSRC, 7) > 0);
            assertTrue(protect(srtp.sender, SSRC, 6) > 0, "out of order, but not yet used");
            assertEquals(SrtpResult.REPLAYED, protect(srtp.sender, SSRC, 6));
            assertTrue(protect(srtp.sender, SSRC + 1, 6) > 0, "another stream");
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void sequenceBeforeTheWindowIsRefusedNotSealedUnderAnOldCounter(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 2)) {
            assertTrue(protect(srtp.sender, SSRC, 3) > 0);
            assertEquals(SrtpResult.REPLAYED, protect(srtp.sender, SSRC, 65_535), "before the first packet");
            for (int sequence = 4; sequence <= 3000; sequence++) {
                assertTrue(protect(srtp.sender, SSRC, sequence) > 0);
            }
            assertEquals(SrtpResult.REPLAYED, protect(srtp.sender, SSRC, 3000 - ReplayWindow.SIZE));
            assertTrue(protect(srtp.sender, SSRC, 3001) > 0);
        }
    }

    /** The one thing AES-GCM does not survive: records every nonce of a sender driven badly over several wraps. */
    @Test
    void noNonceIsEverUsedTwice() {
        final Recorder recorder = new Recorder();
        try (SrtpSender sender = new SrtpSender(SrtpProfile.AEAD_AES_256_GCM, KEY, SALT, recorder)) {
            final Random random = new Random(11);
            int sealed = 0;
            int refused = 0;
            for (int i = 0; i < 200_000; i++) {
                // Forward by one, and every few packets back by up to 2000.
                final int sequence = i % 5 == 4 ? i - random.nextInt(2000) : i;
                if (protect(sender, SSRC, sequence) > 0) {
                    sealed++;
                } else {
                    refused++;
                }
                if (i % 100 == 0) {
                    assertTrue(sender.protectRtcp(new UnsafeBuffer(new byte[100]), 0, 32) > 0);
                }
            }
            assertEquals(sealed + 2000, recorder.calls);
            assertFalse(recorder.repeated);
            assertTrue(sealed > 160_000 && refused > 0, "sealed " + sealed + " refused " + refused);
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void rolloverIsFollowedByTheReceiver(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 3)) {
            final byte[] payload = new byte[10];
            byte[] late = new byte[0];
            for (int sequence = 65_000; sequence < 65_536 + 65_536 + 600; sequence += 1) {
                final byte[] packet = srtp.seal(SSRC, sequence & 0xFFFF, payload);
                if (sequence == 65_535) {
                    late = packet;
                } else if (sequence < 66_000 || sequence > 130_000 || sequence % 97 == 0) {
                    assertTrue(srtp.open(packet) > 0, "sequence " + sequence);
                }
                if (sequence == 65_540) {
                    assertTrue(srtp.open(late) > 0, "65535 after the wrap belongs to the counter before it");
                }
            }
        }
    }

    @Test
    void usedUpRtcpIndexEndsTheKey() {
        try (SrtpSender sender = new SrtpSender(SrtpTransform.of(SrtpProfile.AEAD_AES_256_GCM, KEY, SALT,
            engines), Integer.MAX_VALUE)) {
            final UnsafeBuffer out = new UnsafeBuffer(new byte[100]);
            assertTrue(sender.protectRtcp(out, 0, 32) > 0);
            assertEquals(SrtpResult.KEY_EXHAUSTED, sender.protectRtcp(out, 0, 32));
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void refusesNonsenseAndMoreStreamsThanItsBoundAndWorkAfterClose(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 4)) {
            final UnsafeBuffer out = new UnsafeBuffer(new byte[100]);
            assertEquals(SrtpResult.MALFORMED, srtp.sender.protectRtp(out, 0, 11, out, 12, 1));
            assertEquals(SrtpResult.MALFORMED, srtp.sender.protectRtp(out, 0, 12, out, 12, -1));
            assertEquals(SrtpResult.MALFORMED, srtp.sender.protectRtcp(out, 0, 7));
            for (int ssrc = 0; ssrc < SrtpSender.MAX_STREAMS; ssrc++) {
                assertTrue(protect(srtp.sender, ssrc, 1) > 0);
            }
            assertEquals(SrtpResult.TOO_MANY_STREAMS, protect(srtp.sender, SSRC, 1));
            assertTrue(protect(srtp.sender, 3, 2) > 0);
            srtp.sender.close();
            assertEquals(SrtpResult.FAILED, protect(srtp.sender, 3, 3));
            assertEquals(SrtpResult.FAILED, srtp.sender.protectRtcp(out, 0, 32));
        }
    }

    @Test
    void closingKeysLeavesZeros() {
        final SessionKey key = new SessionKey("AES", new byte[] {1, 2, 3});
        assertFalse(key.isDestroyed());
        key.destroy();
        assertTrue(key.isDestroyed());
        assertNotEquals(1, key.getEncoded()[0]);
    }

    /** Seals nothing, remembers every nonce. */
    private static final class Recorder implements AeadEngineProvider {
        private final Set<String> nonces = new HashSet<>();
        private boolean repeated;
        private int calls;

        @Override
        public String version() {
            return "1";
        }

        @Override
        public String counterModeName() {
            return name();
        }

        @Override
        public CounterModeEngine createCounterMode(final byte[] encryptionKey, final byte[] authenticationKey) {
            throw new IllegalStateException("not of this profile");
        }

        @Override
        public String name() {
            return "recorder";
        }

        @Override
        public AeadEngine create(final byte[] key) {
            final String engine = java.util.HexFormat.of().formatHex(key);
            return new AeadEngine() {
                @Override
                public boolean seal(final byte[] nonce, final DirectBuffer aad, final int aadOffset,
                    final int aadLength, final DirectBuffer in, final int inOffset, final int length,
                    final MutableDirectBuffer out, final int outOffset) {
                    calls++;
                    repeated |= !nonces.add(engine + java.util.HexFormat.of().formatHex(nonce));
                    return true;
                }

                @Override
                public boolean open(final byte[] nonce, final DirectBuffer aad, final int aadOffset,
                    final int aadLength, final DirectBuffer in, final int inOffset, final int length,
                    final MutableDirectBuffer out, final int outOffset) {
                    return false;
                }

                @Override
                public void close() {
                    nonces.clear();
                }
            };
        }
    }
}
