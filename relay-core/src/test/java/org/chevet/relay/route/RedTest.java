package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redundant Opus (RFC 2198): unchanged to who agreed to it, the primary block alone to everybody else. */
class RedTest {
    private static final NegotiatedCodec OPUS =
        new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "", true, false, false, true, false);
    private static final NegotiatedCodec RED = red(63, "111/111");
    private static final int WITH_RED = 500;
    private static final int WITHOUT_RED = 510;
    /** It calls Opus 109, and would not know the blocks of the publisher. */
    private static final int OTHER_NUMBERS = 520;
    private static final int WITH_RTX = 530;
    /** A block of 20 ms before, three bytes, and the primary one of two. */
    private static final byte[] REDUNDANT = HexFormat.of().parseHex("ef0f00036fa1a2a3b1b2");
    private final Bench bench = new Bench(1024);

    private static NegotiatedCodec red(final int type, final String fmtp) {
        return new NegotiatedCodec(Codec.RED, type, -1, 48_000, 2, fmtp, false, false, false, false, false);
    }

    @BeforeEach
    void publishAndListen() {
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(RED, OPUS), Bench.AUDIO_EXTENSIONS));
        listen(2, WITH_RED, 0, OPUS, red(63, "111/111/111"));
        listen(3, WITHOUT_RED, 0, OPUS);
        listen(4, OTHER_NUMBERS, 0, new NegotiatedCodec(Codec.OPUS, 109, -1, 48_000, 2, "", true, false, false, true,
            false), red(63, "109/109"));
        listen(5, WITH_RTX, 531, new NegotiatedCodec(Codec.OPUS, 111, 112, 48_000, 2, "", true, false, false, true,
            false));
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void itPassesUnchangedOrAsItsPrimaryBlock() {
        sound(0, REDUNDANT);
        check(2, WITH_RED, 63, REDUNDANT);
        for (final int[] viewer : new int[][] {{3, WITHOUT_RED, 111}, {4, OTHER_NUMBERS, 109}, {5, WITH_RTX, 111}}) {
            check(viewer[0], viewer[1], viewer[2], new byte[] {(byte) 0xB1, (byte) 0xB2});
        }
    }

    @Test
    void plainOpusOfTheSameTrackPassesToAll() {
        bench.packet(77, 111, 0, 0, false);
        bench.rtp(1, new byte[] {7});
        sound(1, REDUNDANT);
        check(2, WITH_RED, 63, REDUNDANT);
        assertArrayEquals(new byte[] {7}, bench.sentTo(2, WITH_RED).getFirst().payload());
        assertEquals(111, bench.sentTo(2, WITH_RED).getFirst().payloadType());
        assertEquals(List.of(1, 1), numbers(2, WITH_RED, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "primary alone,              6f01,                       01",
        "two blocks before,          ef1e0001ef0f00016fa1a2b1,   b1",
        "a block of no bytes,        ef0f00006fb1b2,             b1b2",
        "older than the clock tells, effffc016fa1b1,             b1",
        "nothing,                    '',                         RTP_PADDING_ONLY",
        "an empty primary block,     6f,                         RED_MALFORMED",
        "empty after redundancy,     ef0f00016fa1,               RED_MALFORMED",
        "half a block header,        ef0f,                       RED_MALFORMED",
        "no primary header,          ef0f0001,                   RED_MALFORMED",
        "block beyond the end,       ef0f00046fa1a2a3,           RED_MALFORMED",
        "redundancy is comfort noise, 8d0f00016fa1b1,            RED_MALFORMED",
        "primary is telephone event, ef0f00017ea1b1,             RED_MALFORMED"})
    void blocksAreCheckedBeforeAnythingLeaves(final String what, final String payload, final String expected) {
        sound(0, HexFormat.of().parseHex(payload));
        final List<Bench.Sent> out = bench.sentTo(3, WITHOUT_RED);
        if (expected.matches("[0-9a-f]+")) {
            assertEquals(expected, HexFormat.of().formatHex(out.getFirst().payload()), what);
            assertEquals(payload, HexFormat.of().formatHex(bench.sentTo(2, WITH_RED).getFirst().payload()), what);
        } else {
            assertEquals(1, bench.dropped(DropReason.valueOf(expected)), what + " " + bench.drops());
            assertEquals(0, bench.sent.size(), what);
        }
    }

    @Test
    void aMalformedPacketLeavesNoGapInTheNumbers() {
        sound(0, REDUNDANT);
        sound(1, new byte[] {(byte) 0xEF});
        sound(2, REDUNDANT);
        assertEquals(List.of(1, 1), numbers(3, WITHOUT_RED, 1));
        assertEquals(List.of(1, 1), numbers(2, WITH_RED, 1));
    }

    @Test
    void whatWasMissedIsSentAgainAsEachViewerHadIt() {
        for (int i = 0; i < 3; i++) {
            sound(i, REDUNDANT);
            bench.advance(20 * Bench.MS);
        }
        ask(3, WITHOUT_RED, 1);
        ask(2, WITH_RED, 1);
        assertEquals(2, bench.again.size());
        assertEquals("b1b2", end(bench.again.get(0), 2));
        assertEquals(HexFormat.of().formatHex(REDUNDANT), end(bench.again.get(1), REDUNDANT.length));
        ask(5, WITH_RTX, 1);
        final Bench.Sent repair = bench.sentTo(5, 531).getFirst();
        assertEquals(112, repair.payloadType());
        assertEquals("b1b2", end(repair.payload(), 2));
        assertEquals(4, repair.payload().length, "original sequence number and the primary block");
        assertEquals(bench.sentTo(5, WITH_RTX).get(1).sequence(),
            ((repair.payload()[0] & 0xFF) << 8) | (repair.payload()[1] & 0xFF));
    }

    @Test
    void thePublisherIsAskedForWhatIsLostAndItsLevelIsRead() {
        sound(0, REDUNDANT);
        sound(2, REDUNDANT);
        bench.advance(50 * Bench.MS);
        assertEquals(1, bench.stats.counted(Counter.NACKS_SENT));
        sound(1, REDUNDANT);
        assertEquals(3, bench.sentTo(3, WITHOUT_RED).size());
        for (final Bench.Sent packet : bench.sentTo(3, WITHOUT_RED)) {
            assertArrayEquals(new byte[] {20}, packet.extensions().get(1));
        }
    }

    /** Whatever is in the payload: nothing leaks, nothing throws, and a listener gets a part of it or nothing. */
    @Test
    void randomPayloadsAreSurvived() {
        final Random random = new Random(2198);
        int unpacked = 0;
        for (int i = 0; i < 20_000; i++) {
            final byte[] payload = new byte[1 + random.nextInt(40)];
            random.nextBytes(payload);
            if (random.nextInt(4) > 0) {
                System.arraycopy(REDUNDANT, 0, payload, 0, Math.min(payload.length, random.nextInt(10)));
            }
            final int before = bench.sentTo(3, WITHOUT_RED).size();
            final long refused = bench.dropped(DropReason.RED_MALFORMED);
            sound(i, payload);
            final List<Bench.Sent> out = bench.sentTo(3, WITHOUT_RED);
            if (out.size() > before) {
                final byte[] primary = out.getLast().payload();
                assertTrue(primary.length > 0 && primary.length < payload.length);
                assertArrayEquals(Arrays.copyOfRange(payload, payload.length - primary.length, payload.length),
                    primary);
                unpacked++;
            } else {
                assertEquals(refused + 1, bench.dropped(DropReason.RED_MALFORMED));
            }
            bench.sent.clear();
            bench.sealed.clear();
        }
        assertTrue(unpacked > 1000 && unpacked < 19_000, unpacked + " unpacked");
    }

    private void listen(final int peer, final int ssrc, final int rtxSsrc, final NegotiatedCodec... codecs) {
        bench.subscriber(peer, peer, List.of(), PeerMedia.ANY,
            Bench.send("x", MediaKind.AUDIO, List.of(codecs), Bench.AUDIO_EXTENSIONS, ssrc, rtxSsrc));
    }

    private void sound(final int sequence, final byte[] payload) {
        bench.packet(77, 63, sequence & 0xFFFF, sequence * 960, false).extension16(3, sequence & 0xFFFF);
        bench.packetExtension(1, new byte[] {20});
        bench.rtp(1, payload);
    }

    private void check(final int peer, final int ssrc, final int payloadType, final byte[] payload) {
        final Bench.Sent last = bench.sentTo(peer, ssrc).getLast();
        assertEquals(payloadType, last.payloadType());
        assertArrayEquals(payload, last.payload());
    }

    /** The number of packets less one, and how far their sequence numbers go. */
    private List<Integer> numbers(final int peer, final int ssrc, final int last) {
        final List<Bench.Sent> out = bench.sentTo(peer, ssrc);
        return List.of(out.size() - 1, (out.get(last).sequence() - out.getFirst().sequence()) & 0xFFFF);
    }

    private void ask(final int peer, final int ssrc, final int position) {
        final RtcpWriter rtcp = bench.rtcpWriter();
        rtcp.nack(1, ssrc, bench.sentTo(peer, ssrc).get(position).sequence());
        assertTrue(bench.rtcp(peer, rtcp) > 0);
    }

    private static String end(final byte[] bytes, final int length) {
        return HexFormat.of().formatHex(bytes, bytes.length - length, bytes.length);
    }
}
