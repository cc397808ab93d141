package org.chevet.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.chevet.relay.client.IvfReader;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.VitalsBlock;
import org.junit.jupiter.api.Test;

/** The check of the demo can fail: a lost, changed or repeated sample is found. */
class StreamCheckTest {
    private final Recording recording = DemoRecordings.oximeter();
    private final StreamCheck check = new StreamCheck(recording);

    @Test
    void whatEqualsTheRecordingIsWholeAlsoAfterItsEnd() {
        for (int i = 0; i < 2 * recording.frames(); i++) {
            check.block(block(i, 0));
        }
        assertEquals(2L * recording.frames(), check.received());
        assertTrue(check.isWhole(2.0 * recording.frames()));
        assertFalse(check.isWhole(2.0 * recording.frames() + 1), "too few for the time");
    }

    @Test
    void aLostSampleIsFound() {
        check.block(block(0, 0));
        check.block(block(2, 0));
        assertEquals(1, check.lost());
        assertFalse(check.isWhole(1));
    }

    @Test
    void oneChangedBitIsFound() {
        check.block(block(0, 1));
        assertEquals(1, check.wrong());
        assertFalse(check.isWhole(1));
    }

    @Test
    void aRepeatedSampleIsFound() {
        check.block(block(0, 0));
        check.block(block(0, 0));
        assertEquals(1, check.wrong());
    }

    @Test
    void aReportedGapIsFound() {
        check.block(block(0, 0));
        check.gap();
        assertFalse(check.isWhole(1));
    }

    @Test
    void theRecordingsInTheJarAreWholeAndSmall() throws IOException {
        final List<Recording> recordings = DemoRecordings.waveforms();
        assertEquals(List.of(DemoRecordings.ECG, DemoRecordings.MONITOR, DemoRecordings.HEART),
            recordings.stream().map(one -> one.spec().name()).toList());
        assertEquals(12, recordings.getFirst().spec().channels().size());
        assertEquals(500.0, recordings.getFirst().rate().hz());
        final List<IvfReader.Frame> frames = DemoRecordings.video();
        assertEquals(374, frames.size());
        assertEquals(29.04, VideoLoop.rate(frames), 0.05);
        assertEquals(0, frames.getFirst().data()[0] & 1, "the clip begins with a key frame (RFC 6386 section 9.1)");
    }

    private VitalsBlock block(final int sample, final int change) {
        final ByteBuffer payload = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        final int frame = sample % recording.frames();
        payload.putShort((short) (recording.sample(frame, 0) ^ change)).putShort((short) recording.sample(frame, 1));
        return new VitalsBlock(sample, sample, 1, 0, 0, payload.flip());
    }
}
