package org.chevet.codec.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets of real clients, packets of our own, and packets that lie. */
class SctpPacketTest {
    private static final Path INITS = Path.of("..", "codec", "src", "test", "resources", "fixtures", "sctp",
        "init.hex");
    private static final String HEADER = "1388138800000000" + "00000000";

    private final SctpPacket packet = new SctpPacket();
    private final SctpWriter writer = new SctpWriter();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[1500]);

    private static UnsafeBuffer hex(final String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex));
    }

    private static List<String[]> inits() throws IOException {
        return Files.readAllLines(INITS).stream().filter(line -> !line.startsWith("#")).map(line -> line.split(" "))
            .toList();
    }

    @Test
    void theInitOfEveryClientIsRead() throws IOException {
        final Map<String, Long> windows = Map.of("chromium156", 5_242_880L, "firefox153", 16_777_216L,
            "pion31", 1_048_576L);
        final InitChunk init = new InitChunk();
        int seen = 0;
        for (final String[] line : inits()) {
            final UnsafeBuffer bytes = hex(line[2]);
            assertTrue(packet.wrap(bytes, 0, bytes.capacity()), line[0]);
            assertTrue(packet.isChecksumRight(), line[0]);
            assertEquals(5000, packet.sourcePort());
            assertEquals(5000, packet.destinationPort());
            assertEquals(0, packet.tag());
            assertEquals(1, packet.chunks());
            assertTrue(packet.next());
            assertTrue(init.wrap(packet), line[0]);
            assertEquals(windows.get(line[0]), init.window(), line[0]);
            assertEquals(65_535, init.outboundStreams());
            assertEquals(65_535, init.inboundStreams());
            assertTrue(init.tag() != 0);
            assertTrue(init.hasForwardTsn() && init.hasReconfig(), line[0]);
            assertEquals(line[0].startsWith("firefox"), init.hasInterleaving());
            assertEquals(line[0].startsWith("firefox"), init.hasInterleavedForwardTsn());
            assertEquals(0, init.cookieLength());
            assertFalse(packet.next());
            seen++;
        }
        assertEquals(6, seen);
    }

    @Test
    void anyChangedBitIsFoundByTheChecksum() throws IOException {
        final byte[] bytes = HexFormat.of().parseHex(inits().getFirst()[2]);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            final byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            final UnsafeBuffer buffer = new UnsafeBuffer(changed);
            assertFalse(packet.wrap(buffer, 0, changed.length) && packet.isChecksumRight(), "bit " + bit);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', false", "00000003, false", "00000000, false", "00000008, false", "000000, false",
        "0b000004, true", "0b000004 0b000004, true", "0b000004 0b, false", "0e010004, true",
        // The padding of the last chunk may be missing, not that of one before.
        "09000005 aa, true", "09000005 aa000000 0b000004, true", "09000005 aa 0b000004, false", "09000006 aa, false"})
    void aLengthThatLiesIsRefused(final String chunks, final boolean sound) {
        final UnsafeBuffer bytes = hex(HEADER + chunks.replace(" ", ""));
        assertEquals(sound, packet.wrap(bytes, 0, bytes.capacity()));
        int walked = 0;
        while (packet.next()) {
            assertTrue(packet.valueOffset() + packet.valueLength() <= bytes.capacity());
            walked++;
        }
        assertEquals(packet.chunks(), walked);
    }

    @ParameterizedTest
    @CsvSource({
        // cumulative TSN, window, counts, blocks
        "03000010 00000001 00000002 00000000, true", "03000014 00000001 00000002 00010000 00020003, true",
        "03000018 00000001 00000002 00020000 00020003 00050005, true",
        "03000018 00000001 00000002 00020000 00020003 00030005, false",
        "03000014 00000001 00000002 00010000 00030002, false", "03000014 00000001 00000002 00010000 00000002, false",
        "03000014 00000001 00000002 00020000 00020003, false", "03000014 00000001 00000002 00010001 00020003, false",
        "0300000c 00000001 00000002, false"})
    void aSackIsSoundOrRefused(final String chunk, final boolean sound) {
        final UnsafeBuffer bytes = hex(HEADER + chunk.replace(" ", ""));
        assertTrue(packet.wrap(bytes, 0, bytes.capacity()) && packet.next());
        assertEquals(sound, new SackChunk().wrap(packet));
    }

    @Test
    void theUpperBitsOfAnUnknownChunkSayWhatToDo() {
        assertFalse(ChunkType.skipsUnknown(0x3F) || ChunkType.reportsUnknown(0x3F));
        assertTrue(!ChunkType.skipsUnknown(0x7F) && ChunkType.reportsUnknown(0x7F));
        assertTrue(ChunkType.skipsUnknown(0xBF) && !ChunkType.reportsUnknown(0xBF));
        assertTrue(ChunkType.skipsUnknown(0xFF) && ChunkType.reportsUnknown(0xFF));
    }

    @Test
    void whatIsWrittenIsRead() {
        final UnsafeBuffer payload = new UnsafeBuffer("synthetic".getBytes(StandardCharsets.US_ASCII));
        writer.begin(out, 8, 1191, 5000, 5001, 0x0102_0304);
        assertTrue(writer.isEmpty());
        assertTrue(writer.sack(10, 1000, new int[] {2, 5}, new int[] {3, 9}, 2, new int[] {7}, 1));
        assertTrue(writer.data(DataChunk.BEGIN | DataChunk.UNORDERED, 11, 3, 65_535, 53, payload, 0, 9));
        assertTrue(writer.interleavedData(DataChunk.BEGIN, 12, 4, -1, 0, 51, payload, 1, 8));
        assertTrue(writer.interleavedData(DataChunk.END, 13, 4, -1, 1, 51, payload, 2, 1));
        assertTrue(writer.forwardTsn(20, new int[] {1, 2}, new int[] {3, 65_535}, 2));
        assertTrue(writer.interleavedForwardTsn(21, new int[] {1, 2}, new boolean[] {true, false},
            new int[] {-1, 5}, 2));
        assertTrue(writer.resetRequest(30, 31, 32, new int[] {6, 8, 10}, 3));
        assertTrue(writer.resetResponse(33, StreamReset.IN_PROGRESS));
        assertTrue(writer.cause(ChunkType.ERROR, 0, 6, payload, 0, 5));
        assertTrue(writer.shutdown(40));
        assertTrue(writer.plain(ChunkType.COOKIE_ACK, 0));
        final int length = writer.finish();
        assertTrue(packet.wrap(out, 8, length) && packet.isChecksumRight());
        assertEquals(5001, packet.destinationPort());
        assertEquals(0x0102_0304, packet.tag());
        readBack(payload);
        assertFalse(packet.next());
    }

    private void readBack(final UnsafeBuffer payload) {
        final SackChunk sack = new SackChunk();
        assertTrue(packet.next() && sack.wrap(packet));
        assertEquals(10, sack.cumulativeTsn());
        assertEquals(1000, sack.window());
        assertEquals(List.of(2, 3, 5, 9, 2, 1), List.of(sack.gapStart(0), sack.gapEnd(0), sack.gapStart(1),
            sack.gapEnd(1), sack.gaps(), sack.duplicates()));
        final DataChunk data = new DataChunk();
        assertTrue(packet.next() && data.wrap(packet));
        assertTrue(data.isBegin() && !data.isEnd() && data.isUnordered() && !data.isInterleaved());
        assertEquals(List.of(11, 3, 65_535, 53, 9),
            List.of(data.tsn(), data.streamId(), data.message(), data.ppid(), data.payloadLength()));
        final byte[] read = new byte[9];
        out.getBytes(data.payloadOffset(), read);
        assertArrayEquals(payload.byteArray(), read);
        assertTrue(packet.next() && data.wrap(packet) && data.isInterleaved());
        assertEquals(List.of(12, -1, 0, 51), List.of(data.tsn(), data.message(), data.fragment(), data.ppid()));
        assertTrue(packet.next() && data.wrap(packet));
        assertEquals(List.of(13, -1, 1, 0, 1),
            List.of(data.tsn(), data.message(), data.fragment(), data.ppid(), data.payloadLength()));
        final ForwardTsnChunk forward = new ForwardTsnChunk();
        assertTrue(packet.next() && forward.wrap(packet));
        assertEquals(List.of(20, 2, 2, 65_535), List.of(forward.cumulativeTsn(), forward.entries(),
            forward.streamId(1), forward.message(1)));
        assertTrue(packet.next() && forward.wrap(packet) && forward.isUnordered(0) && !forward.isUnordered(1));
        assertEquals(-1, forward.message(0));
        final SctpParameters parameters = new SctpParameters();
        final StreamReset reset = new StreamReset();
        assertTrue(packet.next() && parameters.wrap(packet.buffer(), packet.valueOffset(), packet.valueLength()));
        assertTrue(parameters.next() && reset.wrap(parameters));
        assertEquals(List.of(30, 32, 3, 10),
            List.of(reset.sequence(), reset.lastTsn(), reset.streams(), reset.streamId(2)));
        assertTrue(packet.next() && parameters.wrap(packet.buffer(), packet.valueOffset(), packet.valueLength()));
        assertTrue(parameters.next() && reset.wrap(parameters));
        assertEquals(List.of(33, StreamReset.IN_PROGRESS), List.of(reset.sequence(), reset.result()));
        assertTrue(packet.next() && packet.chunkType() == ChunkType.ERROR && packet.valueLength() == 9);
        assertTrue(packet.next() && packet.chunkType() == ChunkType.SHUTDOWN);
        assertTrue(packet.next() && packet.chunkType() == ChunkType.COOKIE_ACK);
    }

    @Test
    void anInitAckCarriesItsCookie() {
        final UnsafeBuffer cookie = new UnsafeBuffer(new byte[] {1, 2, 3, 4, 5});
        writer.begin(out, 0, 1191, 5000, 5000, 7);
        assertTrue(writer.init(ChunkType.INIT_ACK, 9, 262_144, 1024, 512, 77, true, cookie, 0, 5));
        final InitChunk init = new InitChunk();
        assertTrue(packet.wrap(out, 0, writer.finish()) && packet.isChecksumRight() && packet.next());
        assertTrue(init.wrap(packet) && init.hasInterleaving() && init.hasInterleavedForwardTsn());
        assertTrue(init.hasForwardTsn() && init.hasReconfig());
        assertEquals(List.of(9, 1024, 512, 77, 5), List.of(init.tag(), init.outboundStreams(), init.inboundStreams(),
            init.initialTsn(), init.cookieLength()));
        assertEquals(5, out.getByte(init.cookieOffset() + 4));
    }

    @Test
    void whatDoesNotFitIsNotWritten() {
        writer.begin(out, 0, 31, 1, 2, 3);
        assertEquals(16, writer.room());
        assertFalse(writer.data(3, 1, 1, 1, 1, out, 0, 1));
        assertEquals(0, writer.finish());
        assertTrue(writer.sack(1, 2, new int[] {2}, new int[] {3}, 1, new int[0], 0), "without its gaps");
        assertFalse(writer.plain(ChunkType.COOKIE_ACK, 0));
        assertEquals(28, writer.finish());
    }

    @Test
    void aChannelOpenIsReadBackOrRefused() {
        final DcepOpen open = new DcepOpen();
        final byte[] label = "ecg µV".getBytes(StandardCharsets.UTF_8);
        final int length = DcepOpen.write(out, 4, DcepOpen.LIMITED_LIFETIME, true, 512, 3_000_000_000L, label,
            new byte[] {'p'});
        assertTrue(open.wrap(out, 4, length));
        assertTrue(open.isUnordered());
        assertEquals(List.of(DcepOpen.LIMITED_LIFETIME, 512, 7, 1), List.of(open.reliability(), open.priority(),
            open.labelLength(), open.protocolLength()));
        assertEquals(3_000_000_000L, open.reliabilityParameter());
        assertEquals('p', out.getByte(open.protocolOffset()));
        assertFalse(open.wrap(out, 4, length - 1));
        assertFalse(open.wrap(out, 4, length + 1));
        out.putByte(5, (byte) 3);
        assertFalse(open.wrap(out, 4, length), "unknown channel type");
    }

    @Test
    void readingAndWritingMakesNoGarbage() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[1000]);
        final DataChunk data = new DataChunk();
        final int[] none = new int[0];
        long before = 0;
        for (int round = 0; round < 20_000; round++) {
            if (round == 10_000) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            writer.begin(out, 0, 1191, 5000, 5000, round);
            writer.sack(round, round, none, none, 0, none, 0);
            writer.data(3, round, 1, 1, 51, payload, 0, 1000);
            assertTrue(packet.wrap(out, 0, writer.finish()) && packet.isChecksumRight());
            assertTrue(packet.next());
            assertTrue(packet.next() && data.wrap(packet));
        }
        final long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(bytes < 4096, "bytes allocated: " + bytes);
    }
}
