package org.chevet.ops.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Whether this server may take traffic.
 *
 * <p>Alive and ready differ: a server that drains is alive, and a restart would cut its consultations. Nothing outside
 * of this process is asked, so that another system's fault never takes the relay down. Safe on any thread.
 */
public final class Health {
    private final List<IntSupplier> stalledMs;
    private final int limitMs;
    private volatile boolean draining;

    /**
     * Health of a server.
     *
     * @param stalledMs for each lane how long, in milliseconds, it has not answered; 0 when it just did
     * @param limitMs a lane that did not answer for longer is stalled
     */
    public Health(final List<IntSupplier> stalledMs, final int limitMs) {
        this.stalledMs = List.copyOf(stalledMs);
        this.limitMs = limitMs;
    }

    /** From now on the server says that it is not ready, or that it is again: a drain can be taken back. */
    public void draining(final boolean drains) {
        draining = drains;
    }

    /** Reasons why the server is not ready; empty when it is. */
    public List<String> faults() {
        final List<String> faults = new ArrayList<>();
        if (draining) {
            faults.add("draining: the server is being stopped and takes no new consultation");
        }
        for (int lane = 0; lane < stalledMs.size(); lane++) {
            final int silentMs = stalledMs.get(lane).getAsInt();
            if (silentMs > limitMs) {
                faults.add("lane " + lane + " has not answered for " + silentMs + " ms");
            }
        }
        return faults;
    }

    /** True when the server takes new consultations. */
    public boolean isReady() {
        return faults().isEmpty();
    }
}
