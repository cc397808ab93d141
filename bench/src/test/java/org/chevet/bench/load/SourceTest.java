package org.chevet.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.bench.mark.Mark;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.server.LocalEnd;
import org.chevet.codec.payload.KeyFrames;
import org.chevet.codec.rtp.RtpHeader;
import org.junit.jupiter.api.Test;

class SourceTest {
    private static final long SECOND = 1_000_000_000L;
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
    private final RtpHeader header = new RtpHeader();

    private static Source source(final TrafficClass kind, final MediaShape shape) {
        return new Source(9, kind, 0, new Source.Header(96, 0xCAFE, "1", 1, 2, "", 0), shape,
            new UnsafeBuffer(new byte[2048]), 5,
            new Connection(0, new LocalEnd("u", "p", "f", 1, List.of(), false), true), 0);
    }

    private int next(final Source source, final long nowNs) {
        final int count = source.begin(nowNs);
        for (int i = 0; i < count; i++) {
            final int head = source.header(out, 0, 77);
            final int payload = source.payload(out, head, nowNs);
            assertTrue(header.wrapPlain(out, 0, head + payload));
            assertEquals(head, header.payloadOffset());
            assertEquals(payload, header.payloadLength());
            assertTrue(payload <= MediaShape.MAX_PAYLOAD, payload + " bytes");
            assertTrue(Mark.isAt(out, head + Mark.AT, payload - Mark.AT));
        }
        source.end();
        return count;
    }

    @Test
    void audioKeepsItsRateAndItsMarks() {
        final Source source = source(TrafficClass.AUDIO, MediaShape.call());
        int packets = 0;
        while (source.dueNs() < 10 * SECOND) {
            packets += next(source, source.dueNs());
        }
        assertTrue(Math.abs(packets - 500) <= 1, packets + " packets");
        assertEquals(packets, source.sequence());
        assertEquals(9, Mark.stream(out, header.payloadOffset() + Mark.AT));
        assertEquals(packets - 1, Mark.sequence(out, header.payloadOffset() + Mark.AT));
    }

    @Test
    void videoComesInFramesOfAboutTheRate() {
        final Source source = source(TrafficClass.VIDEO, MediaShape.call());
        while (source.dueNs() < 20 * SECOND) {
            next(source, source.dueNs());
        }
        final double bps = source.bytes() * 8 / 20.0;
        assertTrue(bps > 1_400_000 && bps < 1_700_000, bps + " b/s");
        assertTrue(Math.abs(source.frames() - 600) <= 2, source.frames() + " frames");
        assertTrue(source.sequence() > 3000 && source.sequence() < 4000, source.sequence() + " packets");
    }

    @Test
    void theFirstFrameIsAKeyFrameAndOthersWhenAsked() {
        final Source source = source(TrafficClass.VIDEO, MediaShape.call());
        assertTrue(firstOfFrameIsKey(source));
        assertTrue(!firstOfFrameIsKey(source));
        while (source.dueNs() < SECOND) {
            next(source, source.dueNs());
        }
        source.wantKeyFrame();
        finishFrame(source);
        assertTrue(firstOfFrameIsKey(source));
    }

    private boolean firstOfFrameIsKey(final Source source) {
        final long frame = source.frames();
        final int count = source.begin(source.dueNs());
        assertEquals(frame + 1, source.frames());
        final int head = source.header(out, 0, 0);
        final int length = source.payload(out, head, 0);
        final boolean key = KeyFrames.isVp8Start(out, head, length);
        for (int i = 1; i < count; i++) {
            source.payload(out, source.header(out, 0, 0), 0);
        }
        source.end();
        finishFrame(source);
        return key;
    }

    /** Sends the rest of a frame that was too long for one burst. */
    private void finishFrame(final Source source) {
        while (source.isWithinFrame()) {
            next(source, source.dueNs());
        }
    }

    @Test
    void whatCouldNotBeSentInTimeIsSkipped() {
        final Source source = source(TrafficClass.AUDIO, MediaShape.call());
        final long due = source.dueNs();
        assertEquals(50, source.skipTo(due + SECOND));
        assertEquals(due + SECOND, source.dueNs());
        assertEquals(0, source.skipTo(due + SECOND + 1));
    }

    @Test
    void theScheduleKeepsTheOrderOfDueTimes() {
        final Schedule schedule = new Schedule();
        for (int i = 0; i < 200; i++) {
            schedule.add(source(TrafficClass.AUDIO, MediaShape.audio(1 + i % 60, 100)));
        }
        long before = 0;
        for (int i = 0; i < 5000; i++) {
            final Source first = schedule.first();
            assertTrue(first.dueNs() >= before);
            before = first.dueNs();
            next(first, before);
            schedule.moved();
        }
        while (!schedule.isEmpty()) {
            schedule.remove(schedule.first());
        }
        assertEquals(Long.MAX_VALUE, schedule.dueNs());
    }
}
