package org.chevet.codec.stun;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.Fixtures;
import org.chevet.codec.wire.TransportAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StunMessageTest {
    private static final String HEADER = "2112a442000102030405060708090a0b";
    private static final byte[] KEY = "secret".getBytes(US_ASCII);

    private final StunMessage message = new StunMessage();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[600]);

    @Test
    void everyCapturedMessageVerifies() {
        int integrities = 0;
        int fingerprints = 0;
        for (final Fixtures.Stun stun : Fixtures.stun()) {
            assertTrue(message.wrap(stun.bytes(), 0, stun.bytes().capacity()), stun.file());
            assertTrue(message.checkFingerprint(), stun.file());
            fingerprints++;
            if (message.messageClass() == StunMessage.INDICATION) {
                assertFalse(message.hasIntegrity(), stun.file());
                continue;
            }
            assertTrue(keys(stun).anyMatch(key -> key.verify(message)), stun.file());
            integrities++;
        }
        assertEquals(184, integrities);
        assertEquals(186, fingerprints);
    }

    @Test
    void ourAnswerToEveryCapturedRequestParsesAndVerifies() {
        final StunWriter writer = new StunWriter();
        final StunMessage answer = new StunMessage();
        int answered = 0;
        for (final Fixtures.Stun stun : Fixtures.stun()) {
            assertTrue(message.wrap(stun.bytes(), 0, stun.bytes().capacity()));
            if (!stun.fromClient() || message.type() != StunMessage.BINDING_REQUEST) {
                continue;
            }
            assertTrue(message.isControlling(), stun.file());
            assertTrue(message.priority() > 0, stun.file());
            final StunIntegrity key = keys(stun).filter(candidate -> candidate.verify(message)).findFirst()
                .orElseThrow();
            for (final TransportAddress peer : List.of(TransportAddress.ofIpv4(0xC000_0202, 58_046),
                new TransportAddress(0x2001_0DB8_0000_0000L, 0x42, 65_535))) {
                final int length = writer.respond(out, 8, 200, StunMessage.BINDING_SUCCESS, message)
                    .xorMappedAddress(peer).integrity(key).fingerprint().length();
                assertTrue(answer.wrap(out, 8, length), stun.file());
                assertEquals(StunMessage.SUCCESS, answer.messageClass());
                assertEquals(StunMessage.METHOD_BINDING, answer.method());
                assertTrue(answer.hasTransactionId(message.buffer(), message.transactionIdOffset()));
                assertEquals(peer, answer.xorMappedAddress());
                assertTrue(key.verify(answer) && answer.checkFingerprint(), stun.file());
                answered++;
            }
        }
        assertEquals(2 * 92, answered);
    }

    @Test
    void aMessageAtAnyPlaceOfAnyBufferReadsTheSame() {
        for (final Fixtures.Stun stun : Fixtures.stun()) {
            final int length = stun.bytes().capacity();
            final UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(length + 13));
            direct.putBytes(7, stun.bytes(), 0, length);
            assertTrue(message.wrap(direct, 7, length));
            assertTrue(message.checkFingerprint(), stun.file());
        }
    }

    @Test
    void anIceCheckComesBackAsWritten() {
        final UnsafeBuffer id = new UnsafeBuffer("0123456789ab".getBytes(US_ASCII));
        final int length = new StunWriter().begin(out, 0, 600, StunMessage.BINDING_REQUEST, id, 0)
            .username("them:us".getBytes(US_ASCII)).iceControlling(-2).useCandidate().priority(0xFFFF_FFFFL)
            .integrity(new StunIntegrity(KEY)).fingerprint().length();
        assertTrue(message.wrap(out, 0, length));
        assertEquals(length, message.length());
        assertTrue(message.isControlling() && !message.isControlled());
        assertEquals(-2, message.tieBreaker());
        assertTrue(message.useCandidate());
        assertEquals(0xFFFF_FFFFL, message.priority());
        assertTrue(message.attributeEquals(StunAttribute.USERNAME, "them:us".getBytes(US_ASCII)));
        assertTrue(message.hasTransactionId(id, 0));
        assertEquals(-1, message.errorCode());
        assertNull(message.xorMappedAddress());
    }

    @Test
    void anErrorTellsItsCodeAndTheUnknownAttributes() {
        final UnsafeBuffer request = message("0001000c", "7ffe0000 80fe0000 7ffd0000");
        assertTrue(message.wrap(request, 0, request.capacity()));
        final int[] unknown = new int[4];
        assertEquals(2, message.unknownRequired(unknown));
        assertEquals(1, message.unknownRequired(new int[1]));
        final StunMessage answer = new StunMessage();
        final int length = new StunWriter().respond(out, 0, 600, StunMessage.BINDING_ERROR, message)
            .errorCode(420, "Unknown Attribute".getBytes(US_ASCII)).unknownAttributes(unknown, 2)
            .integrity(new StunIntegrity(KEY)).fingerprint().length();
        assertTrue(answer.wrap(out, 0, length));
        assertEquals(StunMessage.ERROR, answer.messageClass());
        assertEquals(420, answer.errorCode());
        final int at = answer.find(StunAttribute.UNKNOWN_ATTRIBUTES);
        assertEquals(4, answer.attributeLength(at));
        assertEquals(0x7FFE_7FFD, out.getInt(at, ByteOrder.BIG_ENDIAN));
    }

    @Test
    void whatStandsBehindTheIntegrityIsNotFound() {
        final UnsafeBuffer id = new UnsafeBuffer(new byte[12]);
        final StunIntegrity key = new StunIntegrity(KEY);
        final int length = new StunWriter().begin(out, 0, 600, StunMessage.BINDING_REQUEST, id, 0)
            .priority(5).integrity(key).useCandidate().attribute(0x7FFE, new byte[3]).fingerprint().length();
        assertTrue(message.wrap(out, 0, length));
        assertTrue(key.verify(message));
        assertTrue(message.checkFingerprint());
        assertEquals(5, message.priority());
        assertFalse(message.useCandidate());
        assertEquals(0, message.unknownRequired(new int[4]));
    }

    @Test
    void ofTwoAttributesOfATypeTheFirstCounts() {
        final UnsafeBuffer buffer = message("00010010", "00240004 00000001 00240004 00000002");
        assertTrue(message.wrap(buffer, 0, buffer.capacity()));
        assertEquals(1, message.priority());
    }

    @Test
    void attributesOfTheWrongSizeReadAsAbsent() {
        final UnsafeBuffer buffer = message("00010024",
            "00240002 00010000 802a0004 00000001 00090004 00000732 00200008 00020001 00000000");
        assertTrue(message.wrap(buffer, 0, buffer.capacity()));
        assertEquals(-1, message.priority());
        assertFalse(message.isControlling());
        assertEquals(0, message.tieBreaker());
        assertEquals(-1, message.errorCode());
        assertNull(message.xorMappedAddress());
        assertNull(message.mappedAddress());
    }

    @Test
    void mappedAddressIsReadWithoutMask() {
        final UnsafeBuffer buffer = message("0101000c", "00010008 00010050 7f000001");
        assertTrue(message.wrap(buffer, 0, buffer.capacity()));
        assertEquals(TransportAddress.ofIpv4(0x7F00_0001, 80), message.mappedAddress());
    }

    @Test
    void aMessageThatDoesNotFitIsVoidAndWritesNothingBeyond() {
        final UnsafeBuffer id = new UnsafeBuffer(new byte[12]);
        final StunWriter writer = new StunWriter();
        final StunIntegrity key = new StunIntegrity(KEY);
        for (int capacity = 0; capacity < 72; capacity++) {
            out.setMemory(0, 600, (byte) 0x55);
            final int length = writer.begin(out, 0, capacity, StunMessage.BINDING_REQUEST, id, 0)
                .username(new byte[5]).integrity(key).fingerprint().priority(1).length();
            assertEquals(0, length, "capacity " + capacity);
            for (int i = capacity; i < 100; i++) {
                assertEquals(0x55, out.getByte(i), "capacity " + capacity + " byte " + i);
            }
        }
        assertEquals(72, writer.begin(out, 0, 72, StunMessage.BINDING_REQUEST, id, 0)
            .username(new byte[5]).priority(1).integrity(key).fingerprint().length());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "empty, ''",
        "header cut short, 000100002112a4420001020304050607080910",
        "first bits are not 0, 400100002112a442000102030405060708090a0b",
        "another cookie, 000100002112a443000102030405060708090a0b",
        "length larger than the datagram, 000100042112a442000102030405060708090a0b",
        "length smaller than the datagram, 000100002112a442000102030405060708090a0b00240000",
        "length not in words, 000100022112a442000102030405060708090a0b0024",
        "attribute beyond the end, 000100042112a442000102030405060708090a0b00240001",
        "attribute far beyond the end, 000100042112a442000102030405060708090a0b0024ffff",
        "integrity of the wrong size, 000100082112a442000102030405060708090a0b0008000400000000",
        "fingerprint of the wrong size, 000100082112a442000102030405060708090a0b8028000300000000",
    })
    void malformedMessagesAreRefused(final String what, final String hex) {
        final byte[] bytes = HexFormat.of().parseHex(hex);
        assertFalse(message.wrap(new UnsafeBuffer(bytes), 0, bytes.length), what);
        assertEquals(StunMessage.NOT_FOUND, message.find(StunAttribute.PRIORITY));
        assertFalse(message.checkFingerprint());
        assertFalse(new StunIntegrity(KEY).verify(message));
    }

    @Test
    void aFingerprintThatIsNotLastIsNoFingerprint() {
        final UnsafeBuffer buffer = message("00010010", "80280004 00000000 00240004 00000001");
        final CRC32 crc = new CRC32();
        crc.update(buffer.byteArray(), 0, StunMessage.HEADER_LENGTH);
        buffer.putInt(StunMessage.HEADER_LENGTH + 4, (int) crc.getValue() ^ 0x5354_554E, ByteOrder.BIG_ENDIAN);
        assertTrue(message.wrap(buffer, 0, buffer.capacity()));
        assertTrue(message.hasFingerprint());
        assertFalse(message.checkFingerprint());
    }

    private static UnsafeBuffer message(final String typeAndLength, final String attributes) {
        return new UnsafeBuffer(HexFormat.of().parseHex(typeAndLength + HEADER + attributes.replace(" ", "")));
    }

    private static Stream<StunIntegrity> keys(final Fixtures.Stun stun) {
        return stun.passwords().values().stream().map(password -> new StunIntegrity(password.getBytes(US_ASCII)));
    }
}
