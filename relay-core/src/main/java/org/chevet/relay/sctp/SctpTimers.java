package org.chevet.relay.sctp;

import java.util.Arrays;

/** The deadlines of one association in one table. One thread. */
final class SctpTimers {
    /** INIT or COOKIE ECHO not answered (RFC 9260 section 5.1). */
    static final int T1 = 0;
    /** SHUTDOWN or SHUTDOWN ACK not answered (section 9.2). */
    static final int T2 = 1;
    /** Data not acknowledged (section 6.3). */
    static final int T3 = 2;
    /** The whole shutdown (section 9.2). */
    static final int T5 = 3;
    /** The acknowledgement we owe (section 6.2). */
    static final int DELAYED_ACK = 4;
    /** RE-CONFIG not answered (RFC 6525 section 5.1.1). */
    static final int RECONFIG = 5;

    /** The owner is to be told of something that came up while a packet was written. */
    static final int SIGNAL = 6;

    private static final long NEVER = Long.MAX_VALUE;
    private static final int COUNT = 7;

    private final long[] deadlineNs = new long[COUNT];

    SctpTimers() {
        clear();
    }

    void set(final int timer, final long atNs) {
        deadlineNs[timer] = atNs;
    }

    void cancel(final int timer) {
        deadlineNs[timer] = NEVER;
    }

    void clear() {
        Arrays.fill(deadlineNs, NEVER);
    }

    boolean isSet(final int timer) {
        return deadlineNs[timer] != NEVER;
    }

    /** True when the deadline has passed; it is then cancelled. */
    boolean takeDue(final int timer, final long nowNs) {
        if (nowNs < deadlineNs[timer]) {
            return false;
        }
        cancel(timer);
        return true;
    }

    long nextNs() {
        long next = NEVER;
        for (final long each : deadlineNs) {
            next = Math.min(next, each);
        }
        return next;
    }
}
