package org.chevet.relay.route;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.u16;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.relay.bwe.ClinicalClass;
import org.chevet.relay.bwe.SendSideControl;

/**
 * Writes the RTP header of a packet as one subscriber's section wants it (RFC 3550 section 5.1, RFC 8285): own SSRC,
 * numbers and payload type, and the extensions this section agreed to, under its ids. CSRCs and padding are left out.
 *
 * <p>mid goes on every packet until the subscriber's first receiver report shows that it has heard the SSRC
 * (RFC 8843 section 9.2.1). Lane thread only.
 */
final class HeaderPlan {
    /** Taken over from the publisher as they are, when both sides agreed to them. */
    private static final HeaderExtension[] COPIED = {
        HeaderExtension.AUDIO_LEVEL, HeaderExtension.VIDEO_ORIENTATION, HeaderExtension.PLAYOUT_DELAY,
        HeaderExtension.VIDEO_CONTENT_TYPE, HeaderExtension.VIDEO_TIMING, HeaderExtension.COLOR_SPACE,
        HeaderExtension.ABS_CAPTURE_TIME};
    private static final int FRAME_NUMBER_AT = 1;
    private static final int MIN_DESCRIPTOR = 3;
    private static final int MAX_DESCRIPTOR = 255;
    /** 6.18 fixed point seconds in 24 bits. */
    private static final int ABS_SEND_TIME_FRACTION = 18;

    private static final int LAST_ONE_BYTE_ID = 14;
    private static final long VERSION = 0x8000_0000L;
    private static final long VERSION_AND_EXTENSION = 0x9000_0000L;
    private static final long MARKER = 0x0080_0000L;
    private static final long ONE_BYTE_PROFILE = 0xBEDE_0000L;
    /** What a header with extensions of its own is taken for, before it is written. */
    private static final int USUAL_LENGTH = 40;

    private final UnsafeBuffer mid;
    /** Those of {@link #COPIED} that were agreed, and their ids. */
    private final HeaderExtension[] copied;
    private final int[] copiedIds;
    private final int midId;
    private final int sendTimeId;
    private final int transportId;
    private final int descriptorId;
    private final boolean twoByte;
    private final boolean plainFits;
    private final int plainLength;
    private final int sendTimeElement;
    private final int transportElement;
    /** Shared by all sections of the consultation, so that it stays in the cache. */
    private final RtpHeaderWriter writer;
    private final UnsafeBuffer descriptor = new UnsafeBuffer(new byte[MAX_DESCRIPTOR]);

    HeaderPlan(final NegotiatedSection section, final RtpHeaderWriter writer) {
        this.writer = writer;
        mid = new UnsafeBuffer(section.mid().getBytes(StandardCharsets.UTF_8));
        twoByte = section.extmapAllowMixed();
        copied = Arrays.stream(COPIED).filter(extension -> id(section, extension) > 0)
            .toArray(HeaderExtension[]::new);
        copiedIds = Arrays.stream(copied).mapToInt(extension -> id(section, extension)).toArray();
        midId = id(section, HeaderExtension.MID);
        sendTimeId = id(section, HeaderExtension.ABS_SEND_TIME);
        transportId = id(section, HeaderExtension.TRANSPORT_CC);
        plainFits = sendTimeId <= LAST_ONE_BYTE_ID && transportId <= LAST_ONE_BYTE_ID;
        final int words = (sendTimeId > 0 ? 1 : 0) + (transportId > 0 ? 1 : 0);
        plainLength = RtpHeader.MIN_LENGTH + (words == 0 ? 0 : (words + 1) * Integer.BYTES);
        sendTimeElement = ((sendTimeId << 4) | 2) << 24;
        transportElement = ((transportId << 4) | 1) << 24;
        // Key frames carry descriptors of more than 16 bytes: without two-byte headers they would start with a hole.
        descriptorId = twoByte ? id(section, HeaderExtension.DEPENDENCY_DESCRIPTOR) : 0;
    }

    private static int id(final NegotiatedSection section, final HeaderExtension extension) {
        return section.extensions().getOrDefault(extension, 0);
    }

    /**
     * Writes the header.
     *
     * @return its length, or 0 when it does not fit the capacity
     */
    int write(final MutableDirectBuffer out, final int offset, final int capacity, final Packet packet,
        final Subscription subscription, final boolean rtx, final long sequence, final int timestamp,
        final long nowNs) {
        if (transportId == 0 && subscription.section.ccfb()) {
            subscription.nextTransportNumber(cost(plainLength + subscription.lengthOf(packet)), nowNs);
        } else if (transportId == 0) {
            subscription.subscriber.control
                .onSentWithoutNumber(cost(plainLength + subscription.lengthOf(packet)), nowNs);
        }
        final boolean withMid = midId > 0 && !(rtx ? subscription.rtxMidConfirmed : subscription.midConfirmed);
        final int length = !withMid && isPlain(packet)
            ? writePlain(out, offset, capacity, packet, subscription, rtx, sequence, timestamp, nowNs)
            : writeAny(out, offset, capacity, packet, subscription, rtx, withMid, sequence, timestamp, nowNs);
        subscription.numbers.note(rtx, sequence, subscription.transportNumber());
        return length;
    }

    /** True when the packet has nothing of its own to carry over: nearly all packets of a running stream. */
    private boolean isPlain(final Packet packet) {
        if (!plainFits || (descriptorId > 0 && packet.has(HeaderExtension.DEPENDENCY_DESCRIPTOR))) {
            return false;
        }
        for (final HeaderExtension extension : copied) {
            if (packet.has(extension)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The header with what every packet gets, in whole words (one-byte extensions, RFC 8285 section 4.2).
     *
     * <pre>
     *  V=2 X M PT  sequence | timestamp | SSRC | BE DE words | id,2 send time (24) | id,1 transport number (16), 0
     * </pre>
     */
    private int writePlain(final MutableDirectBuffer out, final int offset, final int capacity, final Packet packet,
        final Subscription subscription, final boolean rtx, final long sequence, final int timestamp,
        final long nowNs) {
        if (plainLength > capacity) {
            return 0;
        }
        final NegotiatedSection section = subscription.section;
        final int payloadType = subscription.payloadType(packet.payloadType(), rtx);
        put32(out, offset, (plainLength > RtpHeader.MIN_LENGTH ? VERSION_AND_EXTENSION : VERSION)
            | (subscription.isLastOfPicture() ? MARKER : 0)
            | ((payloadType & 0x7F) << Short.SIZE) | (sequence & 0xFFFF));
        put32(out, offset + 4, timestamp);
        put32(out, offset + 8, rtx ? section.localRtxSsrc() : section.localSsrc());
        int at = offset + RtpHeader.MIN_LENGTH;
        if (plainLength > RtpHeader.MIN_LENGTH) {
            put32(out, at, ONE_BYTE_PROFILE | ((plainLength - RtpHeader.MIN_LENGTH) / Integer.BYTES - 1));
            at += Integer.BYTES;
        }
        if (sendTimeId > 0) {
            put32(out, at, sendTimeElement | absSendTime(nowNs));
            at += Integer.BYTES;
        }
        if (transportId > 0) {
            put32(out, at, transportElement | (subscription.nextTransportNumber(
                cost(plainLength + subscription.lengthOf(packet)), nowNs) << Byte.SIZE));
        }
        return plainLength;
    }

    private int writeAny(final MutableDirectBuffer out, final int offset, final int capacity, final Packet packet,
        final Subscription subscription, final boolean rtx, final boolean withMid, final long sequence,
        final int timestamp, final long nowNs) {
        final NegotiatedSection section = subscription.section;
        writer.begin(twoByte).marker(subscription.isLastOfPicture())
            .payloadType(subscription.payloadType(packet.payloadType(), rtx))
            .sequence((int) sequence).timestamp(timestamp)
            .ssrc(rtx ? section.localRtxSsrc() : section.localSsrc());
        if (withMid) {
            writer.extension(midId, mid, 0, mid.capacity());
        }
        if (sendTimeId > 0) {
            writer.extension24(sendTimeId, absSendTime(nowNs));
        }
        for (int i = 0; i < copied.length; i++) {
            if (packet.has(copied[i])) {
                writer.extension(copiedIds[i], packet.buffer(), packet.extensionOffset(copied[i]),
                    packet.extensionLength(copied[i]));
            }
        }
        if (descriptorId > 0 && packet.has(HeaderExtension.DEPENDENCY_DESCRIPTOR)) {
            writeDescriptor(packet, subscription.rewriter);
        }
        if (transportId > 0) {
            final int bytes = cost(USUAL_LENGTH + subscription.lengthOf(packet));
            writer.extension16(transportId, subscription.nextTransportNumber(bytes, nowNs));
        }
        return writer.write(out, offset, capacity);
    }

    /**
     * Writes the header of a packet of nothing but padding on the retransmission stream (RFC 3550 section 5.1): the
     * caller adds {@code paddingLength} bytes, the last of which is their number.
     *
     * @return its length, or 0 when it does not fit the capacity
     */
    int writePadding(final MutableDirectBuffer out, final int offset, final int capacity,
        final Subscription subscription, final int payloadType, final int paddingLength, final int sequence,
        final int timestamp, final long nowNs) {
        writer.begin(twoByte).padding(true).marker(false).payloadType(payloadType).sequence(sequence)
            .timestamp(timestamp).ssrc(subscription.section.localRtxSsrc());
        if (midId > 0 && !subscription.rtxMidConfirmed) {
            writer.extension(midId, mid, 0, mid.capacity());
        }
        if (sendTimeId > 0) {
            writer.extension24(sendTimeId, absSendTime(nowNs));
        }
        if (transportId > 0 || subscription.section.ccfb()) {
            final int number = subscription.nextPaddingNumber(sequence, cost(USUAL_LENGTH + paddingLength), nowNs);
            if (transportId > 0) {
                writer.extension16(transportId, number);
            }
        }
        return writer.write(out, offset, capacity);
    }

    /** What a packet costs on the wire. */
    private static int cost(final int bytes) {
        return bytes + SendSideControl.OVERHEAD_BYTES;
    }

    /** The frame number of a dependency descriptor must not step back when another layer takes over. */
    private void writeDescriptor(final Packet packet, final Rewriter rewriter) {
        final int at = packet.extensionOffset(HeaderExtension.DEPENDENCY_DESCRIPTOR);
        final int length = packet.extensionLength(HeaderExtension.DEPENDENCY_DESCRIPTOR);
        if (length < MIN_DESCRIPTOR) {
            return;
        }
        descriptor.putBytes(0, packet.buffer(), at, length);
        put16(descriptor, FRAME_NUMBER_AT, rewriter.frame(u16(packet.buffer(), at + FRAME_NUMBER_AT)));
        writer.extension(descriptorId, descriptor, 0, length);
    }

    private static int absSendTime(final long nowNs) {
        final long seconds = Math.floorDiv(nowNs, 1_000_000_000L);
        final long rest = Math.floorMod(nowNs, 1_000_000_000L);
        return (int) ((seconds << ABS_SEND_TIME_FRACTION)
            + (rest << ABS_SEND_TIME_FRACTION) / 1_000_000_000L) & 0xFF_FFFF;
    }
}
