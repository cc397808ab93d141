package org.chevet.relay.vitals;

/**
 * Bounds of one hub. Immutable.
 *
 * @param maxConnections connections open at once
 * @param maxStreams streams in the directory at once
 * @param maxStreamsPerParticipant streams of one participant at once
 * @param maxBlockBytes largest payload of one block
 * @param ringNs how long a block is kept, in nanoseconds
 * @param ringBytes bytes of blocks kept per stream
 * @param ringBlocks blocks kept per stream
 * @param hubBytes bytes of all rings together: half shared, half in equal parts for each possible stream
 * @param heartbeatNs a side that has nothing to say sends a heartbeat this often
 * @param timeoutNs a connection that is silent this long is closed
 * @param replaceableNs another instance may take a participant's streams after this silence of the first
 * @param silentNs a periodic stream without a block for this long is SILENT
 * @param expiryNs a detached or ended stream is forgotten after this
 * @param ackDelayNs an acknowledgement waits at most this long for more blocks
 * @param ackBlocks an acknowledgement waits for at most this many blocks
 * @param defaultCredit blocks under way to a subscriber that names no credit
 */
public record VitalsLimits(int maxConnections, int maxStreams, int maxStreamsPerParticipant, int maxBlockBytes,
    long ringNs, int ringBytes, int ringBlocks, long hubBytes, long heartbeatNs, long timeoutNs, long replaceableNs,
    long silentNs, long expiryNs, long ackDelayNs, int ackBlocks, int defaultCredit) {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int MAX_BLOCK_BYTES = 1 << 20;

    /** Refuses bounds that cannot work, naming the one. */
    public VitalsLimits {
        require(maxConnections > 0, "maxConnections");
        require(maxStreams > 0, "maxStreams");
        require(maxStreamsPerParticipant > 0, "maxStreamsPerParticipant");
        require(maxBlockBytes > 0 && maxBlockBytes <= MAX_BLOCK_BYTES, "maxBlockBytes");
        require(ringNs > 0, "ringNs");
        require(ringBytes >= 2 * maxBlockBytes, "ringBytes");
        require(ringBlocks > 1, "ringBlocks");
        require(hubBytes / 2 / maxStreams > 0, "hubBytes");
        require(heartbeatNs > 0, "heartbeatNs");
        require(timeoutNs > heartbeatNs, "timeoutNs");
        require(replaceableNs > heartbeatNs, "replaceableNs");
        require(silentNs > 0, "silentNs");
        require(expiryNs > 0, "expiryNs");
        require(ackDelayNs > 0, "ackDelayNs");
        require(ackBlocks > 0, "ackBlocks");
        require(defaultCredit > 0, "defaultCredit");
    }

    /** 64 connections and streams, blocks of 64 KiB, rings of 5 min and 16 MiB, 128 MiB together, timeout 10 s. */
    public static VitalsLimits defaults() {
        return new VitalsLimits(64, 64, 48, 64 * 1024, 300 * SECOND_NS, 16 << 20, 1 << 16, 128L << 20, 2 * SECOND_NS,
            10 * SECOND_NS, 6 * SECOND_NS, 3 * SECOND_NS, 600 * SECOND_NS, SECOND_NS / 10, 16, 256);
    }

    /** The same with another retention: nanoseconds and bytes per stream. */
    public VitalsLimits withRing(final long retentionNs, final int bytes) {
        return new VitalsLimits(maxConnections, maxStreams, maxStreamsPerParticipant, maxBlockBytes, retentionNs,
            bytes, ringBlocks, Math.max(hubBytes, bytes), heartbeatNs, timeoutNs, replaceableNs, silentNs, expiryNs,
            ackDelayNs, ackBlocks, defaultCredit);
    }

    private static void require(final boolean holds, final String name) {
        if (!holds) {
            throw new IllegalArgumentException("vitals limit " + name + " is out of range");
        }
    }
}
