package org.chevet.relay.net;

import java.util.function.BooleanSupplier;

/** Waits for what the real network and real threads do in their own time: a condition, polled up to a deadline. */
public final class Await {
    private static final long PATIENCE_NS = 30_000_000_000L;
    private static final long POLL_MS = 2;

    private Await() {
    }

    /** True as soon as the condition holds; false when it does not within 30 s. */
    public static boolean until(final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                return false;
            }
            Thread.sleep(POLL_MS);
        }
        return true;
    }
}
