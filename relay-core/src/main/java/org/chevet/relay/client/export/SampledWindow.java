package org.chevet.relay.client.export;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.List;
import org.chevet.codec.vitals.SampleFormats;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.StreamSpec;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a stream as the text FHIR calls SampledDataDataType.
 *
 * @param spec of the stream
 * @param firstSample index of the first sample
 * @param samples per channel
 * @param data per channel: raw decimal values with single spaces between, "E" where there is none
 * @param start wall-clock time of the first sample, null = not known
 * @param flags bits of VitalsBlock that were set anywhere in it
 */
public record SampledWindow(StreamSpec spec, long firstSample, int samples, List<String> data,
    @Nullable Instant start, int flags) {
    private static final long SECOND_MS = 1000;
    private static final MathContext DIGITS = new MathContext(15);

    /** Copies the list. */
    public SampledWindow {
        data = List.copyOf(data);
    }

    /** Milliseconds between two samples, to 15 significant digits. */
    public BigDecimal periodMs() {
        return BigDecimal.valueOf(spec.rateDenominator()).multiply(BigDecimal.valueOf(SECOND_MS))
            .divide(BigDecimal.valueOf(spec.rateNumerator()), DIGITS);
    }

    /**
     * The lowest raw number the sample format has for a value, null for floating point. The device's own range may be
     * narrower: a stream does not say it.
     */
    public @Nullable BigDecimal lowerLimit() {
        return isWhole() ? BigDecimal.valueOf(-range() + (isMissing(-range()) ? 1 : 0)) : null;
    }

    /** The highest raw number the sample format has for a value, null for floating point. */
    public @Nullable BigDecimal upperLimit() {
        return isWhole() ? BigDecimal.valueOf(range() - 1 - (isMissing(range() - 1) ? 1 : 0)) : null;
    }

    private boolean isWhole() {
        return spec.sampleFormat() == SampleFormat.I16LE || spec.sampleFormat() == SampleFormat.I24LE
            || spec.sampleFormat() == SampleFormat.I32LE;
    }

    private long range() {
        return 1L << (8 * SampleFormats.bytesPerSample(spec.sampleFormat()) - 1);
    }

    private boolean isMissing(final long raw) {
        return spec.missingValue().isPresent() && spec.missingValue().getAsLong() == raw;
    }

    /** The physical value of a numeric's channel, or null when there is none. */
    @Nullable BigDecimal physical(final int channel) {
        final String raw = data.get(channel);
        return raw.equals(FhirSink.ABSENT) ? null : new BigDecimal(raw).multiply(BigDecimal.valueOf(spec.scale()))
            .add(BigDecimal.valueOf(spec.zeroOffset()));
    }
}
