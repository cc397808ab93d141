package org.chevet.relay.route;

import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.relay.stats.Counter;

/** What the router keeps of one peer: a publisher's side or a subscriber's side. Lane thread only. */
public abstract sealed class PeerSide permits PublisherSide, SubscriberSide {
    /** Bound on one RTCP datagram, so that it passes any path. */
    static final int MAX_RTCP_LENGTH = 1200;

    final int peer;
    final PeerMedia media;
    final MediaRouter router;
    final byte[] cname;
    boolean ready;
    boolean connected = true;

    PeerSide(final MediaRouter router, final int peer, final PeerMedia media) {
        this.router = router;
        this.peer = peer;
        this.media = media;
        cname = media.cname().getBytes(StandardCharsets.UTF_8);
    }

    /** Number of the peer, as in {@code EgressPort}. */
    public final int peer() {
        return peer;
    }

    /**
     * Writes the next RTCP datagram that is due.
     *
     * @return its length, 0 when nothing is due
     */
    public final int pollRtcp(final MutableDirectBuffer out, final int offset, final int capacity,
        final long nowNs) {
        final RtcpWriter writer = router.rtcpWriter.begin(out, offset, Math.min(capacity, MAX_RTCP_LENGTH));
        writeRtcp(writer, nowNs);
        if (writer.length() > 0) {
            router.stats.count(Counter.RTCP_SENT);
        }
        return writer.length();
    }

    abstract void writeRtcp(RtcpWriter writer, long nowNs);

    abstract void handleRtcp(RtcpReader in, long nowNs);
}
