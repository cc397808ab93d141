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
    private final IntSupplier stalledLane;
    private volatile boolean draining;

    /**
     * Health of a server.
     *
     * @param stalledLane the index of a lane that takes no turns, or -1; must not wait
     */
    public Health(final IntSupplier stalledLane) {
        this.stalledLane = stalledLane;
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
        final int lane = stalledLane.getAsInt();
        if (lane >= 0) {
            faults.add("stalled: lane " + lane + " does not answer");
        }
        return faults;
    }

    /** True when the server takes new consultations. */
    public boolean isReady() {
        return faults().isEmpty();
    }
}
