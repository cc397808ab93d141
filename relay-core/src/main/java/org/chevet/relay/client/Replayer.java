package org.chevet.relay.client;

import java.nio.ByteBuffer;

/**
 * Publishes a recording at its exact rate: block boundaries and due times are computed from the index of the sample
 * by integer arithmetic, so that nothing drifts however long it runs. Missing samples stay missing. Sans-IO: the
 * caller brings the time. One thread.
 */
public final class Replayer {
    private static final int MIN_SPEED = 1;
    private static final int MAX_SPEED = 1000;

    private final Recording recording;
    private final Publication publication;
    private final int blockFrames;
    private final boolean loop;
    private final int speed;
    private final long startNs;
    private final long startDeviceNs;
    /** Written by the replaying thread, read by any. */
    private volatile long nextFrame;
    private long refusals;

    /**
     * A replay that has published nothing yet.
     *
     * @param recording what to publish
     * @param publication where to, opened with the recording's spec
     * @param blockFrames frames of a block; {@link #framesOf} proposes
     * @param loop begin again at the end; sample indexes go on
     * @param speed 1 = real time, n = n times as fast
     * @param startNs when frame 0 is, in the nowNs of {@link #publishDue}
     * @param startDeviceNs device time of frame 0
     */
    public Replayer(final Recording recording, final Publication publication, final int blockFrames,
        final boolean loop, final int speed, final long startNs, final long startDeviceNs) {
        if (blockFrames < 1 || speed < MIN_SPEED || speed > MAX_SPEED) {
            throw new IllegalArgumentException("blocks have at least 1 frame, speed is 1 to " + MAX_SPEED);
        }
        this.recording = recording;
        this.publication = publication;
        this.blockFrames = blockFrames;
        this.loop = loop;
        this.speed = speed;
        this.startNs = startNs;
        this.startDeviceNs = startDeviceNs;
    }

    /** Frames that last about so many milliseconds at a rate, at least 1. */
    public static int framesOf(final Rate rate, final int milliseconds) {
        return (int) Math.max(1, rate.numerator() * milliseconds / (rate.denominator() * 1000));
    }

    /** When the next block is complete and may go; Long.MAX_VALUE when the recording is over. */
    public long nextDueNs() {
        return isDone() ? Long.MAX_VALUE : startNs + timeOfNs(blockEnd());
    }

    /**
     * Publishes every block that is complete by now.
     *
     * @return how many blocks; fewer than due when the publication is full: the rest is published by a later call
     */
    public int publishDue(final long nowNs) {
        int published = 0;
        while (!isDone() && nowNs >= startNs + timeOfNs(blockEnd())) {
            if (!publishTo(blockEnd())) {
                refusals++;
                return published;
            }
            published++;
        }
        return published;
    }

    /** True when everything was published. */
    public boolean isDone() {
        return !loop && nextFrame >= recording.frames();
    }

    /** Frames published so far. */
    public long framesPublished() {
        return nextFrame;
    }

    /** How often the publication was full. */
    public long refusals() {
        return refusals;
    }

    /** Blocks end at multiples of their size, and at the end of the recording. */
    private long blockEnd() {
        final long end = (nextFrame / blockFrames + 1) * blockFrames;
        return loop ? end : Math.min(end, recording.frames());
    }

    /** Publishes up to the frame, in pieces that are wholly there or wholly missing; false when full. */
    private boolean publishTo(final long end) {
        while (nextFrame < end) {
            final int from = (int) (nextFrame % recording.frames());
            final int most = (int) Math.min(end - nextFrame, recording.frames() - from);
            final boolean missing = recording.isMissing(from);
            int count = 1;
            while (count < most && recording.isMissing(from + count) == missing) {
                count++;
            }
            final long deviceFrame = nextFrame;
            final long deviceTimeNs = startDeviceNs + timeOfNs(deviceFrame);
            final ByteBuffer payload = missing ? ByteBuffer.allocate(0) : recording.payload(from, count);
            if (!publication.offer(deviceFrame, count, deviceTimeNs, missing ? VitalsBlock.MISSING : 0, payload)) {
                return false;
            }
            final long after = deviceFrame + count;
            nextFrame = after;
        }
        return true;
    }

    private long timeOfNs(final long frame) {
        return recording.rate().timeOfNs(frame) / speed;
    }
}
