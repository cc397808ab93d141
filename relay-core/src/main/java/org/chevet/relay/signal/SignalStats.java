package org.chevet.relay.signal;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counters of the HTTP port. Safe on any thread. */
public final class SignalStats {
    private final LongAdder[] refusals = adders(ProblemType.values().length);
    private final LongAdder[] counters = adders(SignalCounter.values().length);

    /** Refusals so far for one reason. */
    public long refused(final ProblemType type) {
        return refusals[type.ordinal()].sum();
    }

    /** Value of one counter. */
    public long counted(final SignalCounter counter) {
        return counters[counter.ordinal()].sum();
    }

    void refuse(final ProblemType type) {
        refusals[type.ordinal()].increment();
    }

    void count(final SignalCounter counter) {
        counters[counter.ordinal()].increment();
    }

    void add(final SignalCounter counter, final long amount) {
        counters[counter.ordinal()].add(amount);
    }

    private static LongAdder[] adders(final int size) {
        final LongAdder[] adders = new LongAdder[size];
        Arrays.setAll(adders, index -> new LongAdder());
        return adders;
    }
}
