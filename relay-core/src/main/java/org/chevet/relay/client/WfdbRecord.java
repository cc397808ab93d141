package org.chevet.relay.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A recording in PhysioNet's WFDB form (header specification: header(5) and signal(5) of the WFDB Applications
 * Guide): formats 16 and 212, byte offset, several samples per frame, skew. Immutable but for the arrays.
 *
 * @param name of the record
 * @param frameRate frames per second; a signal has {@code samplesPerFrame} times as many samples
 * @param signals in the order of the header
 */
public record WfdbRecord(String name, Rate frameRate, List<Signal> signals) {
    private static final int MAX_SIGNALS = 256;
    private static final double DEFAULT_GAIN = 200;
    private static final int MISSING_16 = -32768;
    private static final int MISSING_12 = -2048;
    private static final Pattern FORMAT = Pattern.compile("(\\d+)(?:x(\\d+))?(?::(\\d+))?(?:\\+(\\d+))?");
    private static final Pattern GAIN = Pattern.compile("([-+.0-9eE]+)(?:\\((-?\\d+)\\))?(?:/(\\S+))?");

    /** Copies the list. */
    public WfdbRecord {
        signals = List.copyOf(signals);
    }

    /** Where the bytes of a file named in a header come from. */
    @FunctionalInterface
    public interface Source {
        /** The whole file. */
        byte[] read(String file) throws IOException;
    }

    /**
     * One signal.
     *
     * @param label description in the header ("MLII"), or ""
     * @param unit as in the header ("mV", "mmHg"); mV when the header has none
     * @param rate samples per second
     * @param samplesPerFrame samples in each frame
     * @param format 16 or 212
     * @param gain raw units per physical unit
     * @param baseline raw value of physical 0
     * @param skewFrames frames by which the file has this signal late; already taken out of the samples
     * @param declaredChecksum of the header
     * @param computedChecksum sum of the samples as stored, modulo 65536
     * @param samples raw values; a missing one is {@link #missingValue()}
     */
    public record Signal(String label, String unit, Rate rate, int samplesPerFrame, int format, double gain,
        int baseline, int skewFrames, int declaredChecksum, int computedChecksum, Samples samples) {

        /** True when what was read sums up to what the header says. */
        public boolean checksumHolds() {
            return (declaredChecksum & 0xFFFF) == (computedChecksum & 0xFFFF);
        }

        /** The raw value that means missing: the lowest of the format. */
        public int missingValue() {
            return format == 212 ? MISSING_12 : MISSING_16;
        }

        /** Physical value of a sample. */
        public double physical(final int index) {
            return (samples.get(index) - (double) baseline) / gain;
        }
    }

    /** Raw samples of one signal. */
    public static final class Samples {
        private final short[] values;

        Samples(final short[] values) {
            this.values = values;
        }

        /** How many. */
        public int count() {
            return values.length;
        }

        /** One raw value. */
        public int get(final int index) {
            return values[index];
        }
    }

    /** Reads a record of one segment from a header file and the signal files beside it. */
    public static WfdbRecord read(final Path header) throws IOException {
        final Path folder = header.toAbsolutePath().getParent();
        return read(Files.readString(header, StandardCharsets.ISO_8859_1),
            file -> Files.readAllBytes(folder.resolve(file)));
    }

    /**
     * Reads a record of one segment.
     *
     * @throws IOException saying what in the header or the files is not understood
     */
    public static WfdbRecord read(final String header, final Source source) throws IOException {
        final List<String> lines = header.lines().map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
        require(!lines.isEmpty(), "the header is empty");
        final String[] first = lines.getFirst().split("\\s+", -1);
        require(first.length >= 2, "the record line has too few fields: " + lines.getFirst());
        require(!first[0].contains("/"), "record " + first[0] + " has several segments: read each by its own header");
        final int count = number(first[1], "number of signals");
        require(count > 0 && count <= MAX_SIGNALS && lines.size() > count, "the header lacks signal lines");
        final String decimal = first.length > 2 ? first[2].split("[/(]", 2)[0] : "250";
        final Rate frameRate = rate(decimal);
        final int frames = first.length > 3 ? number(first[3], "number of frames") : 0;
        final List<Line> signals = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            signals.add(Line.parse(lines.get(i)));
        }
        final Map<String, List<Line>> files = new LinkedHashMap<>();
        signals.forEach(line -> files.computeIfAbsent(line.file, name -> new ArrayList<>()).add(line));
        for (final Map.Entry<String, List<Line>> file : files.entrySet()) {
            decode(source.read(file.getKey()), file.getKey(), file.getValue(), frames);
        }
        return new WfdbRecord(first[0], frameRate, signals.stream().map(line -> line.signal(frameRate)).toList());
    }

    /** True when every signal's checksum holds. */
    public boolean checksumsHold() {
        return signals.stream().allMatch(Signal::checksumHolds);
    }

    private static void decode(final byte[] bytes, final String file, final List<Line> lines, final int declaredFrames)
        throws IOException {
        final Line any = lines.getFirst();
        int perFrame = 0;
        for (final Line line : lines) {
            require(line.format == any.format && line.byteOffset == any.byteOffset,
                file + ": signals of one file have one format and offset");
            perFrame += line.samplesPerFrame;
        }
        require(any.byteOffset <= bytes.length, file + " is shorter than its byte offset");
        final int available = any.format == 16 ? (bytes.length - any.byteOffset) / 2
            : (bytes.length - any.byteOffset) / 3 * 2 + ((bytes.length - any.byteOffset) % 3 == 2 ? 1 : 0);
        final int frames = declaredFrames == 0 ? available / perFrame : declaredFrames;
        require((long) frames * perFrame <= available,
            file + " holds " + available + " samples, the header says " + (long) frames * perFrame);
        for (final Line line : lines) {
            line.samples = new short[frames * line.samplesPerFrame];
        }
        int at = 0;
        for (int frame = 0; frame < frames; frame++) {
            for (final Line line : lines) {
                for (int i = 0; i < line.samplesPerFrame; i++) {
                    final short value = any.format == 16 ? sample16(bytes, any.byteOffset, at)
                        : sample212(bytes, any.byteOffset, at);
                    line.samples[frame * line.samplesPerFrame + i] = value;
                    line.sum += value;
                    at++;
                }
            }
        }
    }

    private static short sample16(final byte[] bytes, final int from, final int index) {
        final int at = from + 2 * index;
        return (short) ((bytes[at] & 0xFF) | (bytes[at + 1] << 8));
    }

    /** Three bytes hold two samples of 12 bits, two's complement: low byte, nibbles (second, first), low byte. */
    private static short sample212(final byte[] bytes, final int from, final int index) {
        final int at = from + index / 2 * 3;
        final int nibbles = bytes[at + 1] & 0xFF;
        final int raw = (index & 1) == 0 ? (bytes[at] & 0xFF) | (nibbles & 0x0F) << 8
            : (bytes[at + 2] & 0xFF) | (nibbles & 0xF0) << 4;
        return (short) (raw << 20 >> 20);
    }

    private static Rate rate(final String decimal) throws IOException {
        try {
            return Rate.parse(decimal);
        } catch (final IllegalArgumentException | ArithmeticException bad) {
            throw new IOException("not a sampling frequency: " + decimal, bad);
        }
    }

    private static int number(final String text, final String what) throws IOException {
        try {
            return Integer.parseInt(text);
        } catch (final NumberFormatException bad) {
            throw new IOException(what + " is not a number: " + text, bad);
        }
    }

    private static void require(final boolean holds, final String text) throws IOException {
        if (!holds) {
            throw new IOException(text);
        }
    }

    /** A signal line while its file is being read. */
    private static final class Line {
        private final String file;
        private final int format;
        private final int samplesPerFrame;
        private final int skew;
        private final int byteOffset;
        private final double gain;
        private final int baseline;
        private final String unit;
        private final int checksum;
        private final String label;
        private short[] samples = new short[0];
        private int sum;

        private Line(final String file, final Matcher format, final Matcher gain, final String[] fields,
            final String label) throws IOException {
            this.file = file;
            this.format = number(format.group(1), "format");
            samplesPerFrame = format.group(2) == null ? 1 : number(format.group(2), "samples per frame");
            skew = format.group(3) == null ? 0 : number(format.group(3), "skew");
            byteOffset = format.group(4) == null ? 0 : number(format.group(4), "byte offset");
            require(this.format == 16 || this.format == 212, "format " + this.format + " of " + file
                + " is not read here: 16 and 212 are");
            require(samplesPerFrame > 0, "samples per frame of " + file);
            final double written = Double.parseDouble(gain.group(1));
            this.gain = written == 0 ? DEFAULT_GAIN : written;
            final int adcZero = fields.length > 4 ? number(fields[4], "ADC zero") : 0;
            baseline = gain.group(2) == null ? adcZero : number(gain.group(2), "baseline");
            unit = gain.group(3) == null ? "mV" : gain.group(3);
            checksum = fields.length > 6 ? number(fields[6], "checksum") : 0;
            this.label = label;
        }

        static Line parse(final String line) throws IOException {
            final String[] fields = line.split("\\s+", 9);
            require(fields.length >= 2, "the signal line has too few fields: " + line);
            final Matcher format = FORMAT.matcher(fields[1]);
            require(format.matches(), "not a format: " + fields[1]);
            final Matcher gain = GAIN.matcher(fields.length > 2 ? fields[2] : "0");
            require(gain.matches(), "not a gain: " + fields[2]);
            return new Line(fields[0], format, gain, fields, fields.length > 8 ? fields[8].strip() : "");
        }

        Signal signal(final Rate frameRate) {
            return new Signal(label, unit, frameRate.times(samplesPerFrame), samplesPerFrame, format, gain, baseline,
                skew, checksum, sum, new Samples(withoutSkew()));
        }

        /** The file has the signal {@code skew} frames late: shift it back, what would follow is missing. */
        private short[] withoutSkew() {
            if (skew == 0) {
                return samples;
            }
            final int shift = Math.min(samples.length, skew * samplesPerFrame);
            final short[] shifted = new short[samples.length];
            System.arraycopy(samples, shift, shifted, 0, samples.length - shift);
            java.util.Arrays.fill(shifted, samples.length - shift, samples.length,
                (short) (format == 212 ? MISSING_12 : MISSING_16));
            return shifted;
        }
    }
}
