package org.chevet.relay.client.export;

import java.io.Closeable;
import java.io.IOException;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.relay.client.VitalsBlock;

/** Takes one stream in its order. One owner thread; may write to a file, so that it blocks as long as that takes. */
public interface StreamSink extends Closeable {
    /**
     * The next block; its payload is only read.
     *
     * @throws IOException when it cannot be written, or is not what the stream's definition says
     */
    void block(VitalsBlock block) throws IOException;

    /** Samples [fromSample, toSample) that will never come; -1 = not known. */
    void gap(long fromSample, long toSample, GapReason reason) throws IOException;

    /** Relay time = device time + offset, plus or minus uncertainty; nanoseconds. */
    default void clock(final long offsetNs, final long uncertaintyNs) throws IOException {
    }
}
