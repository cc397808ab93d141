package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("REQ-O7")
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#names")
class SrtpReceiverTest {
    private static final int SSRC = 0xCAFE_0001;
    private static final byte[] PAYLOAD = "Live Signs: 72 beats a minute".getBytes(
        java.nio.charset.StandardCharsets.US_ASCII);

    private final AeadEngineProvider engines;

    SrtpReceiverTest(final String name) {
        engines = Engines.require(name);
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void everyChangedByteIsRefusedAndLeavesNoTrace(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 1)) {
            final byte[] good = srtp.seal(SSRC, 1000, PAYLOAD);
            for (int at = 0; at < good.length; at++) {
                for (final int change : new int[] {1, 0x80, 0xFF}) {
                    final byte[] bad = good.clone();
                    bad[at] ^= (byte) change;
                    final byte[] out = new byte[good.length];
                    final int result = srtp.receiver.unprotectRtp(new UnsafeBuffer(bad), 0, bad.length,
                        new UnsafeBuffer(out), 0);
                    assertTrue(result < 0, "byte " + at + " gave " + result);
                    assertArrayEquals(new byte[good.length], out, "byte " + at);
                }
            }
            assertEquals(good.length - profile.rtpOverhead(), srtp.open(good));
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void everyChangedByteOfSrtcpIsRefused(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 2)) {
            final byte[] good = srtp.sealRtcp(SSRC, 2);
            for (int at = 0; at < good.length; at++) {
                for (final int change : new int[] {1, 0x80, 0xFF}) {
                    final byte[] bad = good.clone();
                    bad[at] ^= (byte) change;
                    assertTrue(SrtpFixture.openRtcp(srtp.receiver, bad) < 0, "byte " + at);
                }
            }
            assertEquals(good.length - profile.rtcpOverhead(), SrtpFixture.openRtcp(srtp.receiver, good));
            assertEquals(SrtpResult.REPLAYED, SrtpFixture.openRtcp(srtp.receiver, good));
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void everyTruncationIsRefused(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 3)) {
            final byte[] rtp = srtp.seal(SSRC, 1000, PAYLOAD);
            final byte[] rtcp = srtp.sealRtcp(SSRC, 1);
            for (int length = 0; length < rtp.length; length++) {
                assertTrue(srtp.open(Arrays.copyOf(rtp, length)) < 0, "RTP of " + length);
            }
            for (int length = 0; length < rtcp.length; length++) {
                assertTrue(SrtpFixture.openRtcp(srtp.receiver, Arrays.copyOf(rtcp, length)) < 0, "RTCP " + length);
            }
            assertTrue(srtp.open(rtp) > 0);
            assertTrue(SrtpFixture.openRtcp(srtp.receiver, rtcp) > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void everyLengthAtOddOffsetsInPlaceAndOutOfPlace(final SrtpProfile profile) {
        final Random random = new Random(4);
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 4)) {
            final UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));
            final UnsafeBuffer heap = new UnsafeBuffer(new byte[2048]);
            for (int length = 0; length <= 1500; length++) {
                final byte[] payload = new byte[length];
                random.nextBytes(payload);
                final UnsafeBuffer out = (length & 1) == 0 ? direct : heap;
                final UnsafeBuffer other = (length & 1) == 0 ? heap : direct;
                final int at = 1 + length % 13;
                SrtpFixture.header(out, at, SSRC, length);
                final int sealed;
                if ((length & 2) == 0) {
                    out.putBytes(at + SrtpFixture.HEADER, payload);
                    sealed = srtp.sender.protectRtp(out, at, SrtpFixture.HEADER, out, at + SrtpFixture.HEADER,
                        length);
                } else {
                    other.putBytes(5, payload);
                    sealed = srtp.sender.protectRtp(out, at, SrtpFixture.HEADER, other, 5, length);
                }
                assertEquals(SrtpFixture.HEADER + length + profile.rtpOverhead(), sealed, "length " + length);
                final UnsafeBuffer to = (length & 4) == 0 ? out : other;
                final int toOffset = (length & 4) == 0 ? at : 3;
                assertEquals(SrtpFixture.HEADER + length,
                    srtp.receiver.unprotectRtp(out, at, sealed, to, toOffset), "length " + length);
                final byte[] back = new byte[length];
                to.getBytes(toOffset + SrtpFixture.HEADER, back);
                assertArrayEquals(payload, back, "length " + length);
                assertEquals(length, BigEndian.u16(to, toOffset + 2));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void wrongKeyOpensNothing(final SrtpProfile profile) {
        try (SrtpFixture one = new SrtpFixture(engines, profile, 5);
            SrtpFixture two = new SrtpFixture(engines, profile, 6)) {
            assertEquals(SrtpResult.AUTH_FAILED, two.open(one.seal(SSRC, 1, PAYLOAD)));
            assertEquals(SrtpResult.AUTH_FAILED, SrtpFixture.openRtcp(two.receiver, one.sealRtcp(SSRC, 1)));
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void replayIsRefusedInsideAndBehindTheWindow(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 7)) {
            final byte[][] packets = new byte[ReplayWindow.SIZE + 2][];
            for (int i = 0; i < packets.length; i++) {
                packets[i] = srtp.seal(SSRC, 100 + i, PAYLOAD);
            }
            assertTrue(srtp.open(packets[1]) > 0);
            assertTrue(srtp.open(packets[packets.length - 1]) > 0);
            assertEquals(SrtpResult.REPLAYED, srtp.open(packets[0]), "older than the window");
            assertEquals(SrtpResult.REPLAYED, srtp.open(packets[1]));
            assertEquals(SrtpResult.REPLAYED, srtp.open(packets[packets.length - 1]));
            assertTrue(srtp.open(packets[2]) > 0, "the oldest one still in the window");
            assertEquals(SrtpResult.REPLAYED, srtp.open(packets[2]));
        }
    }

    /** A forged packet far ahead must not move the rollover counter, or all that follows would be lost. */
    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void forgedSequenceNumbersMoveNothing(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 8)) {
            assertTrue(srtp.open(srtp.seal(SSRC, 65_000, PAYLOAD)) > 0);
            final byte[] forged = srtp.seal(SSRC, 65_001, PAYLOAD);
            for (int sequence = 0; sequence < 65_536; sequence += 257) {
                final byte[] bad = forged.clone();
                BigEndian.put16(new UnsafeBuffer(bad), 2, sequence);
                if (sequence != 65_001) {
                    assertTrue(srtp.open(bad) < 0, "sequence " + sequence);
                }
            }
            assertTrue(srtp.open(forged) > 0);
            for (int sequence = 65_002; sequence < 66_000; sequence++) {
                assertTrue(srtp.open(srtp.seal(SSRC, sequence & 0xFFFF, PAYLOAD)) > 0, "sequence " + sequence);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void streamsAreBoundedAndOnlyAuthenticOnesCount(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 9)) {
            for (int ssrc = 0; ssrc < 2 * SrtpReceiver.MAX_STREAMS; ssrc++) {
                final byte[] forged = new byte[60];
                SrtpFixture.header(new UnsafeBuffer(forged), 0, ssrc, 1);
                assertEquals(SrtpResult.AUTH_FAILED, srtp.open(forged));
            }
            try (SrtpSender other = srtp.newSender()) {
                for (int ssrc = 0; ssrc < SrtpReceiver.MAX_STREAMS; ssrc++) {
                    assertTrue(srtp.open(srtp.seal(ssrc, 1, PAYLOAD)) > 0, "ssrc " + ssrc);
                }
                final UnsafeBuffer out = new UnsafeBuffer(new byte[100]);
                SrtpFixture.header(out, 0, SSRC, 1);
                final int length = other.protectRtp(out, 0, 12, out, 12, 20);
                assertEquals(SrtpResult.TOO_MANY_STREAMS, srtp.receiver.unprotectRtp(out, 0, length, out, 0));
            }
            assertTrue(srtp.open(srtp.seal(7, 2, PAYLOAD)) > 0, "known streams go on");
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void closedReceiverOpensNothing(final SrtpProfile profile) {
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, 10)) {
            final byte[] packet = srtp.seal(SSRC, 1, PAYLOAD);
            srtp.receiver.close();
            srtp.receiver.close();
            assertEquals(SrtpResult.FAILED, srtp.open(packet));
            assertEquals(SrtpResult.FAILED, SrtpFixture.openRtcp(srtp.receiver, srtp.sealRtcp(SSRC, 1)));
        }
    }
}
