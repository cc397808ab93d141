package org.chevet.codec;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.demux.Demux;
import org.chevet.codec.payload.DependencyDescriptor;
import org.chevet.codec.payload.DependencyTemplates;
import org.chevet.codec.payload.KeyFrames;
import org.chevet.codec.payload.Vp8Descriptor;
import org.chevet.codec.payload.Vp9Descriptor;
import org.chevet.codec.rtcp.Bye;
import org.chevet.codec.rtcp.FullIntraRequest;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.PictureLoss;
import org.chevet.codec.rtcp.ReceiverReport;
import org.chevet.codec.rtcp.Remb;
import org.chevet.codec.rtcp.ReportBlocks;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.SenderReport;
import org.chevet.codec.rtcp.SourceDescription;
import org.chevet.codec.rtcp.TransportFeedback;
import org.chevet.codec.rtp.Red;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.codec.rtp.Rtx;
import org.chevet.codec.stun.StunAttribute;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;

/** Gives the same bytes to every parser of the module and calls everything they offer, counting steps. */
final class EveryParser {
    private final Map<String, Integer> accepted = new HashMap<>();
    private final StunMessage stun = new StunMessage();
    private final StunIntegrity integrity = new StunIntegrity("secret".getBytes(StandardCharsets.US_ASCII));
    private final int[] unknown = new int[8];
    private final RtpHeader header = new RtpHeader();
    private final RtpExtensions extensions = new RtpExtensions();
    private final RtpHeaderWriter headerWriter = new RtpHeaderWriter();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
    private final Red red = new Red();
    private final RtcpCompound compound = new RtcpCompound();
    private final SenderReport senderReport = new SenderReport();
    private final ReceiverReport receiverReport = new ReceiverReport();
    private final SourceDescription description = new SourceDescription();
    private final Bye bye = new Bye();
    private final Nack nack = new Nack();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final FullIntraRequest fullIntraRequest = new FullIntraRequest();
    private final Remb remb = new Remb();
    private final TransportFeedback feedback = new TransportFeedback();
    private final Vp8Descriptor vp8 = new Vp8Descriptor();
    private final Vp9Descriptor vp9 = new Vp9Descriptor();
    private final DependencyDescriptor descriptor = new DependencyDescriptor();
    private final DependencyTemplates templates = new DependencyTemplates();
    private long sink;
    private int steps;
    private int maxSteps;

    EveryParser() {
        for (final String parser : new String[] {"stun", "rtp", "rtp plain", "extensions", "red", "rtcp", "SR", "RR",
            "SDES", "NACK", "PLI", "REMB", "TWCC", "vp8", "vp9", "dependency"}) {
            accepted.put(parser, 0);
        }
    }

    /** How often each parser said yes. */
    Map<String, Integer> accepted() {
        return accepted;
    }

    /** A number made of everything read, so that no reading can be left out. */
    long sink() {
        return sink;
    }

    /** Reads the whole buffer with every parser. */
    void read(final UnsafeBuffer buffer) {
        final int length = buffer.capacity();
        if (length > 1) {
            sink += Demux.classify(buffer.getByte(0)) + (Demux.isRtcp(buffer.getByte(1)) ? 1 : 0);
        }
        readStun(buffer, length);
        readRtp(buffer, length);
        readRtcp(buffer, length);
        readPayload(buffer, 0, length);
    }

    private void allow(final int most) {
        steps = 0;
        maxSteps = most;
    }

    private boolean step() {
        if (++steps > maxSteps) {
            throw new AssertionError("more than " + maxSteps + " steps");
        }
        return true;
    }

    private void yes(final String parser) {
        accepted.merge(parser, 1, Integer::sum);
    }

    private void readStun(final UnsafeBuffer buffer, final int length) {
        if (stun.wrap(buffer, 0, length)) {
            yes("stun");
        }
        if (length < StunMessage.HEADER_LENGTH || stun.length() == 0) {
            return;
        }
        sink += stun.type() + stun.method() + stun.messageClass() + stun.priority() + stun.tieBreaker()
            + stun.errorCode() + stun.unknownRequired(unknown) + (stun.useCandidate() ? 1 : 0)
            + (stun.checkFingerprint() ? 1 : 0) + (integrity.verify(stun) ? 1 : 0);
        sink += stun.xorMappedAddress() == null ? 0 : 1;
        sink += stun.mappedAddress() == null ? 0 : 1;
        final int username = stun.find(StunAttribute.USERNAME);
        if (username != StunMessage.NOT_FOUND) {
            final byte[] copy = new byte[stun.attributeLength(username)];
            buffer.getBytes(username, copy);
            if (!stun.attributeEquals(StunAttribute.USERNAME, copy)) {
                throw new AssertionError("an attribute does not equal itself");
            }
        }
    }

    private void readRtp(final UnsafeBuffer buffer, final int length) {
        if (header.wrap(buffer, 0, length)) {
            yes("rtp");
            readHeader(buffer, length);
        }
        if (header.wrapPlain(buffer, 0, length)) {
            yes("rtp plain");
            readHeader(buffer, length);
            sink += Rtx.originalSequence(header);
            readPayload(buffer, header.payloadOffset(), header.payloadLength());
        }
    }

    private void readHeader(final UnsafeBuffer buffer, final int length) {
        if (header.payloadLength() < 0 || header.paddingLength() < 0
            || header.headerLength() + header.payloadLength() + header.paddingLength() != length) {
            throw new AssertionError("the parts are not the whole");
        }
        sink += header.ssrc() + header.sequence() + header.timestamp() + header.payloadType();
        for (int i = 0; i < header.csrcCount(); i++) {
            sink += header.csrc(i);
        }
        if (!extensions.wrap(header)) {
            return;
        }
        yes("extensions");
        headerWriter.begin(true).fields(header);
        allow(length);
        while (extensions.next() && step()) {
            if (extensions.valueOffset() + extensions.valueLength() > header.payloadOffset()) {
                throw new AssertionError("extension " + extensions.id() + " reaches into the payload");
            }
            sink += extensions.valueU8() + extensions.valueU16();
            headerWriter.extension(extensions.id(), buffer, extensions.valueOffset(), extensions.valueLength());
        }
        sink += headerWriter.write(out, 0, out.capacity());
    }

    private void readRtcp(final UnsafeBuffer buffer, final int length) {
        if (!compound.wrap(buffer, 0, length)) {
            return;
        }
        yes("rtcp");
        int packets = 0;
        while (compound.next()) {
            if (++packets > length / 4) {
                throw new AssertionError("more packets than words");
            }
            sink += compound.senderSsrc();
            readReports();
            readFeedback();
        }
    }

    private void readReports() {
        if (senderReport.wrap(compound)) {
            yes("SR");
            sink += senderReport.ntp() + senderReport.octetCount();
            readBlocks(senderReport.blocks());
        }
        if (receiverReport.wrap(compound)) {
            yes("RR");
            sink += receiverReport.ssrc();
            readBlocks(receiverReport.blocks());
        }
        if (description.wrap(compound)) {
            yes("SDES");
            allow(31);
            while (description.next() && step()) {
                sink += description.cnameLength() == 0 ? 0
                    : compound.buffer().getByte(description.cnameOffset() + description.cnameLength() - 1);
            }
        }
        if (bye.wrap(compound)) {
            for (int i = 0; i < bye.count(); i++) {
                sink += bye.ssrc(i);
            }
        }
    }

    private void readBlocks(final ReportBlocks blocks) {
        for (int i = 0; i < blocks.count(); i++) {
            sink += blocks.ssrc(i) + blocks.fractionLost(i) + blocks.cumulativeLost(i) + blocks.jitter(i)
                + blocks.extendedHighestSequence(i) + blocks.lastSr(i) + blocks.delaySinceLastSr(i);
        }
    }

    private void readFeedback() {
        if (nack.wrap(compound)) {
            yes("NACK");
            allow(17 * compound.packetLength() / Integer.BYTES);
            while (nack.next() >= 0 && step()) {
                sink++;
            }
        }
        if (pictureLoss.wrap(compound)) {
            yes("PLI");
            sink += pictureLoss.mediaSsrc();
        }
        if (fullIntraRequest.wrap(compound)) {
            for (int i = 0; i < fullIntraRequest.count(); i++) {
                sink += fullIntraRequest.ssrc(i) + fullIntraRequest.commandSequence(i);
            }
        }
        if (remb.wrap(compound)) {
            yes("REMB");
            if (remb.rateBps() < 0) {
                throw new AssertionError("negative rate");
            }
            for (int i = 0; i < remb.count(); i++) {
                sink += remb.ssrc(i);
            }
        }
        if (feedback.wrap(compound)) {
            yes("TWCC");
            allow(TransportFeedback.MAX_STATUSES);
            while (feedback.next() && step()) {
                sink += feedback.arrivalTicks() + feedback.sequence();
            }
        }
    }

    private void readPayload(final UnsafeBuffer buffer, final int offset, final int length) {
        final boolean isVp8Start = KeyFrames.isVp8Start(buffer, offset, length);
        if (vp8.wrap(buffer, offset, length)) {
            yes("vp8");
            sink += vp8.pictureId() + vp8.tl0PicIdx() + vp8.temporalId() + vp8.keyIndex();
            if (vp8.isKeyFrameStart() != isVp8Start) {
                throw new AssertionError("two readings of VP8");
            }
        } else if (isVp8Start) {
            throw new AssertionError("a key frame without a descriptor");
        }
        final boolean isVp9Start = KeyFrames.isVp9Start(buffer, offset, length);
        if (vp9.wrap(buffer, offset, length)) {
            yes("vp9");
            sink += vp9.pictureId() + vp9.tl0PicIdx() + vp9.temporalId() + vp9.spatialId();
            if (vp9.isKeyFrameStart() != isVp9Start) {
                throw new AssertionError("two readings of VP9");
            }
        }
        sink += KeyFrames.isH264Start(buffer, offset, length) ? 1 : 0;
        sink += KeyFrames.isAv1Start(buffer, offset, length) ? 1 : 0;
        if (red.wrap(buffer, offset, length)) {
            yes("red");
            for (int i = 0; i < red.blockCount(); i++) {
                if (red.dataLength(i) < 0 || red.dataOffset(i) + red.dataLength(i) > offset + length) {
                    throw new AssertionError("a block outside the payload");
                }
                sink += red.payloadType(i) + red.timestampOffset(i);
            }
        }
        if (descriptor.wrap(buffer, offset, length) && templates.update(descriptor)) {
            yes("dependency");
            if (templates.spatialId(descriptor.templateId()) < 0) {
                throw new AssertionError("a known template without layers");
            }
        }
    }
}
