package org.chevet.codec.rtcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RtcpWriterTest {
    private static final long SEED = 0x7CC;

    private final UnsafeBuffer out = new UnsafeBuffer(new byte[4096]);
    private final RtcpWriter writer = new RtcpWriter();
    private final RtcpCompound compound = new RtcpCompound();

    private static UnsafeBuffer hex(final String text) {
        return new UnsafeBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    @Test
    void aCompoundComesBackPacketByPacket() {
        writer.begin(out, 12, 2000);
        assertTrue(writer.senderReport(1, 0x0102_0304_0506_0708L, 0x8000_0000, 0xFFFF_FFFFL, 7));
        assertTrue(writer.reportBlock(0xAAAA, 255, -5, 0x1_2345L, 9, 10, 11));
        assertTrue(writer.reportBlock(0xBBBB, 0, Integer.MAX_VALUE, 0, 0, 0, 0));
        assertTrue(writer.cname(1, "é-name".getBytes(UTF_8)));
        assertTrue(writer.fullIntraRequest(1, 2, 0x1FF));
        assertTrue(writer.bye(1));
        assertTrue(compound.wrap(out, 12, writer.length()));

        final SenderReport report = new SenderReport();
        assertTrue(compound.next() && report.wrap(compound));
        assertEquals(1, report.ssrc());
        assertEquals(0x0102_0304_0506_0708L, report.ntp());
        assertEquals(0x8000_0000, report.rtpTimestamp());
        assertEquals(0xFFFF_FFFFL, report.packetCount());
        assertEquals(7, report.octetCount());
        assertEquals(2, report.blocks().count());
        assertEquals(0xAAAA, report.blocks().ssrc(0));
        assertEquals(255, report.blocks().fractionLost(0));
        assertEquals(-5, report.blocks().cumulativeLost(0));
        assertEquals(0x1_2345L, report.blocks().extendedHighestSequence(0));
        assertEquals(9, report.blocks().jitter(0));
        assertEquals(10, report.blocks().lastSr(0));
        assertEquals(11, report.blocks().delaySinceLastSr(0));
        assertEquals(0x7F_FFFF, report.blocks().cumulativeLost(1), "clamped to 24 bits");

        final SourceDescription description = new SourceDescription();
        assertTrue(compound.next() && description.wrap(compound) && description.next());
        assertEquals(1, description.ssrc());
        final byte[] name = new byte[description.cnameLength()];
        out.getBytes(description.cnameOffset(), name);
        assertEquals("é-name", new String(name, UTF_8));
        assertFalse(description.next());

        final FullIntraRequest request = new FullIntraRequest();
        assertTrue(compound.next() && request.wrap(compound));
        assertEquals(1, request.senderSsrc());
        assertEquals(1, request.count());
        assertEquals(2, request.ssrc(0));
        assertEquals(0xFF, request.commandSequence(0));

        final Bye bye = new Bye();
        assertTrue(compound.next() && bye.wrap(compound));
        assertEquals(1, bye.count());
        assertEquals(1, bye.ssrc(0));
        assertFalse(compound.next());
        compound.rewind();
        assertTrue(compound.next() && report.wrap(compound));
    }

    @Test
    void nackPacksAndUnpacksAnySequenceNumbers() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final Nack nack = new Nack();
        for (int round = 0; round < 500; round++) {
            final List<Integer> lost = new ArrayList<>();
            int sequence = random.nextInt(0x1_0000);
            writer.begin(out, 0, 4096);
            for (int i = 0; i < 60; i++) {
                lost.add(sequence);
                assertTrue(writer.nack(1, 2, sequence));
                assertTrue(writer.nack(1, 2, sequence), "the same number again is no news");
                sequence = (sequence + random.nextInt(1, 30)) & 0xFFFF;
            }
            assertTrue(compound.wrap(out, 0, writer.length()) && compound.next() && nack.wrap(compound));
            assertEquals(1, nack.senderSsrc());
            assertEquals(2, nack.mediaSsrc());
            final List<Integer> read = new ArrayList<>();
            for (int next = nack.next(); next >= 0; next = nack.next()) {
                read.add(next);
            }
            assertEquals(lost, read, "round " + round + " seed " + SEED);
            assertFalse(compound.next(), "one packet");
        }
    }

    @Test
    void nacksOfTwoSourcesAreTwoPackets() {
        writer.begin(out, 0, 4096);
        assertTrue(writer.nack(1, 2, 10) && writer.nack(1, 2, 27) && writer.nack(1, 3, 28));
        assertEquals("81cd0004 00000001 00000002 000a0000 001b0000 81cd0003 00000001 00000003 001c0000"
            .replace(" ", ""), text(writer.length()));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 262_143, 262_144, 1_000_000, 123_456_789, 4_000_000_000L, Long.MAX_VALUE, -1})
    void rembKeepsEighteenSignificantBits(final long rateBps) {
        final Remb remb = new Remb();
        assertTrue(writer.begin(out, 0, 4096).remb(9, rateBps, new int[] {5, 6}, 2));
        assertTrue(compound.wrap(out, 0, writer.length()) && compound.next() && remb.wrap(compound));
        final long expected = Math.max(0, rateBps);
        assertTrue(remb.rateBps() <= expected && remb.rateBps() >= expected - (expected >>> 17),
            rateBps + " came back as " + remb.rateBps());
        assertEquals(2, remb.count());
        assertEquals(6, remb.ssrc(1));
        assertTrue(writer.remb(9, rateBps, new int[255], 255));
        assertFalse(writer.remb(9, rateBps, new int[256], 256), "the count has eight bits");
    }

    @Test
    void aRembBeyondALongIsTheLargestLong() {
        final UnsafeBuffer packet = hex("8fce0004 00000001 00000000 52454d42 00ffffff");
        final Remb remb = new Remb();
        assertTrue(compound.wrap(packet, 0, packet.capacity()) && compound.next() && remb.wrap(compound));
        assertEquals(Long.MAX_VALUE, remb.rateBps());
    }

    @Test
    void whatDoesNotFitLeavesNoTrace() {
        final TransportFeedbackWriter feedback = new TransportFeedbackWriter().begin(1, 0);
        assertTrue(feedback.add(1, 0));
        out.setMemory(0, 4096, (byte) 0x55);
        for (int capacity = 0; capacity < 8; capacity++) {
            writer.begin(out, 0, capacity);
            assertFalse(writer.receiverReport(1) || writer.senderReport(1, 1, 1, 1, 1) || writer.bye(1)
                || writer.cname(1, new byte[1]) || writer.pictureLoss(1, 1) || writer.fullIntraRequest(1, 1, 1)
                || writer.nack(1, 1, 1) || writer.remb(1, 1, new int[1], 1) || writer.copy(out, 0, 8)
                || writer.transportFeedback(feedback, 1, 1, 1) || writer.reportBlock(1, 1, 1, 1, 1, 1, 1));
            assertEquals(0, writer.length());
            assertEquals(0x55, out.getByte(0));
        }
        writer.begin(out, 0, 8 + 24);
        assertTrue(writer.receiverReport(1) && writer.reportBlock(1, 0, 0, 0, 0, 0, 0));
        assertFalse(writer.reportBlock(2, 0, 0, 0, 0, 0, 0));
        assertEquals(32, writer.length());
        assertTrue(compound.wrap(out, 0, 32) && compound.next());
        assertEquals(1, compound.format());
        writer.begin(out, 0, 16);
        assertTrue(writer.nack(1, 1, 1));
        assertFalse(writer.nack(1, 1, 100));
        assertTrue(writer.nack(1, 1, 17), "fits the bit mask");
        assertEquals(16, writer.length());
    }

    @Test
    void aReportHolds31BlocksAndOnlyReportsHoldThem() {
        writer.begin(out, 0, 4096);
        assertFalse(writer.reportBlock(1, 0, 0, 0, 0, 0, 0));
        assertTrue(writer.receiverReport(1));
        for (int i = 0; i < 31; i++) {
            assertTrue(writer.reportBlock(i, 0, 0, 0, 0, 0, 0));
        }
        assertFalse(writer.reportBlock(31, 0, 0, 0, 0, 0, 0));
        assertTrue(writer.pictureLoss(1, 2));
        assertFalse(writer.reportBlock(1, 0, 0, 0, 0, 0, 0));
        assertTrue(compound.wrap(out, 0, writer.length()));
        assertTrue(compound.next());
        assertEquals(31, compound.format());
        assertTrue(compound.next());
        assertFalse(compound.next());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 30, 255})
    void cnamesOfAnyLengthEndOnAWord(final int length) {
        final SourceDescription description = new SourceDescription();
        assertTrue(writer.begin(out, 0, 4096).cname(7, new byte[length]));
        assertFalse(writer.cname(7, new byte[256]));
        assertEquals(0, writer.length() % 4);
        assertTrue(compound.wrap(out, 0, writer.length()) && compound.next() && description.wrap(compound));
        assertTrue(description.next());
        assertEquals(length, description.cnameLength());
        assertFalse(description.next());
    }

    @Test
    void aSourceDescriptionOfManyChunksIsWalked() {
        final SourceDescription description = new SourceDescription();
        final UnsafeBuffer packet = hex("83ca000a 00000001 0103 616263 00 0000"
            + "00000002 0602 7878 0101 79 00 00000003 0000 0000 00000004 00000000");
        assertTrue(compound.wrap(packet, 0, packet.capacity()) && compound.next() && description.wrap(compound));
        assertTrue(description.next());
        assertEquals(1, description.ssrc());
        assertEquals(3, description.cnameLength());
        assertTrue(description.next());
        assertEquals(2, description.ssrc());
        assertEquals(1, description.cnameLength());
        assertTrue(description.next());
        assertEquals(3, description.ssrc());
        assertEquals(0, description.cnameLength());
        assertFalse(description.next(), "only as many chunks as the header counts");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "empty | ''",
        "three bytes | 80c900",
        "version 1 | 40c90001 00000001",
        "longer than the datagram | 80c90002 00000001",
        "second packet cut short | 80c90001 00000001 81",
        "second packet of version 0 | 80c90001 00000001 00000000",
        "padding count 0 | a0c90001 00000000",
        "padding larger than the body | a0c90001 00000005",
        "padding on a header alone | a0c90000",
    })
    void malformedDatagramsAreRefused(final String what, final String text) {
        final UnsafeBuffer packet = hex(text);
        assertFalse(compound.wrap(packet, 0, packet.capacity()), what);
        assertFalse(compound.next());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "SR too short | 80c80005 00000001 00000000 00000000 00000000 00000000",
        "SR block missing | 81c80006 00000001 00000000 00000000 00000000 00000000 00000000",
        "RR without SSRC | 80c90000",
        "RR block cut short | 81c90006 00000001 00000000 00000000 00000000 00000000 00000000",
        "BYE with a source too many | 82cb0001 00000001",
        "NACK without an entry | 81cd0002 00000001 00000002",
        "PLI without media SSRC | 81ce0001 00000001",
        "FIR without an entry | 84ce0002 00000001 00000000",
        "REMB of another application | 8fce0004 00000001 00000000 52454d41 00000000",
        "REMB with a source too many | 8fce0004 00000001 00000000 52454d42 01000000",
        "TWCC without a chunk | 8fcd0004 00000001 00000002 00010001 00000000",
        "TWCC of no packet | 8fcd0005 00000001 00000002 00010000 00000000 20010000",
        "TWCC with an empty run | 8fcd0005 00000001 00000002 00010001 00000000 20000000",
        "TWCC with the reserved symbol in a run | 8fcd0005 00000001 00000002 00010001 00000000 60010000",
        "TWCC with the reserved symbol in a vector | 8fcd0005 00000001 00000002 00010002 00000000 cc000000",
        "TWCC with too few deltas | 8fcd0005 00000001 00000002 00010003 00000000 20030000",
        "TWCC whose chunks do not cover the count | 8fcd0005 00000001 00000002 00010010 00000000 00010001",
        "TWCC about half the numbers there are | 8fcd0007 00000001 00000002 00018000 00000000 1fff1fff1fff1fff1fff1fff",
        "XR | 80cf0003 00000001 04000002 00000000",
        "unknown type | 80df0001 00000001",
    })
    void malformedOrUnknownPacketsAreWalkedOver(final String what, final String text) {
        final UnsafeBuffer packet = hex(text + " 80c90001 00000009");
        assertTrue(compound.wrap(packet, 0, packet.capacity()), what);
        assertTrue(compound.next());
        assertFalse(new SenderReport().wrap(compound), what);
        assertFalse(new ReceiverReport().wrap(compound), what);
        assertFalse(new Bye().wrap(compound), what);
        assertFalse(new Nack().wrap(compound), what);
        assertFalse(new PictureLoss().wrap(compound), what);
        assertFalse(new FullIntraRequest().wrap(compound), what);
        assertFalse(new Remb().wrap(compound), what);
        assertFalse(new TransportFeedback().wrap(compound), what);
        assertFalse(new SourceDescription().wrap(compound), what);
        assertTrue(compound.next() && new ReceiverReport().wrap(compound), "the next packet is reached");
        assertEquals(9, compound.senderSsrc());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "no chunk | 80ca0000",
        "item beyond the end | 81ca0002 00000001 01ff6161",
        "item without a length | 81ca0002 00000001 01016101",
        "no end of items | 81ca0002 00000001 01026161",
        "chunk missing | 81ca0000",
        "chunk with an SSRC alone | 81ca0001 00000001",
    })
    void malformedSourceDescriptionsHaveNoChunk(final String what, final String text) {
        final UnsafeBuffer packet = hex(text);
        final SourceDescription description = new SourceDescription();
        assertTrue(compound.wrap(packet, 0, packet.capacity()) && compound.next() && description.wrap(compound), what);
        assertFalse(description.next(), what);
    }

    private String text(final int length) {
        final byte[] bytes = new byte[length];
        out.getBytes(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
