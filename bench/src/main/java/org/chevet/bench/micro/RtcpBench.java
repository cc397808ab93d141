package org.chevet.bench.micro;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.PictureLoss;
import org.chevet.codec.rtcp.ReceiverReport;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedback;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** RTCP of a viewer, and transport-wide feedback about 50 packets with two lost. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RtcpBench {
    private static final int PACKETS = 50;
    private static final int CAPACITY = 2048;
    private static final int VIEWER_REQUESTS = 7;
    private static final long SPACING_NS = 1_300_000;

    private final UnsafeBuffer compoundBytes = Packets.viewerCompound();
    private final UnsafeBuffer feedbackBytes = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    private final RtcpCompound compound = new RtcpCompound();
    private final ReceiverReport report = new ReceiverReport();
    private final Nack nack = new Nack();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final TransportFeedback feedback = new TransportFeedback();
    private final TransportFeedbackWriter feedbackWriter = new TransportFeedbackWriter();
    private final RtcpWriter writer = new RtcpWriter();
    private int feedbackLength;

    /** Builds the feedback that {@link #readTransportFeedback} reads. */
    @Setup
    public void check() {
        feedbackLength = build(feedbackBytes);
        if (readViewerCompound() != VIEWER_REQUESTS || readTransportFeedback() == 0) {
            throw new IllegalStateException("the benchmark's packets are malformed");
        }
    }

    /** Walks a compound of RR, NACK (six numbers) and PLI; gives how many requests it held. */
    @Benchmark
    public int readViewerCompound() {
        int requests = 0;
        compound.wrap(compoundBytes, 0, compoundBytes.capacity());
        while (compound.next()) {
            if (report.wrap(compound)) {
                requests += report.blocks().fractionLost(0);
            } else if (nack.wrap(compound)) {
                while (nack.next() >= 0) {
                    requests++;
                }
            } else if (pictureLoss.wrap(compound)) {
                requests++;
            }
        }
        return requests;
    }

    /** Builds feedback from arrival times. */
    @Benchmark
    public int writeTransportFeedback() {
        return build(out);
    }

    /** Reads it status by status. */
    @Benchmark
    public long readTransportFeedback() {
        long sum = 0;
        compound.wrap(feedbackBytes, 0, feedbackLength);
        compound.next();
        feedback.wrap(compound);
        while (feedback.next()) {
            sum += feedback.isReceived() ? feedback.arrivalTicks() : 0;
        }
        return sum;
    }

    /** A sender report with one block, and a picture loss indication. */
    @Benchmark
    public int writeReports() {
        writer.begin(out, 0, CAPACITY);
        writer.senderReport(1, 2, 3, 4, 5);
        writer.reportBlock(6, 7, 8, 9, 10, 11, 12);
        writer.pictureLoss(1, 2);
        return writer.length();
    }

    private int build(final UnsafeBuffer into) {
        feedbackWriter.begin(65_530, SPACING_NS);
        for (int i = 0; i < PACKETS; i++) {
            if (i != 20 && i != 33) {
                feedbackWriter.add(65_530 + i, SPACING_NS * (i + 1));
            }
        }
        writer.begin(into, 0, CAPACITY);
        writer.transportFeedback(feedbackWriter, 1, 2, 3);
        return writer.length();
    }
}
