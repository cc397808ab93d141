package org.chevet.relay.client.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chevet.codec.vitals.Mdc;
import org.chevet.codec.vitals.Ucum;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.Rate;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.WavFile;
import org.chevet.relay.client.WfdbRecord;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real recordings written to EDF+, WAV and FHIR, and read back: every sample, every gap. */
@Tag("REQ-O23")
class ExportTest {
    private static final int BLOCK = 50;

    @TempDir
    private Path folder;

    @Test
    void edfHoldsEverySampleAndSaysWhereThereIsNone() throws Exception {
        final Recording ecg = ecg();
        final int frames = ecg.frames();
        final Path file = folder.resolve("gap.edf");
        try (EdfSink sink = new EdfSink(create(file), ecg.spec())) {
            feed(sink, ecg, 0, 1150, VitalsBlock.LEAD_OFF);
            sink.gap(1150, 3200, GapReason.RING_OVERRUN);
            feed(sink, ecg, 3200, frames, 0);
        }
        final byte[] bytes = Files.readAllBytes(file);
        assertEquals("EDF+D", ascii(bytes, 192, 44));
        assertEquals("X X X X", ascii(bytes, 8, 80));
        final int signals = 13;
        final int perRecord = 500;
        final int header = 256 * (signals + 1);
        final int recordBytes = 12 * perRecord * 2 + 480;
        final int records = Integer.parseInt(ascii(bytes, 236, 8));
        assertEquals(header + records * recordBytes, bytes.length, "as long as the header says");
        final int[] first = {0, 500, 1000, 3200, 3700, 4200, 4700};
        assertEquals(first.length, records);
        final ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        final StringBuilder notes = new StringBuilder();
        for (int record = 0; record < records; record++) {
            final int at = header + record * recordBytes;
            for (int channel = 0; channel < 12; channel++) {
                for (int i = 0; i < perRecord; i++) {
                    final int frame = first[record] + i;
                    final boolean there = frame < 1150 || (frame >= 3200 && frame < frames);
                    assertEquals(there ? ecg.sample(frame, channel) : Short.MIN_VALUE,
                        in.getShort(at + (channel * perRecord + i) * 2), "frame " + frame + " of " + channel);
                }
            }
            final String text = new String(bytes, at + recordBytes - 480, 480, StandardCharsets.UTF_8);
            assertTrue(text.startsWith("+" + BigDecimal.valueOf(first[record]).divide(BigDecimal.valueOf(500))
                .stripTrailingZeros().toPlainString() + "\u0014\u0014\0"), text);
            notes.append(text);
        }
        assertTrue(notes.indexOf("+2.3\u00154.1\u0014No data: ring overrun\u0014") > 0, notes.toString());
        assertTrue(notes.indexOf("+0\u00152.3\u0014Lead off\u0014") > 0, notes.toString());
    }

    @Test
    void biosigReadsTheSamplesOfAnEdfFile() throws Exception {
        final Recording ecg = ecg();
        biosigReads(ecg.spec(), ecg, 1, "500.000000");
    }

    @Test
    void biosigReadsAHeartSoundAndARateThatIsNoWholeNumber() throws Exception {
        final Recording sound = heartSound();
        biosigReads(sound.spec(), sound, 1, "4000.000000");
        final Recording ecg = ecg();
        final StreamSpec odd = StreamSpec.of("odd", Kind.WAVEFORM, 24_989, 100, ecg.spec().channels());
        biosigReads(odd, ecg, 1, "249.890000");
    }

    @Test
    void biosigReadsTwentyFourBits() throws Exception {
        final Recording ecg = ecg();
        biosigReads(ecg.spec().withFormat(SampleFormat.I24LE, 1e-4, 0), ecg, 20, "500.000000");
    }

    @Test
    void edfRefusesThirtyTwoBits() throws IOException {
        final StreamSpec wide = ecg().spec().withFormat(SampleFormat.I32LE, 1e-6, 0);
        final IOException refusal = assertThrows(IOException.class,
            () -> new EdfSink(create(folder.resolve("wide.edf")), wide));
        assertTrue(refusal.getMessage().contains("24-bit"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("I32LE"), refusal.getMessage());
    }

    @Test
    void biosigKnowsWhenTheRecordsAfterAGapBegin() throws Exception {
        final Path biosig = biosig();
        final Recording ecg = ecg();
        final Path file = folder.resolve("hole.edf");
        try (EdfSink sink = new EdfSink(create(file), ecg.spec())) {
            feed(sink, ecg, 0, 1150, 0);
            sink.gap(1150, 3200, GapReason.RING_OVERRUN);
            feed(sink, ecg, 3200, ecg.frames(), 0);
        }
        final String said = run(biosig.toString(), "-JSON", file.toString());
        final Matcher segments = Pattern.compile("00:00:([0-9.]+)\",\\s*\"Description\"\\s*:\\s*\"start of a new")
            .matcher(said);
        final List<Double> begins = segments.results().map(one -> Double.valueOf(one.group(1))).sorted().toList();
        final double[] expected = {0, 1, 2, 6.4, 7.4, 8.4, 9.4};
        assertEquals(expected.length, begins.size(), said);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], begins.get(i), 1e-4, said);
        }
        assertTrue(said.contains("No data: ring overrun"), said);
        assertTrue(said.contains("\"DUR\"\t: 4.1"), said);
    }

    /** Each sample times {@code factor} written by the sink, and all of them as physical values that biosig reads. */
    private void biosigReads(final StreamSpec spec, final Recording from, final int factor, final String hz)
        throws Exception {
        final Path biosig = biosig();
        final Path file = folder.resolve(spec.name() + hz + ".edf");
        final int bytes = spec.frameBytes() / spec.channels().size();
        final int frames = from.frames() / BLOCK * BLOCK;
        try (EdfSink sink = new EdfSink(create(file), spec)) {
            feed(sink, from, 0, frames, 0, factor, bytes);
        }
        assertEquals(bytes == 3 ? "BDF+C" : "EDF+C", ascii(Files.readAllBytes(file), 192, 44));
        final String said = run(biosig.toString(), "-JSON", file.toString());
        assertTrue(said.contains("\"Samplingrate\"\t: " + hz), said);
        final Path text = folder.resolve(spec.name() + "-values");
        run(biosig.toString(), "-f=ASCII", file.toString(), text.toString());
        final byte[] header = Files.readAllBytes(file);
        final int signals = spec.channels().size() + 1;
        final double low = -(1 << (8 * bytes - 1));
        // Eight characters are all that the header has for these, and what every reader goes by.
        final double least = Double.parseDouble(ascii(header, 256 + signals * 104, 8));
        final double most = Double.parseDouble(ascii(header, 256 + signals * 112, 8));
        for (int channel = 0; channel < spec.channels().size(); channel++) {
            final List<String> lines = Files.readAllLines(Path.of(String.format(Locale.ROOT, "%s.a%02d", text,
                channel + 1)));
            assertTrue(lines.size() >= frames, lines.size() + " samples of channel " + channel);
            for (int frame = 0; frame < frames; frame++) {
                final int raw = from.sample(frame, channel) * factor;
                final double read = Double.parseDouble(lines.get(frame));
                final String where = "frame " + frame + " of channel " + channel;
                assertEquals(raw, Math.round(low + (read - least) / (most - least) * (-1 - 2 * low)), where);
                assertEquals(raw * spec.scale() + spec.zeroOffset(), read, (most - least) * 1e-6, where);
            }
        }
    }

    private static Path biosig() {
        final Path biosig = Path.of("/usr/bin/save2gdf");
        Assumptions.assumeTrue(Files.isExecutable(biosig), "skipped: biosig-tools (Debian) is not installed");
        return biosig;
    }

    @Test
    void recordsOfAnOddRateLastAsLongAsEightCharactersCanSay() {
        final Rate rate = Rate.parse("249.89");
        final EdfRecordLength length = EdfRecordLength.of(rate, 1000);
        assertTrue(length.duration().toPlainString().length() <= 8, length.toString());
        final double hz = length.samples() / length.duration().doubleValue();
        assertEquals(rate.hz(), hz, rate.hz() * 1e-8, length.toString());
        assertEquals(new EdfRecordLength(4000, BigDecimal.ONE), EdfRecordLength.of(new Rate(4000, 1), 30_000));
    }

    @Test
    void wavBeginsAFileAfterAGapAndSoxReadsEverySample() throws Exception {
        final Recording sound = heartSound();
        final int frames = sound.frames() / BLOCK * BLOCK;
        try (WavSink sink = new WavSink(sound.spec(), first -> create(folder.resolve(first + ".wav")))) {
            feed(sink, sound, 0, 4000, 0);
            sink.gap(4000, 6000, GapReason.PUBLISHER_LOST);
            feed(sink, sound, 6000, frames, 0);
        }
        final WavFile before = WavFile.parse(Files.readAllBytes(folder.resolve("0.wav")));
        final WavFile after = WavFile.parse(Files.readAllBytes(folder.resolve("6000.wav")));
        assertEquals(4000, before.frames());
        assertEquals(frames - 6000, after.frames());
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/sox")), "skipped: sox (Debian) is not installed");
        assertEquals("4000", run("/usr/bin/sox", "--i", "-r", folder.resolve("6000.wav").toString()).strip());
        final Path raw = folder.resolve("6000.raw");
        run("/usr/bin/sox", folder.resolve("6000.wav").toString(), "-t", "raw", "-e", "signed", "-b", "16", "-L",
            raw.toString());
        final ByteBuffer read = ByteBuffer.wrap(Files.readAllBytes(raw)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals((frames - 6000) * 2, read.remaining());
        for (int frame = 6000; frame < frames; frame++) {
            assertEquals(sound.sample(frame, 0), read.getShort((frame - 6000) * 2), "frame " + frame);
        }
    }

    @Test
    void wavRefusesARateThatIsNoWholeNumber() {
        final StreamSpec odd = StreamSpec.of("odd", Kind.DEVICE_AUDIO, 24_989, 100,
            List.of(new StreamSpec.Channel(0, "a", Ucum.ONE)));
        assertThrows(IOException.class, () -> new WavSink(odd, first -> create(folder.resolve("x.wav"))));
    }

    @Test
    void fhirCarriesTheSamplesAndTheHolesInBothVersions() throws Exception {
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 24_989, 100,
            List.of(new StreamSpec.Channel(Mdc.ECG_LEAD_II, "II", Ucum.MILLIVOLT))).withMissingValue(-1);
        final List<SampledWindow> windows = new ArrayList<>();
        try (FhirSink sink = new FhirSink(spec, 8, windows::add, ns -> Instant.ofEpochSecond(0, ns))) {
            sink.clock(2_000_000, 10);
            sink.block(block(0, 0, VitalsBlock.LOW_QUALITY, (short) 5, (short) -1, (short) 7));
            sink.gap(3, 5, GapReason.RING_OVERRUN);
            sink.block(block(1, 5, 0, (short) 9));
        }
        assertEquals(1, windows.size());
        assertEquals("5 E 7 E E 9", windows.getFirst().data().getFirst());
        final var parser4 = FhirContext.forR4().newJsonParser();
        final String json4 = parser4.encodeResourceToString(FhirR4.observation(windows.getFirst()));
        final var back4 = parser4.parseResource(org.hl7.fhir.r4.model.Observation.class, json4);
        assertEquals("5 E 7 E E 9", back4.getValueSampledData().getData());
        assertEquals(new BigDecimal("4.00176077474089"), back4.getValueSampledData().getPeriod());
        assertEquals("131330", back4.getCode().getCodingFirstRep().getCode());
        assertEquals("mV", back4.getValueSampledData().getOrigin().getCode());
        assertEquals(Instant.ofEpochMilli(2), back4.getEffectiveDateTimeType().getValue().toInstant());
        assertEquals(new BigDecimal(-32_768), back4.getValueSampledData().getLowerLimit());
        assertEquals(new BigDecimal(32_767), back4.getValueSampledData().getUpperLimit());
        final var parser5 = FhirContext.forR5().newJsonParser();
        final String json5 = parser5.encodeResourceToString(FhirR5.observation(windows.getFirst()));
        final var back5 = parser5.parseResource(org.hl7.fhir.r5.model.Observation.class, json5);
        assertEquals("5 E 7 E E 9", back5.getValueSampledData().getData());
        assertEquals(new BigDecimal("4.00176077474089"), back5.getValueSampledData().getInterval());
        assertEquals("ms", back5.getValueSampledData().getIntervalUnit());
        assertEquals(new BigDecimal(32_767), back5.getValueSampledData().getUpperLimit());
        assertEquals(1, back5.getNote().size());
    }

    @Test
    void fhirGivesEachValueOfACuffItsCodeOrSaysItIsAbsent() throws Exception {
        final StreamSpec cuff = StreamSpec.of("cuff", Kind.NUMERIC, 0, 1,
                List.of(new StreamSpec.Channel(Mdc.CUFF_SYSTOLIC, "sys", Ucum.MILLIMETRE_OF_MERCURY),
                    new StreamSpec.Channel(Mdc.CUFF_MEAN, "mean", Ucum.MILLIMETRE_OF_MERCURY)))
            .withMissingValue(0).withDescription(Mdc.CUFF, 0, "Cuff", "");
        final List<SampledWindow> windows = new ArrayList<>();
        try (FhirSink sink = new FhirSink(cuff, 1, windows::add, Instant::ofEpochMilli)) {
            final ByteBuffer payload = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 121)
                .putShort((short) 0).flip();
            sink.block(new VitalsBlock(0, 0, 1, 0, 0, payload));
        }
        final var observation = FhirR4.observation(windows.getFirst());
        assertEquals("150020", observation.getCode().getCodingFirstRep().getCode());
        assertEquals(0, new BigDecimal(121).compareTo(observation.getComponent().get(0).getValueQuantity()
            .getValue()));
        assertEquals("150021", observation.getComponent().get(0).getCode().getCodingFirstRep().getCode());
        assertEquals("unknown", observation.getComponent().get(1).getDataAbsentReason().getCodingFirstRep().getCode());
    }

    private static Recording ecg() throws IOException {
        final WfdbRecord record = WfdbRecord.read(
            new String(resource("HR06004.hea"), StandardCharsets.ISO_8859_1), ExportTest::resource);
        return Recording.ofWfdb(record, "ecg", "ECG", "").getFirst();
    }

    private static Recording heartSound() throws IOException {
        return Recording.ofHeartSound(WavFile.parse(resource("circor_40840_AV.wav")), "heart", "Heart", "");
    }

    private static void feed(final StreamSink sink, final Recording from, final int first, final int end,
        final int flags) throws IOException {
        feed(sink, from, first, end, flags, 1, 2);
    }

    private static void feed(final StreamSink sink, final Recording from, final int first, final int end,
        final int flags, final int factor, final int bytes) throws IOException {
        final int channels = from.spec().channels().size();
        for (int frame = first; frame < end; frame += BLOCK) {
            final ByteBuffer payload = ByteBuffer.allocate(BLOCK * channels * bytes);
            for (int i = 0; i < BLOCK * channels; i++) {
                final int value = from.sample(frame + i / channels, i % channels) * factor;
                for (int part = 0; part < bytes; part++) {
                    payload.put((byte) (value >> (8 * part)));
                }
            }
            sink.block(new VitalsBlock(frame / BLOCK, frame, BLOCK, Long.MIN_VALUE, flags, payload.flip()));
        }
    }

    private static VitalsBlock block(final long sequence, final long first, final int flags, final short... raw) {
        final ByteBuffer payload = ByteBuffer.allocate(raw.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        payload.asShortBuffer().put(raw);
        return new VitalsBlock(sequence, first, raw.length, 0, flags, payload);
    }

    private static byte[] resource(final String name) throws IOException {
        try (InputStream in = ExportTest.class.getResourceAsStream("/recordings/" + name)) {
            if (in == null) {
                throw new IOException("no test resource " + name);
            }
            return in.readAllBytes();
        }
    }

    private static SeekableByteChannel create(final Path file) throws IOException {
        return Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static String ascii(final byte[] bytes, final int at, final int length) {
        return new String(bytes, at, length, StandardCharsets.US_ASCII).strip();
    }

    private static String run(final String... command) throws Exception {
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "ends");
        assertEquals(0, process.exitValue(), said);
        return said;
    }
}
