package org.chevet.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.payload.KeyFrames;
import org.chevet.codec.payload.Vp8Descriptor;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.ReceiverReport;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedback;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.junit.jupiter.api.Test;

/** The packet path allocates nothing: measured over all captured packets, after the classes are loaded. */
class AllocationTest {
    private static final int WARM_UP = 20;
    private static final int ROUNDS = 200;
    /** What the measurement itself may cost, however many packets there were. */
    private static final long NOISE_BYTES = 4096;

    private final ThreadMXBean threads =
        (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long sink;

    /** Bytes allocated by {@link #ROUNDS} runs after a warm-up. */
    private long allocatedBy(final Runnable work) {
        for (int i = 0; i < WARM_UP; i++) {
            work.run();
        }
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            work.run();
        }
        final long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(sink != 0, "the work was done");
        return bytes;
    }

    private static UnsafeBuffer[] plain(final String kind) {
        return Fixtures.captures().stream().map(Fixtures.Capture::packets).flatMap(List::stream)
            .filter(packet -> packet.kind().equals(kind)).map(Fixtures.Packet::plain).toArray(UnsafeBuffer[]::new);
    }

    @Test
    void theMeasurementSeesAllocation() {
        final long bytes = allocatedBy(() -> sink += Arrays.hashCode(new int[100]));
        assertTrue(bytes > ROUNDS * 100L, "allocated " + bytes);
    }

    @Test
    void rtpIsReadAndWrittenWithoutGarbage() {
        final UnsafeBuffer[] packets = plain("rtp");
        final RtpHeader header = new RtpHeader();
        final RtpExtensions extensions = new RtpExtensions();
        final RtpHeaderWriter writer = new RtpHeaderWriter();
        final Vp8Descriptor descriptor = new Vp8Descriptor();
        final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
        final long bytes = allocatedBy(() -> {
            for (final UnsafeBuffer packet : packets) {
                sink += header.wrapPlain(packet, 0, packet.capacity()) ? 1 : 0;
                writer.begin(true).fields(header);
                extensions.wrap(header);
                while (extensions.next()) {
                    writer.extension(extensions.id(), packet, extensions.valueOffset(), extensions.valueLength());
                }
                sink += writer.write(out, 0, 2048);
                final int payload = header.payloadOffset();
                final int length = header.payloadLength();
                sink += descriptor.wrap(packet, payload, length) ? descriptor.pictureId() : 0;
                sink += KeyFrames.isVp8Start(packet, payload, length) || KeyFrames.isVp9Start(packet, payload, length)
                    || KeyFrames.isH264Start(packet, payload, length)
                    || KeyFrames.isAv1Start(packet, payload, length) ? 1 : 0;
            }
        });
        assertEquals(0, bytes / NOISE_BYTES, "bytes allocated: " + bytes);
    }

    @Test
    void rtcpIsReadAndWrittenWithoutGarbage() {
        final UnsafeBuffer[] packets = plain("rtcp");
        final RtcpCompound compound = new RtcpCompound();
        final Nack nack = new Nack();
        final ReceiverReport report = new ReceiverReport();
        final TransportFeedback feedback = new TransportFeedback();
        final RtcpWriter writer = new RtcpWriter();
        final TransportFeedbackWriter feedbackWriter = new TransportFeedbackWriter();
        final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
        final long bytes = allocatedBy(() -> {
            for (final UnsafeBuffer packet : packets) {
                compound.wrap(packet, 0, packet.capacity());
                while (compound.next()) {
                    writer.begin(out, 0, 2048);
                    if (nack.wrap(compound)) {
                        for (int lost = nack.next(); lost >= 0; lost = nack.next()) {
                            writer.nack(1, 2, lost);
                        }
                    } else if (report.wrap(compound)) {
                        writer.receiverReport(report.ssrc());
                    } else if (feedback.wrap(compound)) {
                        feedbackWriter.begin(feedback.baseSequence(), 0);
                        while (feedback.next()) {
                            feedbackWriter.add(feedback.sequence(), feedback.arrivalTicks() & 0xFFFF);
                        }
                        writer.transportFeedback(feedbackWriter, 1, 2, 3);
                    }
                    sink += writer.length();
                }
            }
        });
        assertEquals(0, bytes / NOISE_BYTES, "bytes allocated: " + bytes);
    }

    @Test
    void aStunCheckMakesOnlyWhatTheMacOfTheJdkMakes() {
        final UnsafeBuffer[] messages =
            Fixtures.stun().stream().map(Fixtures.Stun::bytes).toArray(UnsafeBuffer[]::new);
        final StunMessage message = new StunMessage();
        final StunIntegrity integrity = new StunIntegrity("secret".getBytes(StandardCharsets.US_ASCII));
        final long reading = allocatedBy(() -> {
            for (final UnsafeBuffer each : messages) {
                sink += message.wrap(each, 0, each.capacity()) && message.checkFingerprint() ? message.priority() : 0;
            }
        });
        assertEquals(0, reading / NOISE_BYTES, "bytes allocated: " + reading);
        final long checking = allocatedBy(() -> {
            for (final UnsafeBuffer each : messages) {
                sink += message.wrap(each, 0, each.capacity()) && integrity.verify(message) ? 1 : 0;
            }
        });
        final long perCheck = checking / ((long) ROUNDS * messages.length);
        assertTrue(perCheck <= 256, "bytes per check: " + perCheck);
    }
}
