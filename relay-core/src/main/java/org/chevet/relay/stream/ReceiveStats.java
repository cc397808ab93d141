package org.chevet.relay.stream;

/**
 * What a receiver knows of one SSRC: extended sequence numbers, duplicates, loss and jitter
 * (RFC 3550 sections 6.4.1, A.1, A.3, A.8).
 *
 * <p>Without probation: a packet that passed SRTP authentication is no accident. Lane thread only.
 */
public final class ReceiveStats {
    /** Next in order, perhaps after a gap. */
    public static final int IN_ORDER = 0;
    /** Older than the newest and not seen before. */
    public static final int REORDERED = 1;
    /** The source started over at another sequence number; extended numbers go on rising. */
    public static final int RESTARTED = 2;
    /** Seen before. */
    public static final int DUPLICATE = -1;
    /** Older than the window in which duplicates can be told. */
    public static final int TOO_LATE = -2;
    /** Far off; becomes {@link #RESTARTED} when the next packet follows on (RFC 3550 A.1). */
    public static final int JUMP = -3;

    /** How far a sequence number may run ahead. */
    public static final int MAX_DROPOUT = 3000;
    /** How far back packets are told apart, reordering and repair included. */
    public static final int WINDOW = 1024;

    private static final int SEQUENCES = 1 << 16;
    private static final long NONE = -1;

    private final long[] seen = new long[WINDOW / Long.SIZE];
    private long highest;
    private long base;
    private long received;
    private long expectedPrior;
    private long receivedPrior;
    private long badSequence = NONE;
    private long extended;
    private boolean started;
    private boolean timed;
    private int transit;
    private int jitter;
    private int fractionLost;
    private int cumulativeLost;

    /**
     * Judges one packet.
     *
     * @param sequence 16-bit sequence number
     * @param timestamp RTP timestamp
     * @param clockRate Hz
     * @param receivedNs arrival
     * @param repair true when it came as a retransmission: it fills a gap but is neither loss nor jitter information
     * @return one of the constants; negative means drop it
     */
    public int onPacket(final int sequence, final int timestamp, final int clockRate, final long receivedNs,
        final boolean repair) {
        final int verdict = started ? judge(sequence, repair) : start(sequence);
        if (!repair && verdict != JUMP) {
            received++;
            if (verdict >= 0) {
                updateJitter(timestamp, clockRate, receivedNs);
            }
        }
        return verdict;
    }

    /** Extended sequence number of the packet accepted last; always positive, rises across restarts. */
    public long extended() {
        return extended;
    }

    /** Highest extended sequence number. */
    public long highest() {
        return highest;
    }

    /** True after the first packet. */
    public boolean started() {
        return started;
    }

    /** Packets that arrived, duplicates included, repairs not. */
    public long received() {
        return received;
    }

    /** True when this extended sequence number was seen, false when not or when it is outside the window. */
    public boolean seen(final long sequence) {
        return sequence <= highest && sequence > highest - WINDOW && bit(sequence);
    }

    /** Fixes the numbers of the next report block: call once per report, then read them. */
    public void closeInterval() {
        final long expected = highest - base + 1;
        final long expectedInterval = expected - expectedPrior;
        final long lostInterval = expectedInterval - (received - receivedPrior);
        expectedPrior = expected;
        receivedPrior = received;
        fractionLost = expectedInterval <= 0 || lostInterval <= 0 ? 0
            : (int) Math.min(255, (lostInterval << 8) / expectedInterval);
        cumulativeLost = Math.clamp(expected - received, -0x80_0000, 0x7F_FFFF);
    }

    /** Fraction lost in the last closed interval, in 1/256. */
    public int fractionLost() {
        return fractionLost;
    }

    /** Packets lost since the start, 24-bit signed range. */
    public int cumulativeLost() {
        return cumulativeLost;
    }

    /** Extended highest sequence number as a report block carries it. */
    public int extendedHighest() {
        return (int) (highest - SEQUENCES);
    }

    /** Interarrival jitter in RTP clock units. */
    public int jitter() {
        return jitter >>> 4;
    }

    /** A time in units of an RTP clock, modulo 2^32. */
    public static int rtpUnits(final long timeNs, final int clockRate) {
        final long seconds = Math.floorDiv(timeNs, 1_000_000_000L);
        final long rest = Math.floorMod(timeNs, 1_000_000_000L);
        return (int) (seconds * clockRate + rest * clockRate / 1_000_000_000L);
    }

    private int start(final int sequence) {
        started = true;
        begin(SEQUENCES + (long) sequence);
        return IN_ORDER;
    }

    private int judge(final int sequence, final boolean repair) {
        final int ahead = (sequence - (int) highest) & 0xFFFF;
        if (ahead == 0) {
            return DUPLICATE;
        }
        if (ahead < MAX_DROPOUT) {
            advance(highest + ahead);
            return IN_ORDER;
        }
        final int behind = SEQUENCES - ahead;
        if (behind < WINDOW) {
            return fill(highest - behind);
        }
        if (repair || behind < MAX_DROPOUT) {
            return TOO_LATE;
        }
        if (sequence != badSequence) {
            badSequence = (sequence + 1L) & 0xFFFF;
            return JUMP;
        }
        begin((((highest >> 16) + 2) << 16) + sequence);
        return RESTARTED;
    }

    private int fill(final long sequence) {
        if (bit(sequence)) {
            return DUPLICATE;
        }
        set(sequence);
        extended = sequence;
        return REORDERED;
    }

    private void begin(final long sequence) {
        java.util.Arrays.fill(seen, 0);
        highest = sequence;
        base = sequence;
        extended = sequence;
        received = 0;
        expectedPrior = 0;
        receivedPrior = 0;
        badSequence = NONE;
        timed = false;
        set(sequence);
    }

    private void advance(final long sequence) {
        if (sequence - highest >= WINDOW) {
            java.util.Arrays.fill(seen, 0);
        } else {
            for (long missing = highest + 1; missing < sequence; missing++) {
                seen[word(missing)] &= ~(1L << missing);
            }
        }
        highest = sequence;
        extended = sequence;
        badSequence = NONE;
        set(sequence);
    }

    private void updateJitter(final int timestamp, final int clockRate, final long receivedNs) {
        final int now = rtpUnits(receivedNs, clockRate) - timestamp;
        if (timed) {
            final int difference = Math.abs(now - transit);
            // A restarted clock is not jitter: ignore steps no network makes (10 s).
            if (difference >= 0 && difference / 10 < clockRate) {
                jitter += difference - ((jitter + 8) >> 4);
            }
        }
        timed = true;
        transit = now;
    }

    private boolean bit(final long sequence) {
        return (seen[word(sequence)] & (1L << sequence)) != 0;
    }

    private void set(final long sequence) {
        seen[word(sequence)] |= 1L << sequence;
    }

    private static int word(final long sequence) {
        return (int) (sequence >> 6) & (WINDOW / Long.SIZE - 1);
    }
}
