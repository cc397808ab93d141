package org.chevet.bench.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ProcessSampleTest {
    private static final long BUSY_NS = 150_000_000L;

    @Test
    void whatAnEndedThreadUsedCounts() throws Exception {
        Assumptions.assumeTrue(ProcessSample.isPossible(), "there is no /proc to read");
        final Thread busy = Thread.ofPlatform().unstarted(() -> {
            final var threads = ManagementFactory.getThreadMXBean();
            while (threads.getCurrentThreadCpuTime() < 2 * BUSY_NS) {
                Thread.onSpinWait();
            }
        });
        final ProcessSample start = ProcessSample.self();
        busy.start();
        while (ProcessSample.self().cpuNs() - start.cpuNs() < BUSY_NS) {
            Thread.onSpinWait();
        }
        // The thread is half done when this sample sees it, and gone when the next one is taken.
        final ProcessSample alive = ProcessSample.self();
        busy.join();
        final ProcessSample used = ProcessSample.self().since(start);
        assertTrue(alive.cpuNs() < ProcessSample.self().cpuNs());
        assertTrue(used.cpuNs() >= 2 * BUSY_NS, used.cpuNs() + " ns");
        assertTrue(Math.abs(used.cpuNs() - used.tickCpuNs()) < 200_000_000L,
            used.cpuNs() + " ns by the clock, " + used.tickCpuNs() + " by ticks");
        assertTrue(used.residentBytes() > 1 << 20 && used.threads() > 1);
    }
}
