package org.chevet.codec.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RtpExtensionsTest {
    private final RtpExtensions extensions = new RtpExtensions();

    /** "id=hexvalue" of each element. */
    private List<String> elements(final int profile, final String hex) {
        final byte[] bytes = HexFormat.of().parseHex(hex);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        assertTrue(extensions.wrap(profile, buffer, 0, bytes.length));
        final List<String> found = new ArrayList<>();
        while (extensions.next()) {
            final byte[] value = new byte[extensions.valueLength()];
            buffer.getBytes(extensions.valueOffset(), value);
            found.add(extensions.id() + "=" + HexFormat.of().formatHex(value));
        }
        assertFalse(extensions.next(), "the end stays the end");
        return found;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "example of RFC 8285 section 4.2 | 10aa21bbcc000033 11223344 | 1=aa 2=bbcc 3=11223344",
        "padding in front | 0000 10aa | 1=aa",
        "id 15 stops | 10aa f0bb 20cc | 1=aa",
        "id 0 with a length stops | 10aa 01bb 20cc | 1=aa",
        "sixteen bytes are the most | 1f000102030405060708090a0b0c0d0e0f | 1=000102030405060708090a0b0c0d0e0f",
        "an element cut short ends the walk | 10aa 21bb | 1=aa",
        "an id at the very end has no value | 10aa 20 | 1=aa",
        "the same id twice is given twice | 10aa 10bb | 1=aa 1=bb",
        "nothing but padding | 00000000 | ''",
    })
    void oneByteForm(final String what, final String hex, final String expected) {
        assertEquals(expected, String.join(" ", elements(0xBEDE, hex.replace(" ", ""))), what);
        assertFalse(extensions.isTwoByte());
        assertEquals(0, extensions.appbits());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "example of RFC 8285 section 4.3 | 0100 0201 bb00 0304 11223344 | 1= 2=bb 3=11223344",
        "id 15 and 255 are ids | 0f01aa ff01bb | 15=aa 255=bb",
        "padding of single bytes | 000000 0101aa | 1=aa",
        "an element cut short ends the walk | 0101aa 0202bb | 1=aa",
        "an id without a length ends the walk | 0101aa 02 | 1=aa",
        "empty at the end | 0101aa 0200 | 1=aa 2=",
    })
    void twoByteForm(final String what, final String hex, final String expected) {
        assertEquals(expected, String.join(" ", elements(0x1000, hex.replace(" ", ""))), what);
        assertTrue(extensions.isTwoByte());
    }

    @Test
    void appbitsDoNotHideTheTwoByteForm() {
        assertEquals(List.of("1=aa"), elements(0x100C, "0101aa00"));
        assertTrue(extensions.isTwoByte());
        assertEquals(0xC, extensions.appbits());
    }

    @Test
    void otherProfilesHaveNoElements() {
        for (final int profile : new int[] {0, 0xBEDF, 0x1010, 0x2000, 0xFFFF}) {
            assertFalse(extensions.wrap(profile, new UnsafeBuffer(new byte[] {0x10, 1}), 0, 2));
            assertFalse(extensions.next());
            assertFalse(extensions.find(1));
        }
    }

    @Test
    void findGivesTheFirstOfAnId() {
        elements(0xBEDE, "10aa21bbcc10dd");
        assertTrue(extensions.find(2));
        assertEquals(0xBBCC, extensions.valueU16());
        assertEquals(0xBB, extensions.valueU8());
        assertTrue(extensions.find(1));
        assertEquals(0xAA, extensions.valueU8());
        assertEquals(-1, extensions.valueU16());
        assertFalse(extensions.find(3));
        assertFalse(extensions.find(0));
    }
}
