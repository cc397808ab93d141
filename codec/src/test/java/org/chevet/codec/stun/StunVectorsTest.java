package org.chevet.codec.stun;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.junit.jupiter.api.Test;

/** The test vectors of RFC 5769. */
class StunVectorsTest {
    private static final byte[] PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt".getBytes(UTF_8);

    /** Section 2.1: attributes padded with spaces. */
    private static final byte[] REQUEST = hex("""
        00010058 2112a442 b7e7a701 bc34d686 fa87dfae
        80220010 5354554e 20746573 7420636c 69656e74
        00240004 6e0001ff
        80290008 932ff9b1 51263b36
        00060009 6576746a 3a683676 59202020
        00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
        80280004 e57a3bcf""");
    /** Section 2.2. */
    private static final byte[] IPV4_RESPONSE = hex("""
        0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
        8022000b 74657374 20766563 746f7220
        00200008 0001a147 e112a643
        00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
        80280004 c07d4c96""");
    /** Section 2.3. */
    private static final byte[] IPV6_RESPONSE = hex("""
        01010048 2112a442 b7e7a701 bc34d686 fa87dfae
        8022000b 74657374 20766563 746f7220
        00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
        00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
        80280004 c8fb0b4c""");
    /** Section 2.4: long-term credential, padded with zeros. */
    private static final byte[] LONG_TERM_REQUEST = hex("""
        00010060 2112a442 78ad3433 c6ad72c0 29da412e
        00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
        0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
        0014000b 6578616d 706c652e 6f726700
        00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666""");

    private final StunMessage message = new StunMessage();

    private static byte[] hex(final String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    private void wrap(final byte[] bytes) {
        assertTrue(message.wrap(new UnsafeBuffer(bytes), 0, bytes.length));
    }

    @Test
    void sampleRequest() {
        wrap(REQUEST);
        assertEquals(StunMessage.BINDING_REQUEST, message.type());
        assertEquals(StunMessage.REQUEST, message.messageClass());
        assertEquals(StunMessage.METHOD_BINDING, message.method());
        assertTrue(message.attributeEquals(StunAttribute.SOFTWARE, "STUN test client".getBytes(UTF_8)));
        assertTrue(message.attributeEquals(StunAttribute.USERNAME, "evtj:h6vY".getBytes(UTF_8)));
        assertTrue(message.attributeStartsWith(StunAttribute.USERNAME, "evtj:".getBytes(UTF_8)));
        assertFalse(message.attributeStartsWith(StunAttribute.USERNAME, "evtj:h6vY   ".getBytes(UTF_8)));
        assertEquals(0x6E00_01FFL, message.priority());
        assertTrue(message.isControlled());
        assertFalse(message.isControlling());
        assertEquals(0x932F_F9B1_5126_3B36L, message.tieBreaker());
        assertTrue(message.checkFingerprint());
        assertTrue(new StunIntegrity(PASSWORD).verify(message));
        assertFalse(new StunIntegrity("VOkJxbRl1RmTxUk/WvJxBu".getBytes(UTF_8)).verify(message));
    }

    @Test
    void sampleIpv4Response() {
        wrap(IPV4_RESPONSE);
        assertEquals(StunMessage.BINDING_SUCCESS, message.type());
        assertEquals(StunMessage.SUCCESS, message.messageClass());
        assertEquals(TransportAddress.ofIpv4(0xC000_0201, 32_853), message.xorMappedAddress());
        assertTrue(message.checkFingerprint());
        assertTrue(new StunIntegrity(PASSWORD).verify(message));
    }

    @Test
    void sampleIpv6Response() {
        wrap(IPV6_RESPONSE);
        assertEquals(new TransportAddress(0x2001_0DB8_1234_5678L, 0x0011_2233_4455_6677L, 32_853),
            message.xorMappedAddress());
        assertTrue(message.checkFingerprint());
        assertTrue(new StunIntegrity(PASSWORD).verify(message));
    }

    @Test
    void sampleRequestWithLongTermCredential() throws Exception {
        wrap(LONG_TERM_REQUEST);
        final String user = "マトリックス";
        assertTrue(message.attributeEquals(StunAttribute.USERNAME, user.getBytes(UTF_8)));
        assertTrue(message.attributeEquals(StunAttribute.REALM, "example.org".getBytes(UTF_8)));
        final byte[] key = MessageDigest.getInstance("MD5").digest((user + ":example.org:TheMatrIX").getBytes(UTF_8));
        assertTrue(new StunIntegrity(key).verify(message));
        assertFalse(message.hasFingerprint());
        assertFalse(message.checkFingerprint());
    }

    @Test
    void ourWriterMakesTheLongTermRequestByteForByte() throws Exception {
        final UnsafeBuffer out = new UnsafeBuffer(new byte[256]);
        final String user = "マトリックス";
        final byte[] key = MessageDigest.getInstance("MD5").digest((user + ":example.org:TheMatrIX").getBytes(UTF_8));
        final int length = new StunWriter()
            .begin(out, 4, 200, StunMessage.BINDING_REQUEST, new UnsafeBuffer(LONG_TERM_REQUEST), 8)
            .username(user.getBytes(UTF_8))
            .attribute(StunAttribute.NONCE, "f//499k954d6OL34oL9FSTvy64sA".getBytes(UTF_8))
            .attribute(StunAttribute.REALM, "example.org".getBytes(UTF_8))
            .integrity(new StunIntegrity(key)).length();
        final byte[] made = new byte[length];
        out.getBytes(4, made);
        assertArrayEquals(LONG_TERM_REQUEST, made);
    }

    @Test
    void anyFlippedBitBreaksWhatCoversIt() {
        final StunIntegrity integrity = new StunIntegrity(PASSWORD);
        final int integrityEnd = REQUEST.length - 8;
        for (int bit = 0; bit < REQUEST.length * 8; bit++) {
            final byte[] bytes = REQUEST.clone();
            bytes[bit / 8] ^= (byte) (1 << (bit % 8));
            final boolean whole = message.wrap(new UnsafeBuffer(bytes), 0, bytes.length);
            assertFalse(whole && message.checkFingerprint(), "bit " + bit);
            assertEquals(whole && bit / 8 >= integrityEnd, whole && integrity.verify(message), "bit " + bit);
        }
    }
}
