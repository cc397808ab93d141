package org.chevet.relay.client;

import java.util.List;
import java.util.OptionalLong;
import org.chevet.codec.vitals.SampleFormats;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.SampleFormat;

/**
 * What a stream is: everything OpenStream says that does not change while the stream lives. Immutable.
 *
 * @param name stable name, unique per participant, 1 to 64 bytes of UTF-8
 * @param kind what it is; rights are per kind
 * @param clinicalClass order of sending when a connection is slow
 * @param sampleFormat one sample of one channel
 * @param rateNumerator samples per second = numerator / denominator; 0 = aperiodic
 * @param rateDenominator at least 1
 * @param scale physical = raw * scale + zeroOffset
 * @param zeroOffset see scale
 * @param missingValue raw value that means absent, if there is one
 * @param mdcCode code of the whole stream, 0 = none
 * @param bodySite MDC body site, 0 = none
 * @param keyId end-to-end key, 0 = payload in the clear
 * @param staleAfterMs a value older than this is stale, 0 = not said
 * @param ackMode which acknowledgement lets the publisher forget
 * @param channels 1 to 64, interleaved in this order
 * @param label what people read
 * @param device maker and model
 */
public record StreamSpec(String name, Kind kind, ClinicalClass clinicalClass, SampleFormat sampleFormat,
    long rateNumerator, long rateDenominator, double scale, double zeroOffset, OptionalLong missingValue,
    int mdcCode, int bodySite, int keyId, int staleAfterMs, AckMode ackMode, List<Channel> channels, String label,
    String device) {

    /**
     * One channel of a block.
     *
     * @param mdc code, 0 = none
     * @param label what people read ("V1")
     * @param unit UCUM unit
     */
    public record Channel(int mdc, String label, String unit) {
    }

    /** Copies the list. */
    public StreamSpec {
        channels = List.copyOf(channels);
    }

    /** A stream of int16 with scale 1, acknowledged when held, of the class that goes with its kind. */
    public static StreamSpec of(final String name, final Kind kind, final long rateNumerator,
        final long rateDenominator, final List<Channel> channels) {
        final ClinicalClass clinicalClass = switch (kind) {
            case ALERT -> ClinicalClass.ALARM;
            case NUMERIC, EVENT -> ClinicalClass.NUMERICS;
            case WAVEFORM -> ClinicalClass.LIVE_WAVEFORM;
            case DEVICE_AUDIO -> ClinicalClass.AUSCULTATION;
            default -> ClinicalClass.BACKGROUND;
        };
        return new StreamSpec(name, kind, clinicalClass, SampleFormat.I16LE, rateNumerator, rateDenominator, 1, 0,
            OptionalLong.empty(), 0, 0, 0, 0, AckMode.HELD, channels, name, "");
    }

    /** A stream of alerts whose receivers hear within {@code silentAfterMs} (1 to 60000) that its link is lost. */
    public static StreamSpec alerts(final String name, final int silentAfterMs) {
        return of(name, Kind.ALERT, 0, 1, List.of(new Channel(0, "", ""))).withFormat(SampleFormat.UTF8, 1, 0)
            .withDelivery(silentAfterMs, AckMode.HELD);
    }

    /** A stream for one file; see {@link ObjectSender}. */
    public static StreamSpec object(final String name) {
        return of(name, Kind.OBJECT, 0, 1, List.of(new Channel(0, "", ""))).withFormat(SampleFormat.OPAQUE, 1, 0)
            .withDelivery(0, AckMode.DELIVERED);
    }

    /** The same with another format, scale and zero: physical = raw * scale + zeroOffset. */
    public StreamSpec withFormat(final SampleFormat format, final double newScale, final double newZeroOffset) {
        return new StreamSpec(name, kind, clinicalClass, format, rateNumerator, rateDenominator, newScale,
            newZeroOffset, missingValue, mdcCode, bodySite, keyId, staleAfterMs, ackMode, channels, label, device);
    }

    /** The same with a raw value that means absent. */
    public StreamSpec withMissingValue(final long raw) {
        return new StreamSpec(name, kind, clinicalClass, sampleFormat, rateNumerator, rateDenominator, scale,
            zeroOffset, OptionalLong.of(raw), mdcCode, bodySite, keyId, staleAfterMs, ackMode, channels, label,
            device);
    }

    /** The same with a code, a body site, a label and a device. */
    public StreamSpec withDescription(final int mdc, final int site, final String newLabel, final String newDevice) {
        return new StreamSpec(name, kind, clinicalClass, sampleFormat, rateNumerator, rateDenominator, scale,
            zeroOffset, missingValue, mdc, site, keyId, staleAfterMs, ackMode, channels, newLabel, newDevice);
    }

    /** The same with another staleness in milliseconds and acknowledgement mode. */
    public StreamSpec withDelivery(final int newStaleAfterMs, final AckMode newAckMode) {
        return new StreamSpec(name, kind, clinicalClass, sampleFormat, rateNumerator, rateDenominator, scale,
            zeroOffset, missingValue, mdcCode, bodySite, keyId, newStaleAfterMs, newAckMode, channels, label, device);
    }

    /** The same under another name. */
    public StreamSpec withName(final String newName) {
        return new StreamSpec(newName, kind, clinicalClass, sampleFormat, rateNumerator, rateDenominator, scale,
            zeroOffset, missingValue, mdcCode, bodySite, keyId, staleAfterMs, ackMode, channels, label, device);
    }

    /** The same with payloads sealed end to end (relay-core/docs/e2ee.md). */
    public StreamSpec encrypted() {
        return new StreamSpec(name, kind, clinicalClass, sampleFormat, rateNumerator, rateDenominator, scale,
            zeroOffset, missingValue, mdcCode, bodySite, SealedBlocks.KEY_ID, staleAfterMs, ackMode, channels, label,
            device);
    }

    /** Bytes of one sample of all channels; 0 when the format has no fixed size. */
    public int frameBytes() {
        return SampleFormats.bytesPerSample(sampleFormat) * channels.size();
    }
}
