package org.chevet.relay.route;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.relay.bwe.Allocator;
import org.jspecify.annotations.Nullable;

/** A subscriber: its sections, what it reports, and the numbers all its packets share. Lane thread only. */
public final class SubscriberSide extends PeerSide {
    /** In clinical order: audio before video. */
    final Subscription[] subscriptions;
    /** In the order of the offer. */
    final Subscription[] offered;
    long rembBps;
    long transportFeedbacks;
    long transportLost;
    long transportReceived;
    final BandwidthShare share;
    private int transportSequence;

    SubscriberSide(final MediaRouter router, final int peer, final PeerMedia media) {
        super(router, peer, media);
        final List<NegotiatedSection> sections = media.sections();
        offered = new Subscription[(int) sections.stream().filter(SubscriberSide::isSent).count()];
        int count = 0;
        for (int i = 0; i < sections.size(); i++) {
            if (isSent(sections.get(i))) {
                final int requested = i < media.sources().size() ? media.sources().get(i) : PeerMedia.ANY;
                offered[count++] = new Subscription(this, sections.get(i), requested);
            }
        }
        subscriptions = offered.clone();
        Arrays.sort(subscriptions, Comparator.comparing(subscription -> subscription.section.kind()));
        share = new BandwidthShare(this);
    }

    private static boolean isSent(final NegotiatedSection section) {
        return section.flow() == Flow.SEND && !section.codecs().isEmpty();
    }

    /** Sections towards this peer. */
    public int subscriptions() {
        return subscriptions.length;
    }

    /** A section; audio comes before video. */
    public Subscription subscription(final int index) {
        return subscriptions[index];
    }

    /** Bits per second that may be sent to this peer, headers included; {@link Allocator#UNLIMITED} when unknown. */
    long budgetBps() {
        return Allocator.UNLIMITED;
    }

    /** Sequence number of the next packet on this transport, any section, retransmissions included. */
    int nextTransportSequence() {
        return transportSequence++ & 0xFFFF;
    }

    boolean mayReceive(final Publication publication) {
        final int participant = publication.publisher.media.participant();
        return participant != media.participant() && (media.from() == PeerMedia.ANY || media.from() == participant);
    }

    boolean carries(final Publication publication) {
        for (final Subscription subscription : offered) {
            if (subscription.publication == publication) {
                return true;
            }
        }
        return false;
    }

    /** The free section for a publication: best the one that carried the same participant before, else the first. */
    @Nullable Subscription freeFor(final Publication publication) {
        final int participant = publication.publisher.media.participant();
        Subscription first = null;
        for (final Subscription subscription : offered) {
            if (subscription.publication != null || subscription.section.kind() != publication.section.kind()) {
                continue;
            }
            if (subscription.lastParticipant == participant) {
                return subscription;
            }
            first = first == null ? subscription : first;
        }
        return first;
    }

    @Nullable Subscription bySsrc(final int ssrc) {
        for (final Subscription subscription : offered) {
            if (subscription.section.localSsrc() == ssrc) {
                return subscription;
            }
        }
        return null;
    }

    /** The first report about an SSRC shows that it was heard: its packets need no mid from then on. */
    void onHeard(final int ssrc) {
        for (final Subscription subscription : offered) {
            subscription.midConfirmed |= subscription.section.localSsrc() == ssrc;
            subscription.rtxMidConfirmed |= subscription.section.localRtxSsrc() == ssrc;
        }
    }

    @Override
    void writeRtcp(final RtcpWriter writer, final long nowNs) {
        for (final Subscription subscription : subscriptions) {
            if (writer.length() > MAX_RTCP_LENGTH / 2 || !subscription.writeReport(writer, nowNs)) {
                return;
            }
        }
    }

    @Override
    void handleRtcp(final RtcpReader in, final long nowNs) {
        in.readSubscriber(this, nowNs);
        share.divideIfDue(nowNs);
    }
}
