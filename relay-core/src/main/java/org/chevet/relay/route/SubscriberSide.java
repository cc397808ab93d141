package org.chevet.relay.route;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.CongestionFeedback;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.relay.bwe.Allocator;
import org.chevet.relay.bwe.ClinicalClass;
import org.chevet.relay.bwe.SendSideControl;
import org.chevet.relay.bwe.StreamFeedback;
import org.chevet.relay.bwe.StreamNumbers;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/** A subscriber: its sections, what it reports, and the numbers all its packets share. Lane thread only. */
public final class SubscriberSide extends PeerSide {
    /** Bytes of padding of one packet; the last says how many they are, so no more than 255 (RFC 3550 section 5.1). */
    public static final int PADDING_LENGTH = 224;
    /** A payload of padding. */
    public static final UnsafeBuffer PADDING = padding();

    /** In clinical order: audio before video. */
    final Subscription[] subscriptions;
    /** In the order of the offer. */
    final Subscription[] offered;
    /** Numbers, estimate and pace of all that is sent to this peer. */
    final SendSideControl control;
    final BandwidthShare share;
    private final StreamFeedback streamFeedback = new StreamFeedback();
    private final StreamFeedback.Numbers numbers = this::numberOf;

    SubscriberSide(final MediaRouter router, final int peer, final PeerMedia media, final long nowNs) {
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
        control = new SendSideControl(router.bandwidth, Arrays.stream(offered).anyMatch(SubscriberSide::answers),
            Arrays.stream(offered).anyMatch(Subscription::takesPadding), nowNs);
        Arrays.sort(subscriptions, Comparator.comparing(subscription -> subscription.section.kind()));
        share = new BandwidthShare(this);
    }

    private static UnsafeBuffer padding() {
        final byte[] bytes = new byte[PADDING_LENGTH];
        bytes[PADDING_LENGTH - 1] = (byte) PADDING_LENGTH;
        return new UnsafeBuffer(bytes);
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

    /**
     * Bits per second that may be sent to this peer, headers included; {@link Allocator#UNLIMITED} while that is not
     * known. Packets are paced from the start.
     */
    long budgetBps() {
        return control.isEstimated() ? control.targetBps() : Allocator.UNLIMITED;
    }

    /** Feedback that names packets by stream (RFC 8888). */
    void onStreamFeedback(final CongestionFeedback feedback, final long nowNs) {
        streamFeedback.read(feedback, numbers, control, nowNs);
    }

    private int numberOf(final int ssrc, final int sequence) {
        for (final Subscription subscription : offered) {
            final int number = subscription.numbers.find(ssrc, sequence);
            if (number != StreamNumbers.NOT_FOUND) {
                return number;
            }
        }
        return StreamNumbers.NOT_FOUND;
    }

    /** True when the peer agreed to feedback, and to the header extension it is made from where it needs one. */
    private static boolean answers(final Subscription subscription) {
        if (subscription.section.ccfb()) {
            return true;
        }
        final Map<HeaderExtension, Integer> extensions = subscription.section.extensions();
        return subscription.section.codecs().stream().anyMatch(
            codec -> (codec.transportCc() && extensions.containsKey(HeaderExtension.TRANSPORT_CC))
                || (codec.remb() && extensions.containsKey(HeaderExtension.ABS_SEND_TIME)));
    }

    /** Sequence number of the next packet on this transport, any section, retransmissions included. */
    int nextTransportNumber(final ClinicalClass clinicalClass, final int bytes, final long nowNs) {
        return control.nextTransportNumber(clinicalClass, bytes, nowNs);
    }

    /** A datagram of a section left once more under the transport-wide number it had. */
    public void onSentAgain(final int transportNumber, final int bytes, final long nowNs) {
        control.onSentAgain(transportNumber, bytes + SendSideControl.OVERHEAD_BYTES, nowNs);
        router.stats.count(Counter.RETRANSMISSIONS_SENT);
    }

    /** So many datagrams that were to leave once more were overwritten before their turn came. */
    public void onMissed(final int datagrams) {
        for (int i = 0; i < datagrams; i++) {
            router.stats.drop(DropReason.SEALED_MISS);
        }
    }

    /**
     * Builds the header of a packet of padding, when a probe wants one and a section can carry it; its payload is
     * {@link #PADDING}.
     *
     * @return header length, 0 when none is wanted
     */
    public int pollPadding(final MutableDirectBuffer out, final int offset, final int capacity, final long nowNs) {
        if (control.paddingBytes(nowNs) == 0) {
            return 0;
        }
        for (final Subscription subscription : subscriptions) {
            final int length = subscription.buildPadding(out, offset, capacity, nowNs);
            if (length > 0) {
                router.stats.count(Counter.PADDING_SENT);
                return length;
            }
        }
        return 0;
    }

    /** After feedback, what waits or is wanted may leave earlier: the next flush looks. */
    void wakeIfWaiting() {
        if (control.isWaiting()) {
            router.makeReady(this);
        }
    }

    /** One's own only when asked for by name: to see what the others see. */
    boolean mayReceive(final Publication publication) {
        final int participant = publication.publisher.media.participant();
        return media.from() == PeerMedia.ANY ? participant != media.participant() : media.from() == participant;
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
