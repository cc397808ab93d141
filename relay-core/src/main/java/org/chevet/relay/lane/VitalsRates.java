package org.chevet.relay.lane;

import org.agrona.collections.Int2ObjectHashMap;

/**
 * How much device data each connection is sent, told once a second while some flows and once more when none does: the
 * allocator keeps that much of a receiver's bandwidth away from video (DESIGN 10). Lane thread only; nothing is
 * allocated but when a connection comes.
 */
final class VitalsRates {
    /** As long as blocks of any rate are about evenly spread. */
    static final long INTERVAL_NS = 1_000_000_000L;
    /** Of IP, TCP with timestamps, TLS or SCTP and DTLS, and the frame, for each message: about. */
    static final int OVERHEAD_BYTES = 90;
    private static final long BITS = 8;

    private final Int2ObjectHashMap<Meter> meters = new Int2ObjectHashMap<>();
    private final Listener listener;
    private long sinceNs;

    /** Hears of rates. */
    @FunctionalInterface
    interface Listener {
        /**
         * A connection's rate changed.
         *
         * @param participant whose connection it is
         * @param rateBps bits per second over the last interval, with headers
         */
        void onVitalsRate(String participant, long rateBps, long nowNs);
    }

    private static final class Meter {
        private final String participant;
        private long bytes;
        private boolean told;

        Meter(final String participant) {
            this.participant = participant;
        }
    }

    VitalsRates(final Listener listener) {
        this.listener = listener;
    }

    void opened(final int connection, final String participant) {
        meters.put(connection, new Meter(participant));
    }

    /** The connection is gone: its participant needs no room for it any more. */
    void closed(final int connection, final long nowNs) {
        final Meter meter = meters.remove(connection);
        if (meter != null && meter.told) {
            listener.onVitalsRate(meter.participant, 0, nowNs);
        }
    }

    /** A message of so many bytes was sent. */
    void sent(final int connection, final int bytes) {
        final Meter meter = meters.get(connection);
        if (meter != null) {
            meter.bytes += bytes + OVERHEAD_BYTES;
        }
    }

    /** Tells the rates when the interval is over. */
    void turn(final long nowNs) {
        final long elapsedNs = nowNs - sinceNs;
        if (elapsedNs < INTERVAL_NS) {
            return;
        }
        sinceNs = nowNs;
        // After a silence the time since the last turn says nothing about what has just been sent.
        final long overNs = Math.min(elapsedNs, 2 * INTERVAL_NS);
        for (final Meter meter : meters.values()) {
            if (meter.bytes > 0 || meter.told) {
                listener.onVitalsRate(meter.participant, meter.bytes * BITS * INTERVAL_NS / overNs, nowNs);
            }
            meter.told = meter.bytes > 0;
            meter.bytes = 0;
        }
    }
}
