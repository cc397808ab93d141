package org.chevet.relay.route;

import org.chevet.relay.bwe.StreamNumbers;
import org.jspecify.annotations.Nullable;

/**
 * Which packet of a section, by stream and RTP sequence number, left under which transport-wide number; empty where
 * feedback does not name packets so. Lane thread only.
 */
final class SentNumbers {
    private final NegotiatedSection section;
    private final @Nullable StreamNumbers media;
    private final @Nullable StreamNumbers repairs;

    SentNumbers(final NegotiatedSection section) {
        this.section = section;
        media = section.ccfb() ? new StreamNumbers() : null;
        repairs = section.ccfb() && section.localRtxSsrc() != 0 ? new StreamNumbers() : null;
    }

    /** A packet leaves, on the retransmission stream or not. */
    void note(final boolean rtx, final long sequence, final int transportNumber) {
        final StreamNumbers stream = rtx ? repairs : media;
        if (stream != null) {
            stream.put((int) sequence, transportNumber);
        }
    }

    /** Transport-wide number of a packet of one of the two streams, or {@link StreamNumbers#NOT_FOUND}. */
    int find(final int ssrc, final int sequence) {
        final StreamNumbers stream = ssrc == section.localSsrc() ? media
            : ssrc == section.localRtxSsrc() ? repairs : null;
        return stream == null ? StreamNumbers.NOT_FOUND : stream.find(sequence);
    }
}
