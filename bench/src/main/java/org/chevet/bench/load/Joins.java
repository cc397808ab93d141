package org.chevet.bench.load;

import org.HdrHistogram.Histogram;

/** How long joining took, step by step, in nanoseconds. Any thread. */
final class Joins {
    private static final long LONGEST_NS = 100_000_000_000L;

    private final Histogram answer = histogram();
    private final Histogram ice = histogram();
    private final Histogram dtls = histogram();
    private final Histogram media = histogram();
    private final Histogram whole = histogram();
    private long failed;

    private static Histogram histogram() {
        return new Histogram(1, LONGEST_NS, 3);
    }

    /** Takes a connection that has had its first packet, or that has none to get. */
    synchronized void add(final Connection connection) {
        answer.recordValue(connection.answeredNs - connection.offeredNs);
        if (connection.validNs != 0) {
            ice.recordValue(Math.max(0, connection.validNs - connection.answeredNs));
            dtls.recordValue(connection.connectedNs - connection.validNs);
        }
        if (connection.firstMediaNs != 0) {
            media.recordValue(Math.max(0, connection.firstMediaNs - connection.connectedNs));
            whole.recordValue(connection.firstMediaNs - connection.offeredNs);
        }
    }

    /** Counts one that did not come about. */
    synchronized void failed() {
        failed++;
    }

    /** Offer sent to answer read: HTTP. */
    Histogram answer() {
        return answer;
    }

    /** Answer to the first check that was answered. */
    Histogram ice() {
        return ice;
    }

    /** From there to the keys. */
    Histogram dtls() {
        return dtls;
    }

    /** From the keys to the first packet: forwarded to somebody, or received. */
    Histogram media() {
        return media;
    }

    /** Offer to first packet. */
    Histogram whole() {
        return whole;
    }

    /** Joins that did not come about. */
    synchronized long failures() {
        return failed;
    }
}
