package org.chevet.ops.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.VitalsBlock;

/** Compares one received stream with the recording it came from, bit for bit. One writer; read when it is done. */
final class StreamCheck {
    private final Recording recording;
    private final int channels;
    private long nextSample;
    private long received;
    private long lost;
    private long wrong;
    private long gaps;

    /** A stream that is expected from its first sample. */
    StreamCheck(final Recording recording) {
        this.recording = recording;
        channels = recording.spec().channels().size();
    }

    /** Counts a block: what is missing before it, and every sample that is not the recording's. */
    synchronized void block(final VitalsBlock block) {
        if (block.firstSample() < nextSample) {
            // A sample again, or going back: neither may ever happen.
            wrong += block.sampleCount();
            return;
        }
        lost += block.firstSample() - nextSample;
        nextSample = block.firstSample() + block.sampleCount();
        if (block.isMissing()) {
            lost += block.sampleCount();
            return;
        }
        received += block.sampleCount();
        wrong += wrongSamples(block);
    }

    /** Counts a gap the relay reported; its samples are counted as lost when the next block comes. */
    synchronized void gap() {
        gaps++;
    }

    private long wrongSamples(final VitalsBlock block) {
        final ByteBuffer payload = block.payload().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (payload.remaining() != block.sampleCount() * channels * Short.BYTES) {
            return block.sampleCount();
        }
        long count = 0;
        for (int i = 0; i < block.sampleCount(); i++) {
            final int frame = (int) ((block.firstSample() + i) % recording.frames());
            boolean same = true;
            for (int channel = 0; channel < channels; channel++) {
                same &= payload.getShort() == recording.sample(frame, channel);
            }
            count += same ? 0 : 1;
        }
        return count;
    }

    /** True when the stream flowed for the time and every sample was there and right. */
    synchronized boolean isWhole(final double seconds) {
        return lost == 0 && wrong == 0 && gaps == 0
            && received >= Math.max(1, Math.floor(recording.rate().hz() * seconds));
    }

    /** Samples per channel that arrived. */
    synchronized long received() {
        return received;
    }

    /** Samples per channel that should have come before the last one and did not. */
    synchronized long lost() {
        return lost;
    }

    /** Samples that differ from the recording, or came twice. */
    synchronized long wrong() {
        return wrong;
    }

    /** Gaps the relay reported. */
    synchronized long gaps() {
        return gaps;
    }
}
