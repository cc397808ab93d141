package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.chevet.codec.vitals.Mdc;
import org.chevet.codec.vitals.Ucum;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.SampleFormat;

/**
 * Int16 samples that can be replayed as one stream: what it is, and its frames, channels interleaved. Immutable.
 */
public final class Recording {
    private final StreamSpec spec;
    private final Rate rate;
    private final short[] samples;
    private final int channels;

    /**
     * A recording.
     *
     * @param spec of format I16LE and with a rate
     * @param interleaved the samples of all channels; not copied
     */
    public Recording(final StreamSpec spec, final short[] interleaved) {
        if (spec.sampleFormat() != SampleFormat.I16LE || spec.rateNumerator() == 0) {
            throw new IllegalArgumentException("a recording is I16LE and has a rate");
        }
        channels = spec.channels().size();
        if (interleaved.length == 0 || interleaved.length % channels != 0) {
            throw new IllegalArgumentException(interleaved.length + " samples are no whole frames of " + channels);
        }
        this.spec = spec;
        rate = new Rate(spec.rateNumerator(), spec.rateDenominator());
        samples = interleaved;
    }

    /**
     * The signals of a record as streams: neighbours of one rate, gain, baseline and unit share one, so that the
     * twelve leads of an ECG are one stream of twelve channels. ECG leads carry their MDC codes.
     *
     * @param name of the first stream; the others get "-2", "-3", ... behind it
     */
    public static List<Recording> ofWfdb(final WfdbRecord record, final String name, final String label,
        final String device) {
        final List<Recording> recordings = new ArrayList<>();
        int from = 0;
        while (from < record.signals().size()) {
            final WfdbRecord.Signal first = record.signals().get(from);
            int to = from + 1;
            while (to < record.signals().size() && isAlike(first, record.signals().get(to))) {
                to++;
            }
            final String streamName = recordings.isEmpty() ? name : name + "-" + (recordings.size() + 1);
            recordings.add(ofSignals(record.signals().subList(from, to), streamName, label, device));
            from = to;
        }
        return recordings;
    }

    /** Signals of one rate, gain, baseline and unit as one waveform stream. */
    public static Recording ofSignals(final List<WfdbRecord.Signal> signals, final String name, final String label,
        final String device) {
        final WfdbRecord.Signal first = signals.getFirst();
        final List<StreamSpec.Channel> channels = signals.stream()
            .map(signal -> new StreamSpec.Channel(mdcOf(signal.label()), signal.label(), ucumOf(signal.unit())))
            .toList();
        final StreamSpec spec = StreamSpec.of(name, Kind.WAVEFORM, first.rate().numerator(),
                first.rate().denominator(), channels)
            .withFormat(SampleFormat.I16LE, 1 / first.gain(), -first.baseline() / first.gain())
            .withMissingValue(first.missingValue())
            .withDescription(channels.getFirst().mdc(), 0, label, device);
        final int frames = first.samples().count();
        final short[] samples = new short[frames * signals.size()];
        for (int channel = 0; channel < signals.size(); channel++) {
            if (!isAlike(first, signals.get(channel))) {
                throw new IllegalArgumentException("signals of one stream share rate, gain, baseline and unit");
            }
            for (int i = 0; i < frames; i++) {
                samples[i * signals.size() + channel] = (short) signals.get(channel).samples().get(i);
            }
        }
        return new Recording(spec, samples);
    }

    /** Sound of a stethoscope as lossless device audio; raw 32768 is full scale, unit 1. */
    public static Recording ofHeartSound(final WavFile file, final String name, final String label,
        final String device) {
        final List<StreamSpec.Channel> channels = new ArrayList<>();
        for (int i = 0; i < file.channels(); i++) {
            channels.add(new StreamSpec.Channel(Mdc.PRIVATE_HEART_SOUND, label, Ucum.ONE));
        }
        final StreamSpec spec = StreamSpec.of(name, Kind.DEVICE_AUDIO, file.rateHz(), 1, channels)
            .withFormat(SampleFormat.I16LE, 1.0 / (1 << 15), 0)
            .withDescription(Mdc.PRIVATE_HEART_SOUND, 0, label, device);
        return new Recording(spec, file.samples());
    }

    /** Bare int16 little-endian samples, channels of the spec interleaved. */
    public static Recording ofI16le(final byte[] bytes, final StreamSpec spec) {
        final short[] samples = new short[bytes.length / 2];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return new Recording(spec, samples);
    }

    /** What the stream is. */
    public StreamSpec spec() {
        return spec;
    }

    /** Frames per second. */
    public Rate rate() {
        return rate;
    }

    /** Frames there are. */
    public int frames() {
        return samples.length / channels;
    }

    /** One raw sample. */
    public int sample(final int frame, final int channel) {
        return samples[frame * channels + channel];
    }

    /** True when every channel of the frame is missing. */
    boolean isMissing(final int frame) {
        if (spec.missingValue().isEmpty()) {
            return false;
        }
        final long missing = spec.missingValue().getAsLong();
        for (int channel = 0; channel < channels; channel++) {
            if (sample(frame, channel) != missing) {
                return false;
            }
        }
        return true;
    }

    /** The frames as a payload. */
    ByteBuffer payload(final int fromFrame, final int count) {
        final ByteBuffer payload = ByteBuffer.allocate(count * channels * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        payload.asShortBuffer().put(samples, fromFrame * channels, count * channels);
        return payload;
    }

    private static boolean isAlike(final WfdbRecord.Signal one, final WfdbRecord.Signal other) {
        return one.rate().equals(other.rate()) && one.gain() == other.gain() && one.baseline() == other.baseline()
            && one.unit().equals(other.unit()) && one.format() == other.format()
            && one.samples().count() == other.samples().count();
    }

    private static int mdcOf(final String label) {
        return switch (label.toUpperCase(Locale.ROOT)) {
            case "ABP" -> Mdc.ARTERIAL_PRESSURE_WAVE;
            case "PLETH" -> Mdc.PLETH;
            default -> Mdc.ofEcgLead(label);
        };
    }

    private static String ucumOf(final String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "mv" -> Ucum.MILLIVOLT;
            case "uv" -> Ucum.MICROVOLT;
            case "mmhg" -> Ucum.MILLIMETRE_OF_MERCURY;
            case "bpm", "pm" -> Ucum.PER_MINUTE;
            case "nu" -> Ucum.ONE;
            default -> unit;
        };
    }
}
