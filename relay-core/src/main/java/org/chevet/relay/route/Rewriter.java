package org.chevet.relay.route;

import org.chevet.relay.stream.ReceiveStats;

/**
 * Turns the sequence numbers, timestamps and frame numbers of one source after another into one stream without seams
 * (one SSRC towards one subscriber).
 *
 * <ul>
 * <li>Loss stays visible: what did not arrive leaves its number free, and fits in when it comes late.
 * <li>What the relay drops on purpose leaves no hole ({@link #skip}, {@link #resume}).
 * <li>Another source (layer, publisher, restart) goes on with the next number and a later timestamp ({@link #begin}).
 * </ul>
 *
 * <p>Plain values, no buffers: its {@link #state()} can be carried to another node. Packets must come in the order in
 * which they are sent. Lane thread only.
 */
public final class Rewriter {
    /** Dropped packets remembered behind the newest one, to place late ones right. */
    public static final int MAX_SKIPS = Numbers.MAX_SKIPS;
    /** In place of a number: the packet cannot be placed any more. */
    public static final long TOO_LATE = Numbers.TOO_LATE;
    /** Source before the first {@link #begin}. */
    public static final int NO_SOURCE = 0;
    private static final long FIRST_SEQUENCE = 0x1_0000;

    /**
     * What a successor needs to go on without a seam.
     *
     * @param ssrc SSRC of the outgoing stream
     * @param nextSequence extended sequence number of the next packet
     * @param started true when something was sent
     * @param lastTimestamp newest timestamp sent
     * @param lastFrame newest frame number sent, 16 bits
     */
    public record State(int ssrc, long nextSequence, boolean started, int lastTimestamp, int lastFrame) {
    }

    private final int ssrc;
    private final Numbers sequences;
    private int source = NO_SOURCE;
    private boolean started;
    private int timestampOffset;
    private int lastTimestamp;
    private long lastTimestampNs;
    private int frameOffset;
    private int lastFrame;
    private boolean framesAligned;

    /** A stream with this SSRC whose first 16-bit sequence number is {@code firstSequence}. */
    public Rewriter(final int ssrc, final int firstSequence) {
        this.ssrc = ssrc;
        sequences = new Numbers(FIRST_SEQUENCE + (firstSequence & 0xFFFF));
    }

    /** SSRC of the outgoing stream. */
    public int ssrc() {
        return ssrc;
    }

    /** The source begun last, or {@link #NO_SOURCE}. */
    public int source() {
        return source;
    }

    /**
     * Starts with a source, or switches to it, at its packet {@code sequence}.
     *
     * @param newSource any number but {@link #NO_SOURCE}
     * @param sequence extended sequence number of the first packet to be sent
     * @param timestamp its RTP timestamp
     * @param arrivedNs when it arrived
     * @param clockRate RTP clock in Hz
     */
    public void begin(final int newSource, final long sequence, final int timestamp, final long arrivedNs,
        final int clockRate) {
        beginAt(newSource, sequence, timestamp, arrivedNs, clockRate, elapsedTimestamp(arrivedNs, clockRate));
    }

    /**
     * As {@link #begin} when sender reports tell exactly which outgoing timestamp belongs to the packet.
     *
     * @param aligned that timestamp; used when it is later than all sent so far and within a second of what the
     *     arrival says, else the arrival decides
     */
    public void beginAt(final int newSource, final long sequence, final int timestamp, final long arrivedNs,
        final int clockRate, final int aligned) {
        final int elapsed = elapsedTimestamp(arrivedNs, clockRate);
        final int trusted = Math.abs((long) (aligned - elapsed)) <= clockRate ? aligned : elapsed;
        source = newSource;
        resume(sequence);
        if (started) {
            final int wanted = trusted - lastTimestamp > 0 ? trusted : lastTimestamp + 1;
            timestampOffset = wanted - timestamp;
        } else {
            timestampOffset = 0;
            lastTimestamp = timestamp;
            started = true;
        }
        lastTimestampNs = arrivedNs;
        framesAligned = false;
    }

    private int elapsedTimestamp(final long arrivedNs, final int clockRate) {
        return lastTimestamp + ReceiveStats.rtpUnits(Math.max(0, arrivedNs - lastTimestampNs), clockRate);
    }

    /** Goes on with the same source at {@code sequence}: everything before it that was not sent was dropped. */
    public void resume(final long sequence) {
        sequences.resume(sequence);
    }

    /** A packet of the current source is not sent: the numbers close up behind it. */
    public void skip(final long sequence) {
        sequences.skip(sequence);
    }

    /** The outgoing extended sequence number of a packet of the current source, or {@link #TOO_LATE}. */
    public long sequence(final long sequence) {
        return sequences.place(sequence);
    }

    /** The outgoing timestamp of a packet of the current source. */
    public int timestamp(final int timestamp, final long arrivedNs) {
        final int out = timestamp + timestampOffset;
        if (out - lastTimestamp > 0) {
            lastTimestamp = out;
            lastTimestampNs = arrivedNs;
        }
        return out;
    }

    /** Maps a timestamp of the current source without a packet being sent: sender reports. */
    public int mapTimestamp(final int timestamp) {
        return timestamp + timestampOffset;
    }

    /** Newest outgoing timestamp. */
    public int lastTimestamp() {
        return lastTimestamp;
    }

    /** What the outgoing timestamps are ahead of the current source's. */
    public int timestampOffset() {
        return timestampOffset;
    }

    /** The outgoing frame number of a dependency descriptor, 16 bits: continuous across sources. */
    public int frame(final int frame) {
        if (!framesAligned) {
            framesAligned = true;
            frameOffset = lastFrame + 1 - frame;
            lastFrame = (lastFrame + 1) & 0xFFFF;
            return lastFrame;
        }
        final int out = (frame + frameOffset) & 0xFFFF;
        if ((short) (out - lastFrame) > 0) {
            lastFrame = out;
        }
        return out;
    }

    /** Extended sequence number the next packet in order would get. */
    public long nextSequence() {
        return sequences.next();
    }

    /** Newest sequence number of the source that was sent or dropped. */
    public long highest() {
        return sequences.highest();
    }

    /** A copy of what matters. */
    public State state() {
        return new State(ssrc, sequences.nextUnused(), started, lastTimestamp, lastFrame);
    }

    /** Goes on where another rewriter stood: the next packet must come after {@link #begin}. */
    public static Rewriter restore(final State state, final long nowNs) {
        final Rewriter rewriter = new Rewriter(state.ssrc(), 0);
        rewriter.sequences.restart(state.nextSequence());
        rewriter.started = state.started();
        rewriter.lastTimestamp = state.lastTimestamp();
        rewriter.lastTimestampNs = nowNs;
        rewriter.lastFrame = state.lastFrame();
        return rewriter;
    }
}
