package org.chevet.relay.vitals;

import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.vitals.SampleFormats;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.OpenStreamDecoder;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.codec.vitals.sbe.StreamAnnouncedEncoder;
import org.chevet.codec.vitals.sbe.YesNo;

/**
 * What OpenStream says about a stream that does not change while it lives. Two definitions are equal when a resumed
 * stream may go on with the other.
 */
record StreamDefinition(String name, Kind kind, ClinicalClass clinicalClass, SampleFormat sampleFormat,
    long rateNumerator, long rateDenominator, double scale, double zeroOffset, YesNo hasMissingValue,
    long missingValue, long mdcCode, long bodySite, long keyId, long staleAfterMs, AckMode ackMode,
    List<Channel> channels, String label, String device) {

    /** One channel of a block. */
    record Channel(long mdc, String label, String unit) {
    }

    StreamDefinition {
        channels = List.copyOf(channels);
    }

    /** Reads a checked message; the decoder is at its start and is at its end after. */
    static StreamDefinition read(final OpenStreamDecoder in) {
        final List<Channel> channels = new ArrayList<>();
        for (final OpenStreamDecoder.ChannelsDecoder channel : in.channels()) {
            channels.add(new Channel(channel.mdc(), channel.label(), channel.unit()));
        }
        final String name = in.name();
        final String label = in.label();
        final String device = in.device();
        return new StreamDefinition(name, in.kind(), in.clinicalClass(), in.sampleFormat(), in.rateNumerator(),
            in.rateDenominator(), in.scale(), in.zeroOffset(), in.hasMissingValue(), in.missingValue(),
            in.mdcCode(), in.bodySite(), in.keyId(), in.staleAfterMs(), in.ackMode(), channels, label, device);
    }

    /** Writes everything of the definition, participant included, into a message whose header is applied. */
    void write(final StreamAnnouncedEncoder out, final String participant) {
        out.rateNumerator(rateNumerator).scale(scale).zeroOffset(zeroOffset).missingValue(missingValue)
            .rateDenominator(rateDenominator).mdcCode(mdcCode).bodySite(bodySite).keyId(keyId)
            .staleAfterMs(staleAfterMs).kind(kind).clinicalClass(clinicalClass).sampleFormat(sampleFormat)
            .hasMissingValue(hasMissingValue);
        final StreamAnnouncedEncoder.ChannelsEncoder group = out.channelsCount(channels.size());
        for (final Channel channel : channels) {
            group.next().mdc(channel.mdc()).label(channel.label()).unit(channel.unit());
        }
        out.participant(participant).name(name).label(label).device(device);
    }

    /** Bytes a block of so many samples must have, or -1 when only the endpoints know. */
    long payloadLength(final long samples) {
        final int size = SampleFormats.bytesPerSample(sampleFormat);
        return size == 0 || keyId != 0 ? -1 : samples * size * channels.size();
    }

    boolean isPeriodic() {
        return rateNumerator != 0;
    }
}
