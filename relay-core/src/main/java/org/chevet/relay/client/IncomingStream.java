package org.chevet.relay.client;

import java.util.Locale;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.chevet.codec.payload.KeyFrames;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.sdp.Fmtp;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.Msid;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.codec.sdp.Ssrc;
import org.chevet.codec.sdp.SsrcGroup;
import org.chevet.codec.wire.NtpTime;
import org.chevet.codec.wire.SequenceUnwrapper;

/** One played track: counting, gaps, reports. Guarded by its player. */
final class IncomingStream {
    /** Packets behind the newest within which duplicates are told and gaps are repaired. */
    static final int WINDOW = 1024;

    private static final int REPAIR_TRIES = 8;
    private static final long REPAIR_NS = 60_000_000L;
    private static final int MAX_NACKS = 64;
    private static final int SEQUENCE_MASK = 0xFFFF;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final MediaSection section;
    private final TrackKind kind;
    private final Msid msid;
    private final boolean nack;
    private final int ssrc;
    private final int rtxSsrc;
    private final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
    private final long[] seen = new long[WINDOW];
    private final int[] tries = new int[WINDOW];
    private final long[] askNs = new long[WINDOW];
    private long first = -1;
    private long newest = -1;
    private long repairedTo;
    private long packets;
    private long bytes;
    private long frames;
    private long keyFrames;
    private long repaired;
    private long duplicates;
    private String codec = "";
    private boolean wantsKeyFrame = true;
    private long reportedExpected;
    private long reportedPackets;
    private double jitter;
    private int lastTransit;
    private int lastSr;
    private long lastSrNs;

    IncomingStream(final MediaSection section) {
        this.section = section;
        kind = section.media().equals("audio") ? TrackKind.AUDIO : TrackKind.VIDEO;
        msid = section.first(Msid.class).orElse(new Msid("-", ""));
        nack = section.payloadTypes().stream().anyMatch(type -> section.feedback(type, "nack"));
        final Optional<SsrcGroup> group = section.first(SsrcGroup.class).filter(line -> line.ssrcs().size() == 2);
        ssrc = group.map(line -> line.ssrcs().get(0))
            .orElse(section.first(Ssrc.class).map(Ssrc::ssrc).orElse(0));
        rtxSsrc = group.map(line -> line.ssrcs().get(1)).orElse(0);
    }

    boolean carries(final int source) {
        return source == ssrc;
    }

    boolean repairs(final int source) {
        return source == rtxSsrc && rtxSsrc != 0;
    }

    int ssrc() {
        return ssrc;
    }

    /** Counts a packet; false for a duplicate or one too old to tell. */
    boolean accept(final RtpHeader header, final int sequence, final DirectBuffer buffer, final int payload,
        final int length, final boolean isRepair, final int originalType, final long nowNs) {
        final long number = first < 0 || !isRepair ? unwrapper.unwrap(sequence) : unwrapper.peek(sequence);
        // Without RTX the very packet comes again: one that was asked for and came is a repair all the same.
        final boolean wasAsked = !isRepair && number >= first && number <= newest
            && tries[(int) (number % WINDOW)] > 0;
        if (first < 0) {
            first = number;
            newest = number - 1;
            repairedTo = number;
        }
        if (number < first || number <= newest - WINDOW || (number <= newest && isSeen(number))) {
            duplicates++;
            return false;
        }
        for (long missing = Math.max(newest + 1, number - WINDOW + 1); missing < number; missing++) {
            forget(missing, nowNs);
        }
        newest = Math.max(newest, number);
        seen[(int) (number % WINDOW)] = number + 1;
        packets++;
        bytes += length;
        repaired += isRepair || wasAsked ? 1 : 0;
        codec = section.rtpMap(originalType).map(RtpMap::encoding).orElse("");
        if (kind == TrackKind.AUDIO || header.marker()) {
            frames++;
        }
        if (kind == TrackKind.VIDEO && startsKeyFrame(buffer, payload, length)) {
            keyFrames++;
            wantsKeyFrame = false;
        }
        measureJitter(header.timestamp(), nowNs);
        return true;
    }

    private boolean isSeen(final long number) {
        return seen[(int) (number % WINDOW)] == number + 1;
    }

    private void forget(final long missing, final long nowNs) {
        final int slot = (int) (missing % WINDOW);
        seen[slot] = 0;
        tries[slot] = 0;
        askNs[slot] = nowNs;
    }

    private boolean startsKeyFrame(final DirectBuffer buffer, final int offset, final int length) {
        return switch (codec.toUpperCase(Locale.ROOT)) {
            case "VP8" -> KeyFrames.isVp8Start(buffer, offset, length);
            case "VP9" -> KeyFrames.isVp9Start(buffer, offset, length);
            case "H264" -> KeyFrames.isH264Start(buffer, offset, length);
            case "AV1" -> KeyFrames.isAv1Start(buffer, offset, length);
            default -> false;
        };
    }

    /** RFC 3550 section 6.4.1. */
    private void measureJitter(final int timestamp, final long nowNs) {
        final long clock = kind == TrackKind.AUDIO ? 48_000 : 90_000;
        final long arrival = nowNs / NS_PER_SECOND * clock + nowNs % NS_PER_SECOND * clock / NS_PER_SECOND;
        final int transit = (int) arrival - timestamp;
        if (packets > 1) {
            jitter += (Math.abs(transit - lastTransit) - jitter) / 16;
        }
        lastTransit = transit;
    }

    /** Payload type whose retransmissions have this one, or -1. */
    int repairedType(final int rtxType) {
        return Optional.of(Fmtp.parameter(section.fmtp(rtxType), "apt")).filter(apt -> !apt.isEmpty())
            .map(apt -> {
                try {
                    return Integer.parseInt(apt);
                } catch (final NumberFormatException notANumber) {
                    return -1;
                }
            }).orElse(-1);
    }

    void onSenderReport(final long ntp, final long nowNs) {
        lastSr = NtpTime.middle32(ntp);
        lastSrNs = nowNs;
    }

    /** Asks for what is missing and due; true when something was written. */
    boolean writeNacks(final RtcpWriter writer, final int sender, final long nowNs) {
        if (!nack || first < 0) {
            return false;
        }
        int asked = 0;
        repairedTo = Math.max(repairedTo, newest - WINDOW + 1);
        for (long number = repairedTo; number < newest && asked < MAX_NACKS; number++) {
            final int slot = (int) (number % WINDOW);
            if (isSeen(number) || tries[slot] >= REPAIR_TRIES) {
                if (number == repairedTo) {
                    repairedTo++;
                    wantsKeyFrame |= !isSeen(number);
                }
            } else if (nowNs >= askNs[slot] && writer.nack(sender, ssrc, (int) (number & SEQUENCE_MASK))) {
                tries[slot]++;
                askNs[slot] = nowNs + REPAIR_NS;
                asked++;
            }
        }
        return asked > 0;
    }

    /** True while video waits for a key frame to start, or to mend what stayed missing. */
    boolean wantsKeyFrame() {
        return kind == TrackKind.VIDEO && wantsKeyFrame && ssrc != 0;
    }

    void reportBlock(final RtcpWriter writer, final long nowNs) {
        if (first < 0) {
            return;
        }
        final long expected = newest - first + 1;
        final long expectedNow = expected - reportedExpected;
        final long lostNow = expectedNow - (packets - reportedPackets);
        final int fraction = expectedNow <= 0 || lostNow <= 0 ? 0 : (int) Math.min(255, lostNow * 256 / expectedNow);
        reportedExpected = expected;
        reportedPackets = packets;
        writer.reportBlock(ssrc, fraction, (int) (expected - packets), newest & 0xFFFF_FFFFL, (long) jitter, lastSr,
            lastSr == 0 ? 0 : NtpTime.nsToMiddle32(nowNs - lastSrNs));
    }

    ReceivedReport snapshot() {
        return new ReceivedReport(section.mid(), kind, codec, msid.stream(), msid.track(), packets, bytes, frames,
            keyFrames, first < 0 ? 0 : newest - first + 1 - packets, repaired, duplicates);
    }
}
