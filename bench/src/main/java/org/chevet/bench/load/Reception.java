package org.chevet.bench.load;

import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.wire.SequenceUnwrapper;
import org.chevet.relay.stream.ArrivalTimes;
import org.chevet.relay.stream.NackGenerator;

/**
 * What a receiver on a poor network tells the sender, as browsers do: when each packet arrived
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01), and which ones it misses (RFC 4585 section 6.2.1). Loop thread
 * only.
 */
final class Reception {
    private static final long FEEDBACK_NS = 60_000_000L;

    private final int wideId;
    private final ArrivalTimes arrivals = new ArrivalTimes();
    private final TransportFeedbackWriter feedback = new TransportFeedbackWriter();
    private final RtpExtensions extensions = new RtpExtensions();
    private final int[] lost = new int[NackGenerator.MAX_MISSING];
    private final List<Gaps> streams = new ArrayList<>();
    private long feedbackDueNs;
    private int feedbackCount;

    /** Of a connection whose packets have their transport-wide number under this id, 0 for none. */
    Reception(final int wideId) {
        this.wideId = wideId;
    }

    /** One stream: what was jumped over. */
    private static final class Gaps {
        private final int ssrc;
        private final SequenceUnwrapper numbers = new SequenceUnwrapper();
        private final NackGenerator nacks = new NackGenerator();
        private long highest = -1;
        private boolean hopeless;

        Gaps(final int ssrc) {
            this.ssrc = ssrc;
        }

        void arrived(final int sequence, final long nowNs) {
            final long number = numbers.unwrap(sequence);
            if (highest < 0 || number == highest + 1) {
                highest = number;
            } else if (number > highest) {
                hopeless |= !nacks.onGap(highest + 1, number, nowNs);
                highest = number;
            } else {
                nacks.onArrived(number, nowNs);
            }
        }
    }

    /** Notes a packet. */
    void arrived(final RtpHeader header, final long nowNs) {
        if (wideId > 0 && extensions.wrap(header) && extensions.find(wideId) && extensions.valueLength() == 2) {
            arrivals.onPacket(extensions.valueU16(), nowNs);
        }
        for (int i = 0; i < streams.size(); i++) {
            if (streams.get(i).ssrc == header.ssrc()) {
                streams.get(i).arrived(header.sequence(), nowNs);
                return;
            }
        }
        final Gaps made = new Gaps(header.ssrc());
        made.arrived(header.sequence(), nowNs);
        streams.add(made);
    }

    /** Writes what is due; true when there is something to send. */
    boolean write(final RtcpWriter rtcp, final int senderSsrc, final LoopCounts counts, final long nowNs) {
        for (int i = 0; i < streams.size(); i++) {
            final Gaps stream = streams.get(i);
            final int count = stream.nacks.poll(lost, nowNs);
            for (int j = 0; j < count; j++) {
                rtcp.nack(senderSsrc, stream.ssrc, lost[j]);
            }
            counts.asked += count;
            if (stream.hopeless) {
                stream.hopeless = false;
                rtcp.pictureLoss(senderSsrc, stream.ssrc);
            }
        }
        if (nowNs >= feedbackDueNs && arrivals.pending() && arrivals.fill(feedback)
            && rtcp.transportFeedback(feedback, senderSsrc, streams.getFirst().ssrc, feedbackCount)) {
            feedbackCount++;
            feedbackDueNs = nowNs + FEEDBACK_NS;
        }
        return rtcp.length() > 0;
    }
}
