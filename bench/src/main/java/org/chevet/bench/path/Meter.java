package org.chevet.bench.path;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Time and garbage of the stretches between {@link #start} and {@link #stop}, of this thread alone. */
final class Meter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final boolean countBytes;
    private long startBytes;
    private long startNs;
    private long bytes;

    /** Counting bytes costs about 100 ns a stretch, outside of what is timed. */
    Meter(final boolean countBytes) {
        this.countBytes = countBytes;
    }

    void start() {
        startBytes = countBytes ? threads.getCurrentThreadAllocatedBytes() : 0;
        startNs = System.nanoTime();
    }

    /** Nanoseconds since {@link #start}. */
    long stop() {
        final long elapsedNs = System.nanoTime() - startNs;
        bytes += countBytes ? threads.getCurrentThreadAllocatedBytes() - startBytes : 0;
        return elapsedNs;
    }

    long bytes() {
        return bytes;
    }
}
