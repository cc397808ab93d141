package org.chevet.codec.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RtpHeaderTest {
    private final RtpHeader header = new RtpHeader();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[900]);

    private static UnsafeBuffer hex(final String text) {
        return new UnsafeBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    @Test
    void readsEveryField() {
        final UnsafeBuffer packet =
            hex("b2 e0 fffe 89abcdef 80000001 00000011 ffffffff bede0001 10aa0000 010203 0002");
        assertTrue(header.wrapPlain(packet, 0, packet.capacity()));
        assertTrue(header.marker() && header.hasPadding() && header.hasExtension());
        assertEquals(96, header.payloadType());
        assertEquals(0xFFFE, header.sequence());
        assertEquals(0x89AB_CDEF, header.timestamp());
        assertEquals(0x89AB_CDEFL, header.timestampUnsigned());
        assertEquals(0x8000_0001, header.ssrc());
        assertEquals(2, header.csrcCount());
        assertEquals(0x11, header.csrc(0));
        assertEquals(-1, header.csrc(1));
        assertEquals(28, header.headerLength());
        assertEquals(0xBEDE, header.extensionProfile());
        assertEquals(24, header.extensionOffset());
        assertEquals(4, header.extensionLength());
        assertEquals(28, header.payloadOffset());
        assertEquals(3, header.payloadLength());
        assertEquals(2, header.paddingLength());
        assertFalse(header.isPaddingOnly());
        assertTrue(header.wrap(packet, 0, packet.capacity()));
        assertEquals(5, header.payloadLength(), "padding is not looked at in a protected packet");
    }

    @Test
    void aPacketOfPaddingAloneIsSeen() {
        final UnsafeBuffer packet = hex("a060 0001 00000000 00000001 000003");
        assertTrue(header.wrapPlain(packet, 0, packet.capacity()));
        assertTrue(header.isPaddingOnly());
        assertEquals(0, header.payloadLength());
        assertEquals(-1, Rtx.originalSequence(header));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "empty | ''",
        "eleven bytes | 8060 0001 00000000 000000",
        "version 1 | 4060 0001 00000000 00000001",
        "version 3 | c060 0001 00000000 00000001",
        "CSRCs do not fit | 8160 0001 00000000 00000001 000000",
        "extension header does not fit | 9060 0001 00000000 00000001 bede00",
        "extension does not fit | 9060 0001 00000000 00000001 bede0001 000000",
        "extension of 65535 words | 9060 0001 00000000 00000001 bedeffff",
    })
    void malformedHeadersAreRefused(final String what, final String text) {
        final UnsafeBuffer packet = hex(text);
        assertFalse(header.wrap(packet, 0, packet.capacity()), what);
        assertFalse(header.wrapPlain(packet, 0, packet.capacity()), what);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "P bit and no payload | a060 0001 00000000 00000001",
        "padding count 0 | a060 0001 00000000 00000001 0000",
        "padding larger than what follows the header | a060 0001 00000000 00000001 0003",
        "padding reaches into the extension | b060 0001 00000000 00000001 bede0001 10aa0000 02",
    })
    void malformedPaddingIsRefusedInTheClearOnly(final String what, final String text) {
        final UnsafeBuffer packet = hex(text);
        assertTrue(header.wrap(packet, 0, packet.capacity()), what);
        assertFalse(header.wrapPlain(packet, 0, packet.capacity()), what);
    }

    @Test
    void writerChoosesTheSmallestFormThatFits() {
        final RtpHeaderWriter writer = new RtpHeaderWriter();
        writer.begin(true).payloadType(0xFF).sequence(-1).timestamp(-2).ssrc(-3).marker(true);
        assertEquals(12, writer.write(out, 0, 12));
        assertTrue(writer.extension8(14, 0xAB));
        assertTrue(writer.extension16(3, 0x1234));
        assertEquals(24, writer.length());
        assertEquals(24, writer.write(out, 0, 900));
        assertEquals("90ff fffffffffffe fffffffd bede0002 e0ab 311234 000000".replace(" ", ""), text(24));
        assertTrue(writer.extension24(15, 0x0A0B0C));
        assertEquals(28, writer.write(out, 0, 900));
        assertEquals("10000003 0e01ab 03021234 0f030a0b0c".replace(" ", ""), text(28).substring(24));
    }

    @Test
    void writerRefusesWhatTheFormCannotHold() {
        final RtpHeaderWriter writer = new RtpHeaderWriter();
        final UnsafeBuffer value = new UnsafeBuffer(new byte[300]);
        writer.begin(false);
        assertFalse(writer.extension8(0, 1));
        assertFalse(writer.extension8(15, 1));
        assertFalse(writer.extension(1, value, 0, 17));
        assertFalse(writer.extension(1, value, 0, 0));
        assertEquals(12, writer.length());
        writer.begin(true);
        assertFalse(writer.extension8(0, 1));
        assertFalse(writer.extension8(256, 1));
        assertFalse(writer.extension(1, value, 0, 256));
        assertTrue(writer.extension(1, value, 0, 255));
        assertTrue(writer.extension(2, value, 0, 255));
        assertFalse(writer.extension(3, value, 0, 3), "value bytes are bounded");
        writer.begin(true);
        for (int i = 1; i <= RtpHeaderWriter.MAX_EXTENSIONS; i++) {
            assertTrue(writer.extension8(i, i));
        }
        assertFalse(writer.extension8(1, 1), "elements are bounded");
    }

    @Test
    void writerWritesNothingBeyondItsCapacity() {
        final RtpHeaderWriter writer = new RtpHeaderWriter().begin(false);
        assertTrue(writer.extension16(1, 7));
        assertEquals(20, writer.length());
        out.setMemory(0, 900, (byte) 0x55);
        for (int capacity = 0; capacity < 20; capacity++) {
            assertEquals(0, writer.write(out, 0, capacity));
        }
        assertEquals(0x55, out.getByte(0));
        assertEquals(20, writer.write(out, 3, 20));
        assertEquals(0x55, out.getByte(2));
        assertEquals(0x55, out.getByte(23));
    }

    @Test
    void rtxCarriesTheOriginalSequenceNumber() {
        final UnsafeBuffer packet = hex("8061 0001 00000000 00000001 fffe 0102");
        assertTrue(header.wrapPlain(packet, 0, packet.capacity()));
        assertEquals(0xFFFE, Rtx.originalSequence(header));
        assertEquals(14, Rtx.originalPayloadOffset(header));
        assertEquals(2, Rtx.originalPayloadLength(header));
        assertEquals(6, Rtx.writeOsn(out, 4, 0xABCD));
        assertEquals((short) 0xABCD, out.getShort(4, ByteOrder.BIG_ENDIAN));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "empty | ''",
        "redundant header cut short | ef0010",
        "headers without an end | ef001000 ef001000",
        "block larger than the payload | ef000004 6f aabbcc",
    })
    void malformedRedIsRefused(final String what, final String text) {
        final UnsafeBuffer payload = hex(text);
        final Red red = new Red();
        assertFalse(red.wrap(payload, 0, payload.capacity()), what);
        assertEquals(0, red.blockCount());
    }

    @Test
    void redBlocksAreWalked() {
        final UnsafeBuffer payload = hex("ef 0f0002 ee fffc00 6d aabb cc");
        final Red red = new Red();
        assertTrue(red.wrap(payload, 0, payload.capacity()));
        assertEquals(3, red.blockCount());
        assertEquals(0x6F, red.payloadType(0));
        assertEquals(960, red.timestampOffset(0));
        assertEquals(9, red.dataOffset(0));
        assertEquals(2, red.dataLength(0));
        assertEquals(0x6E, red.payloadType(1));
        assertEquals(0x3FFF, red.timestampOffset(1));
        assertEquals(0, red.dataLength(1));
        assertEquals(0x6D, red.payloadType(2));
        assertEquals(0, red.timestampOffset(2));
        assertEquals(1, red.dataLength(2));
        assertFalse(red.wrap(new UnsafeBuffer(new byte[200]), 0, 0));
        final UnsafeBuffer many = new UnsafeBuffer(new byte[200]);
        many.setMemory(0, 199, (byte) 0x80);
        assertFalse(red.wrap(many, 0, 200), "blocks are bounded");
    }

    private String text(final int length) {
        final byte[] bytes = new byte[length];
        out.getBytes(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
