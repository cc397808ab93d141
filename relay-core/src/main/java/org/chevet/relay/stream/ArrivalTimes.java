package org.chevet.relay.stream;

import org.chevet.codec.rtcp.TransportFeedbackWriter;

/**
 * Arrival times of the packets of one publisher by transport-wide sequence number, from which feedback is made
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). Without it a browser never leaves its lowest simulcast layer.
 * Lane thread only.
 */
public final class ArrivalTimes {
    /** Transport sequence numbers remembered; a power of two. */
    public static final int CAPACITY = 2048;
    /** How far a report may reach back behind the highest number, for reordered packets. */
    public static final int MAX_BEHIND = 512;
    /** Arrival of a packet that did not arrive. */
    public static final long NOT_RECEIVED = Long.MIN_VALUE;
    private static final int MASK = CAPACITY - 1;
    private static final long NONE = -1;

    private static final long[] NO_LONGS = {};

    // Made with the first packet: who sends nothing needs none of it.
    private long[] arrivedNs = NO_LONGS;
    private long[] numbers = NO_LONGS;
    private long highest = NONE;
    private long reportFrom = NONE;

    /** Notes a packet. */
    public void onPacket(final int transportSequence, final long receivedNs) {
        final int sequence = transportSequence & 0xFFFF;
        final long extended = highest == NONE ? 0x1_0000L + sequence
            : highest + (short) (sequence - (int) highest);
        if (highest != NONE && extended <= highest - MAX_BEHIND) {
            return;
        }
        if (numbers.length == 0) {
            arrivedNs = new long[CAPACITY];
            numbers = new long[CAPACITY];
        }
        final int index = (int) extended & MASK;
        if (numbers[index] == extended) {
            return;
        }
        numbers[index] = extended;
        arrivedNs[index] = receivedNs;
        if (highest == NONE || extended > highest) {
            // After a leap the numbers in between are lost for good: do not report thousands of them.
            final boolean leap = highest != NONE && extended - highest > CAPACITY / 2;
            highest = extended;
            reportFrom = reportFrom == NONE || leap ? extended : reportFrom;
        }
        if (extended < reportFrom) {
            reportFrom = extended;
        }
    }

    /** True when something arrived since the last {@link #reported}. */
    public boolean pending() {
        return reportFrom != NONE && reportFrom <= highest;
    }

    /** First number to report. */
    public long from() {
        return reportFrom;
    }

    /** Last number to report, included. */
    public long to() {
        return highest;
    }

    /** When a number arrived, or {@link #NOT_RECEIVED}. */
    public long arrivedNs(final long number) {
        if (numbers.length == 0) {
            return NOT_RECEIVED;
        }
        final int index = (int) number & MASK;
        return numbers[index] == number ? arrivedNs[index] : NOT_RECEIVED;
    }

    /**
     * Fills a message with what was not reported yet, from the first such number on, and counts it as reported; as much
     * as one message holds, so there may be more {@link #pending}.
     *
     * @param feedback begun anew; is to be sent when this is true
     * @return false when the first packet is too far behind the hole before it for one message: the hole is left out
     */
    public boolean fill(final TransportFeedbackWriter feedback) {
        final long from = reportFrom;
        long number = from;
        while (arrivedNs(number) == NOT_RECEIVED) {
            number++;
        }
        feedback.begin((int) from, arrivedNs(number));
        long reported = from;
        for (; number <= highest; number++) {
            final long atNs = arrivedNs(number);
            if (atNs != NOT_RECEIVED) {
                if (!feedback.add((int) number, atNs)) {
                    break;
                }
                reported = number;
            }
        }
        reported(feedback.statusCount() == 0 ? number - 1 : reported);
        return feedback.statusCount() > 0;
    }

    /** Numbers up to and including {@code number} have been reported. */
    public void reported(final long number) {
        reportFrom = number + 1;
    }
}
