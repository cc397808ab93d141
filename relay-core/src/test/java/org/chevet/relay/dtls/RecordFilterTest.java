package org.chevet.relay.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class RecordFilterTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String HEAD = "fefd" + "0000" + "000000000001";

    private final byte[] out = new byte[RecordFilter.MAX_DATAGRAM];

    private int filter(final RecordFilter filter, final byte[] datagram) {
        return filter.filter(new UnsafeBuffer(datagram), 0, datagram.length, out);
    }

    private boolean passes(final String hex) {
        final byte[] datagram = HEX.parseHex(hex);
        final RecordFilter filter = new RecordFilter();
        final int kept = filter(filter, datagram);
        assertEquals(kept != datagram.length, filter.isAnyDropped());
        return kept == datagram.length;
    }

    /** A handshake record of epoch 0 with one fragment. */
    static String fragment(final int message, final int offset, final int length, final int bytes) {
        return "16" + HEAD + String.format("%04x", 12 + bytes) + "01" + String.format("%06x", message) + "0000"
            + String.format("%06x%06x", offset, length) + "00".repeat(bytes);
    }

    @Test
    void refusesWhatTheLibraryMustNotSee() {
        assertTrue(passes(fragment(10, 0, 10, 10)));
        assertTrue(passes(fragment(0, 0, 0, 0)), "ServerHelloDone is empty");
        assertTrue(passes(fragment(RecordFilter.MAX_MESSAGE, RecordFilter.MAX_MESSAGE - 10, 10, 10)));
        assertFalse(passes(fragment(RecordFilter.MAX_MESSAGE + 1, 0, 10, 10)), "message too long");
        assertFalse(passes(fragment(0xFFFFFF, 0, 48, 48)), "CVE-2026-59646");
        assertFalse(passes(fragment(10, 1, 10, 10)), "offset + length > message");
        assertFalse(passes(fragment(0xFFFF, 0xFFFFF0, 10, 10)), "offset beyond");
        assertFalse(passes(fragment(100, 0, 50, 49)), "fragment longer than its record");
        assertFalse(passes(fragment(100, 0, 0, 0)), "fragment that brings nothing");
        assertFalse(passes("16" + HEAD + "000b" + "00".repeat(11)), "no room for a fragment header");
        assertFalse(passes("16" + HEAD + "0000"), "empty record");
        assertFalse(passes("17" + HEAD + "0020" + "00".repeat(32)), "application data in the clear");
        assertFalse(passes("18" + HEAD + "0020" + "00".repeat(32)), "heartbeat");
        assertFalse(passes("19" + HEAD + "0020" + "00".repeat(32)), "connection id");
        assertFalse(passes("16" + "0303" + "0000" + "000000000001" + "0020" + "00".repeat(32)), "TLS, not DTLS");
        assertFalse(passes("16fefc" + "0000" + "000000000001" + "0020" + "00".repeat(32)), "DTLS 1.3 record");
        assertFalse(passes("16" + HEAD + "0021" + "00".repeat(32)), "longer than the datagram");
        assertFalse(passes("16fefd00"), "no whole header");
        assertTrue(passes("14" + HEAD + "000101"), "change cipher spec");
        assertTrue(passes("15" + HEAD + "00020228"), "alert of the handshake");
    }

    @Test
    void checksEveryFragmentOfARecord() {
        final String good = "01" + "00000a" + "0000" + "000000" + "00000a" + "00".repeat(10);
        final String bad = "01" + "ffffff" + "0000" + "000000" + "00000a" + "00".repeat(10);
        assertTrue(passes("16" + HEAD + "002c" + good + good));
        assertFalse(passes("16" + HEAD + "002c" + good + bad));
        assertFalse(passes("16" + HEAD + "002d" + good + good + "00"));
    }

    @Test
    void encryptedRecordsShorterThanNonceAndTagAreLeftOut() {
        for (final String type : new String[] {"14", "15", "16", "17"}) {
            for (int length = 0; length < 40; length++) {
                final String record = type + "fefd" + "0001" + "000000000005" + String.format("%04x", length)
                    + "aa".repeat(length);
                assertEquals(length >= RecordFilter.MIN_ENCRYPTED, passes(record), type + " of " + length);
            }
        }
    }

    @Test
    void goodRecordsOfADatagramSurviveABadOne() {
        final byte[] good = HEX.parseHex(fragment(10, 0, 10, 10));
        final byte[] shortOne = HEX.parseHex("14fefd0001000000000002000101");
        final byte[] datagram = new byte[2 * good.length + shortOne.length];
        System.arraycopy(good, 0, datagram, 0, good.length);
        System.arraycopy(shortOne, 0, datagram, good.length, shortOne.length);
        System.arraycopy(good, 0, datagram, good.length + shortOne.length, good.length);
        final RecordFilter filter = new RecordFilter();
        final int kept = filter(filter, datagram);
        assertTrue(filter.isAnyDropped());
        assertEquals(2 * good.length, kept);
        assertArrayEquals(good, Arrays.copyOf(out, good.length));
        assertArrayEquals(good, Arrays.copyOfRange(out, good.length, kept));
    }

    @Test
    void clearRecordsOfAnAssociationAreCapped() {
        final RecordFilter filter = new RecordFilter();
        final byte[] record = HEX.parseHex(fragment(10, 0, 10, 10));
        for (int i = 0; i < RecordFilter.MAX_CLEAR_RECORDS; i++) {
            assertEquals(record.length, filter(filter, record), "record " + i);
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(0, filter(filter, record));
        }
        final byte[] encrypted = HEX.parseHex("17fefd0001000000000005" + "0018" + "aa".repeat(24));
        assertEquals(encrypted.length, filter(filter, encrypted), "the connected association goes on");
    }

    @Test
    void clearBytesOfAnAssociationAreCapped() {
        final RecordFilter filter = new RecordFilter();
        final byte[] record = HEX.parseHex(fragment(1400, 0, 1400, 1400));
        int passed = 0;
        for (int i = 0; i < RecordFilter.MAX_CLEAR_RECORDS; i++) {
            passed += filter(filter, record);
        }
        assertTrue(passed <= RecordFilter.MAX_CLEAR_BYTES && passed > RecordFilter.MAX_CLEAR_BYTES - 1500);
    }

    @Test
    void everythingRealClientsSendPasses() throws IOException {
        int datagrams = 0;
        for (final String name : Captures.CLIENT_HELLOS) {
            datagrams += allPass(name + "-clienthello");
        }
        for (final String name : Captures.HANDSHAKES) {
            datagrams += allPass(name + "-handshake");
        }
        assertTrue(datagrams > 120, "datagrams: " + datagrams);
    }

    private int allPass(final String file) throws IOException {
        final RecordFilter filter = new RecordFilter();
        int count = 0;
        for (final byte[] datagram : Captures.fromClient(file)) {
            assertEquals(datagram.length, filter(filter, datagram), file + " datagram " + count);
            assertArrayEquals(datagram, Arrays.copyOf(out, datagram.length));
            count++;
        }
        return count;
    }

    @Test
    void randomAndMutatedBytesNeverThrowAndWhatPassesPassesAgain() throws IOException {
        final byte[] hello = Captures.fromClient("chromium156-clienthello").getFirst();
        for (long seed = 1; seed <= 50_000; seed++) {
            final Random random = new Random(seed);
            final byte[] datagram;
            if (random.nextBoolean()) {
                datagram = new byte[random.nextInt(2200)];
                random.nextBytes(datagram);
                if (datagram.length > 13) {
                    System.arraycopy(hello, 0, datagram, 0, 11);
                    datagram[11] = 0;
                }
            } else {
                datagram = Arrays.copyOf(hello, random.nextInt(hello.length + 20));
                for (int i = 0; i < 3 && datagram.length > 0; i++) {
                    datagram[random.nextInt(Math.min(40, datagram.length))] = (byte) random.nextInt(256);
                }
            }
            final int kept = filter(new RecordFilter(), datagram);
            assertTrue(kept >= 0 && kept <= datagram.length, "seed " + seed);
            final byte[] passed = Arrays.copyOf(out, kept);
            assertEquals(kept, filter(new RecordFilter(), passed), "seed " + seed);
        }
    }
}
