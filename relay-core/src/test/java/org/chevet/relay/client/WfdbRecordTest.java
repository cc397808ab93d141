package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.chevet.codec.vitals.Mdc;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real recordings, by the checksums their makers wrote into the headers. */
class WfdbRecordTest {
    private static final Path SHARED = Path.of("..", "..", "shared", "data");

    static byte[] resource(final String name) throws IOException {
        try (InputStream in = WfdbRecordTest.class.getResourceAsStream("/recordings/" + name)) {
            if (in == null) {
                throw new IOException("no test resource " + name);
            }
            return in.readAllBytes();
        }
    }

    static WfdbRecord record(final String name) throws IOException {
        return WfdbRecord.read(new String(resource(name + ".hea"), StandardCharsets.ISO_8859_1),
            WfdbRecordTest::resource);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HR06004", "HR06000", "s0010_re", "100", "041s01", "041s02", "03700181"})
    @Tag("REQ-A3")
    void checksumOfEverySignalHolds(final String name) throws IOException {
        final WfdbRecord record = record(name);
        for (final WfdbRecord.Signal signal : record.signals()) {
            assertEquals(signal.declaredChecksum() & 0xFFFF, signal.computedChecksum() & 0xFFFF,
                name + " " + signal.label());
        }
        assertTrue(record.checksumsHold());
    }

    @Test
    void checksumsOfRecordsThatMayNotBeCopied() throws IOException {
        final Path header = SHARED.resolve("monitor/3975656n.hea");
        Assumptions.assumeTrue(Files.exists(header), "skipped: ../shared/data (ODbL recordings) is not there");
        final WfdbRecord record = WfdbRecord.read(header);
        assertTrue(record.checksumsHold());
        assertEquals(new Rate(1, 60), record.frameRate());
    }

    @Test
    void ratesGainsAndSkewAreAsTheHeaderSays() throws IOException {
        final WfdbRecord ecg = record("s0010_re");
        assertEquals(15, ecg.signals().size());
        assertEquals(new Rate(1000, 1), ecg.signals().getFirst().rate());
        assertEquals(-489 / 2000.0, ecg.signals().getFirst().physical(0));
        assertEquals(38400, ecg.signals().getLast().samples().count());
        final WfdbRecord monitor = record("03700181");
        assertEquals(new Rate(500, 1), monitor.signals().get(0).rate());
        assertEquals(new Rate(125, 1), monitor.signals().get(1).rate());
        assertEquals(-1605, monitor.signals().get(1).baseline());
        final WfdbRecord.Signal resp = monitor.signals().get(2);
        assertEquals(4, resp.skewFrames());
        assertEquals(75000, resp.samples().count());
        assertEquals(resp.missingValue(), resp.samples().get(74999), "what the skew leaves open is missing");
        assertTrue(resp.samples().get(74995) != resp.missingValue());
        final WfdbRecord mitdb = record("100");
        assertEquals(995, mitdb.signals().getFirst().samples().get(0), "the initial value of the header");
        assertEquals(1024, mitdb.signals().getFirst().baseline(), "no baseline: the ADC zero");
    }

    @Test
    void leadIiIsLeadIPlusLeadIii() throws IOException {
        final WfdbRecord record = record("HR06004");
        for (int i = 0; i < 5000; i++) {
            final int difference = record.signals().get(1).samples().get(i) - record.signals().get(0).samples().get(i)
                - record.signals().get(2).samples().get(i);
            assertTrue(Math.abs(difference) <= 1, "frame " + i);
        }
    }

    @Test
    void aFlippedBitShowsInTheChecksum() throws IOException {
        final WfdbRecord record = WfdbRecord.read(
            new String(resource("HR06004.hea"), StandardCharsets.ISO_8859_1), file -> {
                final byte[] bytes = resource(file);
                bytes[24 + 1000] ^= 1;
                return bytes;
            });
        assertFalse(record.checksumsHold());
    }

    @Test
    void twelveLeadsAreOneStreamWithTheirCodes() throws IOException {
        final List<Recording> streams = Recording.ofWfdb(record("HR06004"), "ecg", "ECG", "test");
        assertEquals(1, streams.size());
        final StreamSpec spec = streams.getFirst().spec();
        assertEquals(12, spec.channels().size());
        assertEquals(new StreamSpec.Channel(Mdc.ECG_LEAD_AVR, "aVR", "mV"), spec.channels().get(3));
        assertEquals(0.001, spec.scale());
        assertEquals(5000, streams.getFirst().frames());
        assertEquals(7, Recording.ofWfdb(record("041s01"), "m", "Monitor", "t").stream()
            .mapToInt(stream -> stream.spec().channels().size()).sum());
    }

    @Test
    void decimalRatesAreExactRationals() {
        assertEquals(new Rate(24989, 100), Rate.parse("249.89"));
        assertEquals(new Rate(24989, 100), Rate.parse("62.4725").times(4));
        assertEquals(new Rate(24989, 200), Rate.parse("124.945"));
        assertEquals(new Rate(1, 60), Rate.parse("0.0166666666667"));
        assertEquals(new Rate(360, 1), Rate.parse("360"));
        assertEquals(new Rate(1000, 1), Rate.parse("1e3"));
        assertThrows(IllegalArgumentException.class, () -> Rate.parse("-1"));
        assertEquals(100_000_000_000L, Rate.parse("249.89").timeOfNs(24_989));
        assertEquals(31_536_000_000_000_000L, Rate.parse("249.89").timeOfNs(24_989L * 315_360), "a year, exactly");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "r 1 360 10", "r 1 360 10\nx.dat 8 200 11 1024 0 0 0 I",
        "r 1 abc 10\nx.dat 16 200", "r 1 360 10\nx.dat 16+99 200", "r 1 360 99\nx.dat 16 200",
        "r/2 1 360 10\nx 10", "r 1 360 10\nx.dat 16 (5)", "r 99999 360 10", "r 1 360 10\nx.dat 16x0 200"})
    void badHeadersSayWhatIsWrong(final String header) {
        final IOException refusal = assertThrows(IOException.class,
            () -> WfdbRecord.read(header, file -> new byte[20]));
        assertFalse(String.valueOf(refusal.getMessage()).isEmpty());
    }

    @Test
    void heartSoundIsReadFromWav() throws IOException {
        final WavFile file = WavFile.parse(resource("circor_40840_AV.wav"));
        assertEquals(4000, file.rateHz());
        assertEquals(1, file.channels());
        assertTrue(file.frames() > 80_000);
        final Recording sound = Recording.ofHeartSound(file, "heart", "Aortic", "test");
        assertEquals(file.samples()[4321], sound.sample(4321, 0));
        assertThrows(IOException.class, () -> WavFile.parse(new byte[100]));
        assertThrows(IOException.class, () -> WavFile.parse(new byte[3]));
        final byte[] cut = java.util.Arrays.copyOf(resource("circor_40840_AV.wav"), 40);
        assertThrows(IOException.class, () -> WavFile.parse(cut));
    }
}
