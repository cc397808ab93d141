package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SrtpKeyDerivationTest {
    private static final HexFormat HEX = HexFormat.of();

    /** RFC 3711 B.2: AES-CM key stream. Label 0 leaves the salt as it is, so derive() is that key stream. */
    @Test
    void counterModeKeyStreamOfRfc3711() {
        final byte[] stream = SrtpKeyDerivation.derive(HEX.parseHex("2b7e151628aed2a6abf7158809cf4f3c"),
            HEX.parseHex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"), 0, 0xFF02 * 16);
        assertEquals("e03ead0935c95e80e166b16dd92b4eb4", block(stream, 0));
        assertEquals("d23513162b02d0f72a43a2fe4a5f97ab", block(stream, 1));
        assertEquals("41e95b3bb0a2e8dd477901e4fca894c0", block(stream, 2));
        assertEquals("ec8cdf7398607cb0f2d21675ea9ea1e4", block(stream, 0xFEFF));
        assertEquals("362b7c3c6773516318a077d7fc5073ae", block(stream, 0xFF00));
        assertEquals("6a2cc3787889374fbeb4c81b17ba6c44", block(stream, 0xFF01));
    }

    private static String block(final byte[] stream, final int number) {
        return HEX.formatHex(stream, number * 16, number * 16 + 16);
    }

    /** RFC 3711 B.3. */
    @Test
    void sessionKeysOfRfc3711() {
        final byte[] key = HEX.parseHex("e1f97a0d3e018be0d64fa32c06de4139");
        final byte[] salt = HEX.parseHex("0ec675ad498afeebb6960b3aabe6");
        assertEquals("c61e7a93744f39ee10734afe3ff7a087",
            derive(key, salt, SrtpKeyDerivation.LABEL_RTP_ENCRYPTION, 16));
        assertEquals("30cbbc08863d8c85d49db34a9ae1", derive(key, salt, SrtpKeyDerivation.LABEL_RTP_SALT, 14));
        assertEquals("cebe321f6ff7716b6fd4ab49af256a156d38baa4",
            derive(key, salt, SrtpKeyDerivation.LABEL_RTP_AUTHENTICATION, 20));
    }

    /** RFC 6188 section 7.4: AES-256 in the same place. */
    @Test
    void sessionKeysOfRfc6188() {
        final byte[] key = HEX.parseHex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
        final byte[] salt = HEX.parseHex("3b04803de51ee7c96423ab5b78d2");
        assertEquals("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
            derive(key, salt, SrtpKeyDerivation.LABEL_RTP_ENCRYPTION, 32));
        assertEquals("fa31791685ca444a9e07c6c64e93", derive(key, salt, SrtpKeyDerivation.LABEL_RTP_SALT, 14));
        assertEquals("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05",
            derive(key, salt, SrtpKeyDerivation.LABEL_RTP_AUTHENTICATION, 20));
    }

    @Test
    void shortSaltOfAeadIsTheLongOneWithZeros() {
        final byte[] key = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
        final byte[] salt = HEX.parseHex("a0a1a2a3a4a5a6a7a8a9aaab");
        assertEquals(derive(key, Arrays.copyOf(salt, 14), 0, 16), derive(key, salt, 0, 16));
    }

    private static String derive(final byte[] key, final byte[] salt, final int label, final int length) {
        return HEX.formatHex(SrtpKeyDerivation.derive(key, salt, label, length));
    }
}
