package org.chevet.relay.egress;

import org.chevet.relay.route.MediaRouter;
import org.chevet.relay.route.PeerSide;
import org.chevet.relay.route.SubscriberSide;
import org.chevet.relay.route.Subscription;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.stream.SealedPackets;

/**
 * Drains what a router queued, peer by peer so that the packets of one receiver leave together: audio before video,
 * then reports. Video waits in its queue while the pacer of its receiver says so; nothing is held here. Lane thread
 * only; allocates nothing.
 */
public final class Egress {
    /** Room for a header of any kind; ports offer at least 1500 bytes. */
    private static final int HEADER_CAPACITY = 600;
    private static final int RTCP_CAPACITY = 1500;
    /** Bound on the packets of one flush and peer, against a fault that would never come to an end. */
    private static final int MAX_PACKETS = 8192;
    /** Packets of padding of one flush and peer: a step of 5 ms at 20 Mbit/s takes half of them. */
    private static final int MAX_PADDING = 128;

    private final MediaRouter router;

    /** The way out of one consultation's router. */
    public Egress(final MediaRouter router) {
        this.router = router;
    }

    /**
     * Sends all that is queued. Call after each batch of {@code on*} calls and after {@code handleTimeout}.
     *
     * @return packets handed to the port
     */
    public int flush(final EgressPort port, final long nowNs) {
        int packets = 0;
        for (int i = 0; i < router.readyCount(); i++) {
            final PeerSide side = router.ready(i);
            if (side instanceof SubscriberSide subscriber) {
                packets += sendMedia(subscriber, port, nowNs);
            }
            packets += sendReports(side, port, nowNs);
        }
        router.drained();
        return packets;
    }

    private static int sendMedia(final SubscriberSide subscriber, final EgressPort port, final long nowNs) {
        int packets = 0;
        for (int i = 0; i < subscriber.subscriptions(); i++) {
            final Subscription subscription = subscriber.subscription(i);
            final SealedPackets sealed = subscription.sealed();
            if (sealed != null) {
                packets += sendAgain(subscriber, sealed, port, nowNs);
            }
            while (packets < MAX_PACKETS && subscription.mayLeave(nowNs)) {
                final int headerLength =
                    subscription.pollRtp(port.buffer(), port.offset(), HEADER_CAPACITY, nowNs);
                if (headerLength == 0) {
                    break;
                }
                if (sealed != null) {
                    sealed.tagNext(subscription.transportNumber());
                }
                port.sendRtp(subscriber.peer(), headerLength, subscription.payload(), subscription.payloadOffset(),
                    subscription.payloadLength(), subscription.traffic(), subscription.receivedNs(),
                    subscription.sealed(), nowNs);
                subscription.sent(nowNs);
                packets++;
            }
        }
        return packets + sendPadding(subscriber, port, nowNs);
    }

    /** What a probe wants beyond the media that was there. */
    private static int sendPadding(final SubscriberSide subscriber, final EgressPort port, final long nowNs) {
        int packets = 0;
        while (packets < MAX_PADDING) {
            final int headerLength = subscriber.pollPadding(port.buffer(), port.offset(), HEADER_CAPACITY, nowNs);
            if (headerLength == 0) {
                break;
            }
            port.sendRtp(subscriber.peer(), headerLength, SubscriberSide.PADDING, 0, SubscriberSide.PADDING_LENGTH,
                TrafficClass.VIDEO, EgressPort.NOT_TIMED, null, nowNs);
            packets++;
        }
        return packets;
    }

    private static int sendAgain(final SubscriberSide subscriber, final SealedPackets sealed, final EgressPort port,
        final long nowNs) {
        int packets = 0;
        for (int index; (index = sealed.pollAsked()) != SealedPackets.NONE;) {
            port.sendAgain(subscriber.peer(), sealed.buffer(), sealed.offset(index), sealed.length(index), nowNs);
            subscriber.onSentAgain(sealed.tag(index), sealed.length(index), nowNs);
            packets++;
        }
        subscriber.onMissed(sealed.takeMissed());
        return packets;
    }

    private static int sendReports(final PeerSide side, final EgressPort port, final long nowNs) {
        int packets = 0;
        while (packets < MAX_PACKETS) {
            final int length = side.pollRtcp(port.buffer(), port.offset(), RTCP_CAPACITY, nowNs);
            if (length == 0) {
                break;
            }
            port.sendRtcp(side.peer(), length, nowNs);
            packets++;
        }
        return packets;
    }
}
