package org.chevet.relay.client.export;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.Rate;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsBlock;

/**
 * One stream as an EDF+ file (edfplus.info, "EDF+ specification"), written as it comes: one record is in memory. The
 * file is EDF+C, or EDF+D when a record was left out because none of its samples came. A stream of 24-bit samples
 * becomes BDF+ (teuniz.net, "BDF+"): the same file with three bytes per sample, {@code BDF+C} or {@code BDF+D}.
 *
 * <p>EDF has no sign for a missing sample and its records are of one length. Where only a part of a record has no
 * sample, its places hold the stream's missing value (or the lowest raw one), never a made-up one, and an annotation
 * {@code No data: <reason>} with onset and duration covers exactly them; the annotation decides, not the value. Samples
 * whose value is the stream's missing value while other channels have one are annotated {@code Missing: <channel>}.
 *
 * <p>Raw values are written unchanged, so only I16LE and I24LE streams are taken: neither format holds 32 bits, and
 * whether a stream's values happen to fit is not known before its end. Name, birth date, sex, date and place of the
 * recording are "X" by default: the file then holds no personal data but what the labels of the stream say.
 */
public final class EdfSink implements StreamSink {
    private static final int FIXED_HEADER = 256;
    private static final int SIGNAL_HEADER = 256;
    private static final int RECORD_COUNT_AT = 236;
    private static final int RESERVED_AT = 192;
    /** A multiple of both sample sizes. */
    private static final int ANNOTATION_BYTES = 480;
    /** Of up to three bytes each: with this, two annotations and the time stamp always fit into one record. */
    private static final int ANNOTATION_TEXT = 40;
    private static final int MAX_ANNOTATIONS = 4096;
    /** The specification asks for records of at most 61 440 bytes. */
    private static final int MAX_RECORD_BYTES = 61_440;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int FLAGS_TOLD = VitalsBlock.LEAD_OFF | VitalsBlock.LOW_QUALITY | VitalsBlock.CALIBRATION
        | VitalsBlock.OVERRANGE | VitalsBlock.TIME_UNCERTAIN;
    private static final String AFTER_THE_END = "No data: after the end";
    /** Byte 255 and the name of the maker who began it. */
    private static final byte[] BDF_VERSION = "\u00ffBIOSEMI".getBytes(StandardCharsets.ISO_8859_1);
    private static final String UNKNOWN_PERSON = "X X X X";
    private static final String UNKNOWN_RECORDING = "Startdate X X X X";
    /** The date that EDF+ software takes for "not said". */
    private static final LocalDateTime UNKNOWN_START = LocalDateTime.of(1985, 1, 1, 0, 0);

    private record Annotation(long fromSample, long toSample, String text) {
    }

    /** A run of blocks or samples that one annotation will tell. */
    private static final class Run {
        private final String text;
        private long from = -1;
        private long to;

        Run(final String text) {
            this.text = text;
        }
    }

    private final SeekableByteChannel out;
    private final StreamSpec spec;
    private final Rate rate;
    private final EdfRecordLength length;
    private final int channels;
    private final boolean bdf;
    private final int sampleBytes;
    private final int lowest;
    private final int absent;
    private final ByteBuffer samples;
    private final ByteBuffer record;
    private final ArrayDeque<Annotation> annotations = new ArrayDeque<>();
    private final Run[] flagRuns;
    private final Run[] missingRuns;
    private final Run noData = new Run("");
    private String noDataReason = "";
    private long origin = -1;
    private long segmentStart;
    private long segmentRecords;
    private long next;
    private int filled;
    private long records;
    private long left;
    private boolean discontinuous;
    private boolean closed;

    /**
     * Writes the header.
     *
     * @param out empty; closed with the sink
     * @param spec of format I16LE or I24LE and with a rate
     * @throws IOException also when the stream is of another format or has no rate, with a sentence that says so
     */
    public EdfSink(final SeekableByteChannel out, final StreamSpec spec) throws IOException {
        this(out, spec, UNKNOWN_PERSON, UNKNOWN_RECORDING, UNKNOWN_START);
    }

    /**
     * Writes the header with identification: personal data, if the caller gives any.
     *
     * @param patient "code sex birthdate name" as EDF+ asks, at most 80 ASCII characters
     * @param recording "Startdate dd-MMM-yyyy code technician equipment", at most 80 ASCII characters
     * @param start local time of the first sample; a fraction of a second is not written
     */
    public EdfSink(final SeekableByteChannel out, final StreamSpec spec, final String patient, final String recording,
        final LocalDateTime start) throws IOException {
        bdf = spec.sampleFormat() == SampleFormat.I24LE;
        if ((!bdf && spec.sampleFormat() != SampleFormat.I16LE) || spec.rateNumerator() == 0) {
            throw new IOException("EDF+ and BDF+ hold 16- and 24-bit samples with a rate; stream " + spec.name()
                + " is " + spec.sampleFormat() + " at " + spec.rateNumerator() + "/" + spec.rateDenominator() + " Hz");
        }
        if (spec.scale() == 0 || !Double.isFinite(spec.scale()) || !Double.isFinite(spec.zeroOffset())) {
            throw new IOException("stream " + spec.name() + " has no scale: " + spec.scale());
        }
        this.out = out;
        this.spec = spec;
        rate = new Rate(spec.rateNumerator(), spec.rateDenominator());
        channels = spec.channels().size();
        sampleBytes = spec.frameBytes() / channels;
        lowest = -1 << (8 * sampleBytes - 1);
        absent = (int) spec.missingValue().orElse(lowest);
        length = EdfRecordLength.of(rate, (MAX_RECORD_BYTES - ANNOTATION_BYTES) / (sampleBytes * channels));
        samples = ByteBuffer.allocate(length.samples() * channels * sampleBytes).order(ByteOrder.LITTLE_ENDIAN);
        record = ByteBuffer.allocate(samples.capacity() + ANNOTATION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        flagRuns = new Run[] {new Run("Lead off"), new Run("Low quality"), new Run("Calibration signal"),
            new Run("Over range"), new Run("Time uncertain")};
        missingRuns = spec.channels().stream().map(channel -> new Run("Missing: " + channel.label()))
            .toArray(Run[]::new);
        write(header(patient, recording, start));
    }

    /** Annotations there was no room for: none in a file that a person can still read. */
    public long annotationsLeftOut() {
        return left;
    }

    @Override
    public void block(final VitalsBlock block) throws IOException {
        begin(block.firstSample());
        if (block.firstSample() < next) {
            throw new IOException("stream " + spec.name() + ": sample " + block.firstSample() + " came after "
                + next);
        }
        if (block.firstSample() > next) {
            absence(block.firstSample(), "left out by the device");
        }
        if (block.isMissing()) {
            absence(block.firstSample() + block.sampleCount(), "the device had none");
            return;
        }
        if (block.payload().remaining() != block.sampleCount() * channels * sampleBytes) {
            throw new IOException("stream " + spec.name() + ": block " + block.sequence() + " has "
                + block.payload().remaining() + " bytes for " + block.sampleCount() + " samples");
        }
        noteFlags(block);
        final int at = block.payload().position();
        for (int i = 0; i < block.sampleCount(); i++) {
            frame(block.payload(), at + i * channels * sampleBytes);
        }
    }

    @Override
    public void gap(final long fromSample, final long toSample, final GapReason reason) throws IOException {
        if (origin >= 0 && toSample > next) {
            absence(toSample, reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
    }

    @Override
    public void clock(final long offsetNs, final long uncertaintyNs) {
        if (origin >= 0) {
            annotate(next, next, "Clock offset ns " + offsetNs + " +- " + uncertaintyNs);
        }
    }

    /** Completes the last record and the header. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (out) {
            for (final Run run : flagRuns) {
                end(run);
            }
            for (final Run run : missingRuns) {
                end(run);
            }
            endNoData();
            if (filled > 0) {
                annotate(next, next + length.samples() - filled, AFTER_THE_END);
                while (filled > 0) {
                    absentFrame();
                }
            }
            while (!annotations.isEmpty()) {
                // Annotations need records: of no data, and said to be.
                recordOfAnnotations();
            }
            write(text(records, 8), RECORD_COUNT_AT);
            write(text((bdf ? "BDF+" : "EDF+") + (discontinuous ? "D" : "C"), 44), RESERVED_AT);
        }
    }

    private void begin(final long firstSample) {
        if (origin < 0) {
            origin = firstSample;
            segmentStart = firstSample;
            next = firstSample;
            annotate(firstSample, firstSample, "Rate " + rate.numerator() + "/" + rate.denominator()
                + " Hz; first sample " + firstSample);
        }
    }

    private void frame(final ByteBuffer payload, final int at) throws IOException {
        if (noData.from >= 0) {
            endNoData();
        }
        for (int channel = 0; channel < channels; channel++) {
            final int value = sample(payload, at + channel * sampleBytes);
            put(channel * length.samples() + filled, value);
            final boolean missing = value == absent && spec.missingValue().isPresent();
            if (missing) {
                start(missingRuns[channel], next);
                missingRuns[channel].to = next + 1;
            } else {
                end(missingRuns[channel]);
            }
        }
        advance();
    }

    private void absence(final long toSample, final String reason) throws IOException {
        if (noData.from >= 0 && !noDataReason.equals(reason)) {
            endNoData();
        }
        if (noData.from < 0) {
            noData.from = next;
            noDataReason = reason;
        }
        for (final Run run : missingRuns) {
            end(run);
        }
        for (final Run run : flagRuns) {
            end(run);
        }
        noData.to = toSample;
        while (next < toSample && filled > 0) {
            absentFrame();
        }
        if (next < toSample) {
            // At the edge of a record: none is written for what is not there, and the next starts where data does.
            next = toSample;
            segmentStart = toSample;
            segmentRecords = 0;
            discontinuous = true;
        }
    }

    private void absentFrame() throws IOException {
        for (int channel = 0; channel < channels; channel++) {
            put(channel * length.samples() + filled, absent);
        }
        advance();
    }

    private int sample(final ByteBuffer payload, final int at) {
        final int low = payload.get(at) & 0xFF;
        return bdf ? low | (payload.get(at + 1) & 0xFF) << 8 | payload.get(at + 2) << 16
            : low | payload.get(at + 1) << 8;
    }

    private void put(final int index, final int value) {
        for (int i = 0; i < sampleBytes; i++) {
            samples.put(index * sampleBytes + i, (byte) (value >> (8 * i)));
        }
    }

    private void advance() throws IOException {
        next++;
        filled++;
        if (filled == length.samples()) {
            writeRecord();
        }
    }

    private void recordOfAnnotations() throws IOException {
        for (int i = 0; i < samples.capacity() / sampleBytes; i++) {
            put(i, absent);
        }
        annotations.addFirst(new Annotation(next, next + length.samples(), AFTER_THE_END));
        next += length.samples();
        writeRecord();
    }

    private void writeRecord() throws IOException {
        record.clear();
        record.put(samples.duplicate().clear());
        final BigDecimal onset = seconds(segmentStart - origin)
            .add(length.duration().multiply(BigDecimal.valueOf(segmentRecords)));
        record.put(ascii("+" + plain(onset) + "\u0014\u0014\0"));
        while (!annotations.isEmpty()) {
            final byte[] tal = tal(annotations.peek());
            if (tal.length > record.remaining()) {
                break;
            }
            record.put(tal);
            annotations.poll();
        }
        while (record.hasRemaining()) {
            record.put((byte) 0);
        }
        write(record.flip());
        records++;
        segmentRecords++;
        filled = 0;
    }

    private void noteFlags(final VitalsBlock block) {
        final int told = block.flags() & FLAGS_TOLD;
        final int[] bits = {VitalsBlock.LEAD_OFF, VitalsBlock.LOW_QUALITY, VitalsBlock.CALIBRATION,
            VitalsBlock.OVERRANGE, VitalsBlock.TIME_UNCERTAIN};
        for (int i = 0; i < bits.length; i++) {
            if ((told & bits[i]) == 0) {
                end(flagRuns[i]);
            } else {
                start(flagRuns[i], block.firstSample());
                flagRuns[i].to = block.firstSample() + block.sampleCount();
            }
        }
    }

    private static void start(final Run run, final long at) {
        if (run.from < 0) {
            run.from = at;
        }
    }

    private void end(final Run run) {
        if (run.from >= 0) {
            annotate(run.from, run.to, run.text);
            run.from = -1;
        }
    }

    private void endNoData() {
        if (noData.from >= 0) {
            annotate(noData.from, noData.to, "No data: " + noDataReason);
            noData.from = -1;
        }
    }

    private void annotate(final long from, final long to, final String text) {
        if (annotations.size() >= MAX_ANNOTATIONS) {
            left++;
        } else {
            annotations.add(new Annotation(from, to, text));
        }
    }

    private byte[] tal(final Annotation annotation) {
        final StringBuilder tal = new StringBuilder("+").append(plain(seconds(annotation.fromSample() - origin)));
        if (annotation.toSample() > annotation.fromSample()) {
            tal.append('\u0015').append(plain(seconds(annotation.toSample() - annotation.fromSample())));
        }
        final String text = annotation.text().replaceAll("\\p{Cntrl}", " ");
        tal.append('\u0014').append(text, 0, Math.min(text.length(), ANNOTATION_TEXT)).append("\u0014\0");
        return tal.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Exact to the nanosecond below; sample 0 of the file is 0. */
    private BigDecimal seconds(final long count) {
        return new BigDecimal(rate.timeOfNs(count)).divide(BigDecimal.valueOf(SECOND_NS));
    }

    private ByteBuffer header(final String patient, final String recording, final LocalDateTime start)
        throws IOException {
        final int signals = channels + 1;
        final ByteBuffer header = ByteBuffer.allocate(FIXED_HEADER + signals * SIGNAL_HEADER);
        header.put(bdf ? BDF_VERSION : text("0", 8)).put(text(patient, 80)).put(text(recording, 80));
        header.put(text(DateTimeFormatter.ofPattern("dd.MM.yy", Locale.ROOT).format(start), 8));
        header.put(text(DateTimeFormatter.ofPattern("HH.mm.ss", Locale.ROOT).format(start), 8));
        header.put(text(header.capacity(), 8)).put(text(bdf ? "BDF+C" : "EDF+C", 44)).put(text(-1, 8));
        header.put(text(plain(length.duration()), 8)).put(text(signals, 4));
        final List<StreamSpec.Channel> list = spec.channels();
        list.forEach(channel -> header.put(text(channel.label(), 16)));
        header.put(text(bdf ? "BDF Annotations" : "EDF Annotations", 16));
        list.forEach(channel -> header.put(text(spec.device(), 80)));
        header.put(text("", 80));
        list.forEach(channel -> header.put(text(channel.unit(), 8)));
        header.put(text("", 8));
        // A negative scale makes the physical minimum the larger one, as EDF+ allows.
        column(header, physical(lowest), "-1");
        column(header, physical(-1 - lowest), "1");
        column(header, Integer.toString(lowest), Integer.toString(lowest));
        column(header, Integer.toString(-1 - lowest), Integer.toString(-1 - lowest));
        for (int i = 0; i < signals; i++) {
            header.put(text("", 80));
        }
        column(header, Integer.toString(length.samples()), Integer.toString(ANNOTATION_BYTES / sampleBytes));
        for (int i = 0; i < signals; i++) {
            header.put(text("", 32));
        }
        return header.flip();
    }

    private void column(final ByteBuffer header, final String ofSignals, final String ofAnnotations) {
        for (int i = 0; i < channels; i++) {
            header.put(text(ofSignals, 8));
        }
        header.put(text(ofAnnotations, 8));
    }

    /** The most digits eight characters hold; raw values stay exact, physical ones are this near. */
    private String physical(final int raw) throws IOException {
        final BigDecimal value = BigDecimal.valueOf(spec.scale()).multiply(BigDecimal.valueOf(raw))
            .add(BigDecimal.valueOf(spec.zeroOffset()));
        for (int digits = 8; digits > 0; digits--) {
            final String text = plain(value.round(new MathContext(digits, RoundingMode.HALF_UP)));
            if (text.length() <= 8) {
                return text;
            }
        }
        throw new IOException("physical value " + value + " does not fit the eight characters of EDF");
    }

    private static String plain(final BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    private static byte[] text(final long value, final int width) {
        return text(Long.toString(value), width);
    }

    private static byte[] text(final String value, final int width) {
        final String printable = value.replaceAll("[^\\x20-\\x7e]", "?");
        final String cut = printable.length() > width ? printable.substring(0, width) : printable;
        return ascii(cut + " ".repeat(width - cut.length()));
    }

    private static byte[] ascii(final String value) {
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    private void write(final byte[] bytes, final long at) throws IOException {
        out.position(at);
        write(ByteBuffer.wrap(bytes));
    }

    private void write(final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
