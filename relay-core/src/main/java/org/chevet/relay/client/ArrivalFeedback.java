package org.chevet.relay.client;

import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.sdp.ExtMap;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.relay.stream.ArrivalTimes;

/**
 * Tells the sender when each packet of a connection arrived, so that it can find out what the network carries
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). One thread at a time.
 */
final class ArrivalFeedback {
    static final String URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    /** As often as browsers at call rates. */
    private static final long INTERVAL_NS = 60_000_000L;
    private static final int NONE = -1;

    private final int id;
    private final ArrivalTimes arrivals = new ArrivalTimes();
    private final RtpExtensions extensions = new RtpExtensions();
    private final TransportFeedbackWriter feedback = new TransportFeedbackWriter();
    private long dueNs;
    private int count;

    /** Of a connection whose answer may have agreed to the transport-wide sequence number. */
    ArrivalFeedback(final SessionDescription answer) {
        id = answer.sections().stream().flatMap(section -> section.all(ExtMap.class).stream())
            .filter(line -> line.uri().equals(URI)).mapToInt(ExtMap::id).findFirst().orElse(NONE);
    }

    /** Notes a packet of any track. */
    void onPacket(final RtpHeader header, final long nowNs) {
        if (id != NONE && extensions.wrap(header) && extensions.find(id) && extensions.valueLength() == 2) {
            arrivals.onPacket(extensions.valueU16(), nowNs);
        }
    }

    /** Writes what is due; one message at a time, so it may have to be called again. */
    void write(final RtcpWriter writer, final int senderSsrc, final int mediaSsrc, final long nowNs) {
        if (nowNs - dueNs >= 0 && arrivals.pending() && arrivals.fill(feedback)
            && writer.transportFeedback(feedback, senderSsrc, mediaSsrc, count)) {
            count++;
            dueNs = arrivals.pending() ? nowNs : nowNs + INTERVAL_NS;
        }
    }
}
