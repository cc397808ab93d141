package org.chevet.relay.bwe;

import java.util.Arrays;
import org.chevet.codec.rtcp.CongestionFeedback;

/**
 * Congestion control feedback by streams (RFC 8888) in terms of transport-wide numbers, in the order of sending, as the
 * estimate wants it. One for each peer that agreed to it; 8 KiB with the first feedback. Marks of congestion (ECN) are
 * not looked at: packets leave without being capable of them. Lane thread only.
 */
public final class StreamFeedback {
    /** Reports of one packet; it holds no more in a datagram of 2048 bytes. */
    static final int MAX_REPORTS = 1024;

    /** Report timestamps wrap after 65536 s. */
    private static final long WRAP_NS = 65_536_000_000_000L;
    private static final int ARRIVAL_BITS = 46;
    private static final long ARRIVAL_MASK = (1L << ARRIVAL_BITS) - 1;
    private static final int STATE_BITS = 2;
    private static final int STATE_MASK = 3;
    private static final long[] NONE = {};

    /** Sent later is larger: age against the newest number, what became of it, when it arrived. */
    private long[] reports = NONE;
    private long lastArrivalNs;
    private boolean everArrived;

    /** Knows which packet left under which number. */
    @FunctionalInterface
    public interface Numbers {
        /** Transport-wide number of a packet, or {@link StreamNumbers#NOT_FOUND}. */
        int find(int ssrc, int sequence);
    }

    /** Takes one packet of feedback to the control; the walker is used up. */
    public void read(final CongestionFeedback feedback, final Numbers numbers, final SendSideControl control,
        final long nowNs) {
        if (reports.length == 0) {
            reports = new long[MAX_REPORTS];
        }
        int count = 0;
        while (count < MAX_REPORTS && feedback.next()) {
            final int number = numbers.find(feedback.ssrc(), feedback.sequence());
            final int age = (control.newestNumber() - number) & 0xFFFF;
            if (number != StreamNumbers.NOT_FOUND && age < SentPacketLog.CAPACITY) {
                reports[count++] = key(SentPacketLog.CAPACITY - 1 - age, feedback);
            }
        }
        Arrays.sort(reports, 0, count);
        control.beginFeedback();
        for (int i = 0; i < count; i++) {
            final int age = SentPacketLog.CAPACITY - 1 - (int) (reports[i] >>> (ARRIVAL_BITS + STATE_BITS));
            final int number = (control.newestNumber() - age) & 0xFFFF;
            switch ((int) (reports[i] >>> ARRIVAL_BITS) & STATE_MASK) {
                case SendSideControl.MISSING -> control.onReport(number, SendSideControl.MISSING, 0, nowNs);
                case SendSideControl.ARRIVED ->
                    control.onReport(number, SendSideControl.ARRIVED, arrivalNs(reports[i] & ARRIVAL_MASK), nowNs);
                default -> control.onReport(number, SendSideControl.ARRIVED_SOME_TIME, 0, nowNs);
            }
        }
        control.endFeedback(nowNs);
    }

    private static long key(final int order, final CongestionFeedback feedback) {
        final int state = !feedback.isReceived() ? SendSideControl.MISSING
            : feedback.hasArrivalTime() ? SendSideControl.ARRIVED : SendSideControl.ARRIVED_SOME_TIME;
        final long arrivalNs = state == SendSideControl.ARRIVED
            ? Math.floorMod(feedback.timestampNs() - feedback.ageNs(), WRAP_NS) : 0;
        return ((((long) order << STATE_BITS) | state) << ARRIVAL_BITS) | arrivalNs;
    }

    /** The shorter way round is meant. */
    private long arrivalNs(final long wrapped) {
        if (everArrived) {
            final long ahead = Math.floorMod(wrapped - lastArrivalNs, WRAP_NS);
            lastArrivalNs += ahead < WRAP_NS / 2 ? ahead : ahead - WRAP_NS;
        } else {
            everArrived = true;
            lastArrivalNs = wrapped;
        }
        return lastArrivalNs;
    }
}
