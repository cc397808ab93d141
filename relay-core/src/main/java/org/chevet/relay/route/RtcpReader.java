package org.chevet.relay.route;

import org.agrona.DirectBuffer;
import org.chevet.codec.rtcp.Bye;
import org.chevet.codec.rtcp.CongestionFeedback;
import org.chevet.codec.rtcp.ExtendedReport;
import org.chevet.codec.rtcp.FullIntraRequest;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.PictureLoss;
import org.chevet.codec.rtcp.ReceiverReport;
import org.chevet.codec.rtcp.Remb;
import org.chevet.codec.rtcp.ReportBlocks;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpType;
import org.chevet.codec.rtcp.SenderReport;
import org.chevet.codec.rtcp.TransportFeedback;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;

/** Takes RTCP apart and hands each message to the side it is for. What nobody needs (APP, SDES) is passed over. */
final class RtcpReader {
    /** Sequence numbers of one datagram's NACKs that are answered; browsers send far fewer. */
    static final int MAX_NACKED = 512;

    private final LaneStats stats;
    private final RtcpCompound compound = new RtcpCompound();
    private final SenderReport senderReport = new SenderReport();
    private final ExtendedReport extendedReport = new ExtendedReport();
    private final ReceiverReport receiverReport = new ReceiverReport();
    private final Bye bye = new Bye();
    private final Nack nack = new Nack();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final FullIntraRequest fullIntraRequest = new FullIntraRequest();
    private final Remb remb = new Remb();
    private final CongestionFeedback congestionFeedback = new CongestionFeedback();
    private final TransportFeedback transportFeedback = new TransportFeedback();
    private int understood;

    RtcpReader(final LaneStats stats) {
        this.stats = stats;
    }

    /** Checks the frame of the datagram; false when it is not RTCP. */
    boolean wrap(final DirectBuffer in, final int offset, final int length) {
        understood = 0;
        return compound.wrap(in, offset, length);
    }

    /** Messages that meant something in the last datagram. */
    int understood() {
        return understood;
    }

    void readPublisher(final PublisherSide side, final long nowNs) {
        boolean reported = false;
        long leftNtp = 0;
        while (compound.next()) {
            if (senderReport.wrap(compound)) {
                understood++;
                reported = true;
                leftNtp = senderReport.ntp();
                side.onSenderReport(senderReport.ssrc(), senderReport.ntp(), senderReport.rtpTimestamp(), nowNs);
            } else if (extendedReport.wrap(compound)) {
                // The report before it in the datagram says when that left, by the publisher's clock.
                if (reported && extendedReport.findDelay(side.router.rtcpSsrc)) {
                    understood++;
                    side.clock.onAnswer(leftNtp, extendedReport.lastReference(), extendedReport.delay(), nowNs);
                }
            } else if (bye.wrap(compound)) {
                understood++;
                for (int i = 0; i < bye.count(); i++) {
                    side.onBye(bye.ssrc(i));
                }
            }
        }
    }

    void readSubscriber(final SubscriberSide side, final long nowNs) {
        int nacked = 0;
        while (compound.next()) {
            understood++;
            switch (compound.packetType()) {
                case RtcpType.RECEIVER_REPORT -> {
                    if (receiverReport.wrap(compound)) {
                        readBlocks(side, receiverReport.blocks(), nowNs);
                    }
                }
                case RtcpType.SENDER_REPORT -> {
                    if (senderReport.wrap(compound)) {
                        readBlocks(side, senderReport.blocks(), nowNs);
                    }
                }
                case RtcpType.TRANSPORT_FEEDBACK -> nacked = readTransport(side, nacked, nowNs);
                case RtcpType.PAYLOAD_FEEDBACK -> readPayload(side, nowNs);
                default -> understood--;
            }
        }
    }

    private static void readBlocks(final SubscriberSide side, final ReportBlocks blocks, final long nowNs) {
        for (int i = 0; i < blocks.count(); i++) {
            side.onHeard(blocks.ssrc(i));
            final Subscription subscription = side.bySsrc(blocks.ssrc(i));
            if (subscription != null) {
                subscription.onReportBlock(blocks, i, nowNs);
            }
        }
    }

    private int readTransport(final SubscriberSide side, final int already, final long nowNs) {
        int nacked = already;
        if (nack.wrap(compound)) {
            final Subscription subscription = side.bySsrc(nack.mediaSsrc());
            for (int lost = nack.next(); lost >= 0 && subscription != null; lost = nack.next()) {
                if (nacked++ == MAX_NACKED) {
                    break;
                }
                stats.count(Counter.NACKS_RECEIVED);
                subscription.onNack(lost, nowNs);
            }
        } else if (transportFeedback.wrap(compound)) {
            stats.count(Counter.TRANSPORT_FEEDBACKS_RECEIVED);
            side.control.onTransportFeedback(transportFeedback, nowNs);
            stats.recordEstimate(side.control.targetBps(), side.control.queueDelayNs());
            side.wakeIfWaiting();
        } else if (congestionFeedback.wrap(compound)) {
            stats.count(Counter.CONGESTION_FEEDBACKS_RECEIVED);
            side.onStreamFeedback(congestionFeedback, nowNs);
            stats.recordEstimate(side.control.targetBps(), side.control.queueDelayNs());
            side.wakeIfWaiting();
        }
        return nacked;
    }

    private void readPayload(final SubscriberSide side, final long nowNs) {
        if (pictureLoss.wrap(compound)) {
            askKeyFrame(side, pictureLoss.mediaSsrc());
        } else if (fullIntraRequest.wrap(compound)) {
            for (int i = 0; i < fullIntraRequest.count(); i++) {
                askKeyFrame(side, fullIntraRequest.ssrc(i));
            }
        } else if (remb.wrap(compound)) {
            side.control.onReceiverEstimate(remb.rateBps(), nowNs);
            side.wakeIfWaiting();
        }
    }

    private void askKeyFrame(final SubscriberSide side, final int ssrc) {
        stats.count(Counter.KEY_FRAME_REQUESTS_RECEIVED);
        final Subscription subscription = side.bySsrc(ssrc);
        if (subscription != null) {
            subscription.onKeyFrameRequest();
        }
    }
}
