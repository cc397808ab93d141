package org.chevet.relay.client.export;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.chevet.codec.vitals.SampleFormats;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.Rate;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsBlock;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into windows for {@link FhirR4} and {@link FhirR5}: a waveform into windows of so many samples, a
 * numeric into one window per sample. A place without a sample is "E"; a window without any sample is not made. At
 * most one window is in memory.
 */
public final class FhirSink implements StreamSink {
    static final String ABSENT = "E";
    private static final int MOST_SAMPLES = 100_000;

    private final StreamSpec spec;
    private final Rate rate;
    private final int bytes;
    private final int windowSamples;
    private final Consumer<SampledWindow> windows;
    private final LongFunction<Instant> wallClock;
    private final StringBuilder[] data;
    private long first = -1;
    private long next = -1;
    private boolean any;
    private int flags;
    private @Nullable Instant start;
    private boolean clockKnown;
    private long offsetNs;

    /**
     * A sink.
     *
     * @param windowSamples samples per channel in a waveform's window, 1 to 100 000
     * @param windows takes each window as it is full, and the last one at the end
     * @param wallClock wall-clock time of a relay time in nanoseconds; asked once the publisher's clock is known
     */
    public FhirSink(final StreamSpec spec, final int windowSamples, final Consumer<SampledWindow> windows,
        final LongFunction<Instant> wallClock) throws IOException {
        bytes = SampleFormats.bytesPerSample(spec.sampleFormat());
        if (bytes == 0) {
            throw new IOException("stream " + spec.name() + " holds no numbers: " + spec.sampleFormat());
        }
        final boolean numeric = spec.kind() == Kind.NUMERIC || spec.rateNumerator() == 0;
        if (windowSamples < 1 || windowSamples > MOST_SAMPLES) {
            throw new IOException("a window has 1 to " + MOST_SAMPLES + " samples, not " + windowSamples);
        }
        this.spec = spec;
        this.windowSamples = numeric ? 1 : windowSamples;
        this.windows = windows;
        this.wallClock = wallClock;
        rate = new Rate(spec.rateNumerator(), spec.rateDenominator());
        data = new StringBuilder[spec.channels().size()];
        Arrays.setAll(data, i -> new StringBuilder());
    }

    @Override
    public void block(final VitalsBlock block) throws IOException {
        if (next >= 0 && block.firstSample() < next) {
            throw new IOException("stream " + spec.name() + ": sample " + block.firstSample() + " came after " + next);
        }
        absent(block.firstSample());
        if (block.isMissing()) {
            next = Math.max(next, block.firstSample());
            absent(block.firstSample() + block.sampleCount());
            return;
        }
        final ByteBuffer payload = block.payload();
        if (payload.remaining() != block.sampleCount() * bytes * data.length) {
            throw new IOException("stream " + spec.name() + ": block " + block.sequence() + " has "
                + payload.remaining() + " bytes for " + block.sampleCount() + " samples");
        }
        next = block.firstSample();
        for (int i = 0; i < block.sampleCount(); i++) {
            if (first < 0) {
                begin(block, i);
            }
            flags |= block.flags();
            for (int channel = 0; channel < data.length; channel++) {
                append(channel, text(payload, payload.position() + (i * data.length + channel) * bytes));
            }
            advance();
        }
    }

    @Override
    public void gap(final long fromSample, final long toSample, final GapReason reason) {
        absent(toSample);
    }

    @Override
    public void clock(final long newOffsetNs, final long uncertaintyNs) {
        offsetNs = newOffsetNs;
        clockKnown = true;
    }

    @Override
    public void close() {
        emit();
    }

    private void begin(final VitalsBlock block, final int index) {
        first = next;
        final boolean timed = clockKnown && block.deviceTimeNs() != Long.MIN_VALUE;
        final long after = rate.isAperiodic() ? 0 : rate.timeOfNs(index);
        start = timed ? wallClock.apply(block.deviceTimeNs() + offsetNs + after) : null;
    }

    /** Places without a sample up to here; a window that has not begun does not begin with them. */
    private void absent(final long toSample) {
        while (next >= 0 && next < toSample && first >= 0) {
            for (int channel = 0; channel < data.length; channel++) {
                append(channel, ABSENT);
            }
            advance();
        }
        if (next >= 0) {
            next = Math.max(next, toSample);
        }
    }

    private void append(final int channel, final String text) {
        if (!data[channel].isEmpty()) {
            data[channel].append(' ');
        }
        data[channel].append(text);
        any |= !text.equals(ABSENT);
    }

    private void advance() {
        next++;
        if (next - first >= windowSamples) {
            emit();
        }
    }

    private void emit() {
        if (first >= 0 && (any || windowSamples == 1)) {
            windows.accept(new SampledWindow(spec, first, (int) (next - first),
                Arrays.stream(data).map(StringBuilder::toString).toList(), start, flags));
        }
        for (final StringBuilder text : data) {
            text.setLength(0);
        }
        first = -1;
        any = false;
        flags = 0;
    }

    private String text(final ByteBuffer in, final int at) {
        return switch (spec.sampleFormat()) {
            case I16LE -> whole(in.getShort(at));
            case I24LE -> whole((in.get(at) & 0xFF) | (in.get(at + 1) & 0xFF) << 8 | in.get(at + 2) << 16);
            case I32LE -> whole(in.getInt(at));
            case F32LE -> real(in.getFloat(at), Float.toString(in.getFloat(at)));
            default -> real(in.getDouble(at), Double.toString(in.getDouble(at)));
        };
    }

    private String whole(final long raw) {
        return spec.missingValue().isPresent() && spec.missingValue().getAsLong() == raw ? ABSENT
            : Long.toString(raw);
    }

    private static String real(final double value, final String shortest) {
        return Double.isFinite(value) ? new BigDecimal(shortest).toPlainString() : ABSENT;
    }
}
