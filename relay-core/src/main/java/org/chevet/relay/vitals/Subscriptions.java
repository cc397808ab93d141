package org.chevet.relay.vitals;

import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.CreditDecoder;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.SubscribeDecoder;
import org.chevet.codec.vitals.sbe.UnsubscribeDecoder;
import org.chevet.codec.vitals.sbe.YesNo;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;

/**
 * What subscribers ask for and get: every sequence from the first, once, in order, as a Block or inside one Gap;
 * each at its own pace from the ring. One thread.
 */
final class Subscriptions {
    private final VitalsLimits limits;
    private final LaneStats stats;
    private final VitalsHub hub;
    private final Outbox outbox;
    private final Objects objects;
    private long liveArrivalNs = VitalsHub.NOT_LIVE;

    Subscriptions(final VitalsLimits limits, final LaneStats stats, final VitalsHub hub, final Outbox outbox,
        final Objects objects) {
        this.limits = limits;
        this.stats = stats;
        this.hub = hub;
        this.outbox = outbox;
        this.objects = objects;
    }

    int subscribe(final Connection from, final SubscribeDecoder in, final long nowNs) {
        final View view = from.viewOf(in.streamId());
        if (view == null || !view.visible) {
            return refuse(from, ErrorCode.UNKNOWN_STREAM, SubscribeDecoder.TEMPLATE_ID, in.streamId(),
                "no stream of this id was announced to this connection");
        }
        if (view.subscribed) {
            return refuse(from, ErrorCode.PROTOCOL, SubscribeDecoder.TEMPLATE_ID, in.streamId(),
                "already subscribed: unsubscribe first");
        }
        final VitalsStream stream = view.stream;
        final long value = in.value();
        final long cursor = switch (in.start()) {
            case SEQUENCE -> value;
            case TIME -> sequenceAt(stream, value - outbox.relayTimeNs(0));
            default -> value == 0 ? stream.nextSequence : value < 0 ? -1 : sequenceAt(stream, nowNs - value);
        };
        if (cursor < 0 || cursor > VitalsReader.MAX_INDEX) {
            return refuse(from, ErrorCode.INVALID_VALUE, SubscribeDecoder.TEMPLATE_ID, in.streamId(),
                "the value does not fit the start: a sequence of 0 to 2^53 - 1, or nanoseconds of 0 or more");
        }
        view.subscribed = true;
        view.required = in.required() == YesNo.YES;
        view.cursor = cursor;
        view.receivedBelow = cursor;
        view.liveFrom = stream.nextSequence;
        view.nextSample = VitalsReader.NO_INDEX;
        view.creditLimit = cursor + (in.credit() == 0 ? limits.defaultCredit() : in.credit());
        view.want(View.SUBSCRIBED);
        from.ready(view);
        // Whoever asks from a sequence has what is below: its last Credit may have died with its connection.
        delivered(view.stream);
        objects.changed(view.stream);
        return VitalsHub.ACCEPTED;
    }

    int unsubscribe(final Connection from, final UnsubscribeDecoder in) {
        final View view = from.viewOf(in.streamId());
        if (view == null || !view.subscribed) {
            return refuse(from, ErrorCode.UNKNOWN_STREAM, UnsubscribeDecoder.TEMPLATE_ID, in.streamId(),
                "not subscribed to a stream of this id");
        }
        view.subscribed = false;
        view.take(View.SUBSCRIBED);
        delivered(view.stream);
        return VitalsHub.ACCEPTED;
    }

    int credit(final Connection from, final CreditDecoder in) {
        final View view = from.viewOf(in.streamId());
        if (view == null || !view.subscribed) {
            return refuse(from, ErrorCode.UNKNOWN_STREAM, CreditDecoder.TEMPLATE_ID, in.streamId(),
                "not subscribed to a stream of this id");
        }
        final long receivedBelow = in.receivedBelow();
        if (receivedBelow > view.cursor) {
            return refuse(from, ErrorCode.PROTOCOL, CreditDecoder.TEMPLATE_ID, in.streamId(),
                "receivedBelow is above what was sent");
        }
        if (view.cursor >= view.creditLimit) {
            view.liveFrom = view.stream.nextSequence;
        }
        view.receivedBelow = Math.max(view.receivedBelow, receivedBelow);
        view.creditLimit = view.receivedBelow + in.credit();
        from.ready(view);
        delivered(view.stream);
        objects.changed(view.stream);
        return VitalsHub.ACCEPTED;
    }

    /** Raises deliveredBelow to what all required subscribers have; without one it stays. */
    private void delivered(final VitalsStream stream) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < stream.views.size(); i++) {
            final View view = stream.views.get(i);
            if (view.subscribed && view.required) {
                lowest = Math.min(lowest, view.receivedBelow);
            }
        }
        if (lowest != Long.MAX_VALUE && lowest > stream.deliveredBelow) {
            stream.deliveredBelow = lowest;
            final View publisher = stream.publisher;
            if (publisher != null) {
                publisher.want(View.ACK);
                hub.dirty(publisher.connection);
            }
        }
    }

    /** The next Gap or Block of a connection by clinical class, streams of one class taking turns; 0 = none now. */
    int deliver(final Connection to, final MutableDirectBuffer out, final int offset, final long nowNs) {
        for (View view; (view = to.nextReady()) != null;) {
            final int length = view.subscribed ? deliver(view, out, offset, nowNs) : 0;
            if (length > 0) {
                to.ready(view);
                return length;
            }
        }
        return 0;
    }

    private int deliver(final View view, final MutableDirectBuffer out, final int offset, final long nowNs) {
        final VitalsStream stream = view.stream;
        if (view.cursor >= stream.nextSequence) {
            return 0;
        }
        final BlockRing ring = stream.ring;
        final int index = ring.indexOfSequence(view.cursor);
        final boolean found = index < ring.count();
        final long next = found ? ring.sequence(index) : stream.nextSequence;
        if (view.cursor < next && Objects.isObject(stream)) {
            // The publisher has it: it is asked again when its turn comes.
            return 0;
        }
        if (view.cursor < next) {
            return gap(view, index, found, next, out, offset);
        }
        if (view.cursor >= view.creditLimit) {
            return 0;
        }
        final int length = outbox.block(out, offset, view, index);
        if (stream.alerts != null) {
            Alerts.addAge(out, offset, nowNs - ring.arrivalNs(index));
        }
        liveArrivalNs = view.cursor >= view.liveFrom ? ring.arrivalNs(index) : VitalsHub.NOT_LIVE;
        view.cursor++;
        stats.count(Counter.VITALS_BLOCKS_FORWARDED);
        stats.add(Counter.VITALS_BYTES_FORWARDED, length);
        return length;
    }

    private int gap(final View view, final int index, final boolean found, final long next,
        final MutableDirectBuffer out, final int offset) {
        final VitalsStream stream = view.stream;
        long toSequence = next;
        final GapReason reason;
        if (view.cursor < stream.firstSequence) {
            toSequence = Math.min(next, stream.firstSequence);
            reason = GapReason.RELAY_RESTARTED;
        } else if (index > 0 || (!found && view.cursor >= stream.afterLastBlock)) {
            reason = GapReason.PUBLISHER_LOST;
        } else {
            reason = GapReason.RING_OVERRUN;
        }
        final long toSample;
        if (toSequence < next) {
            toSample = VitalsReader.NO_INDEX;
        } else if (found) {
            toSample = stream.ring.firstSample(index);
        } else {
            toSample = stream.nextSampleIsExact ? stream.nextSample : VitalsReader.NO_INDEX;
        }
        final int length = outbox.gap(out, offset, view, toSequence, toSample, reason);
        view.cursor = toSequence;
        view.nextSample = toSample;
        stats.count(Counter.VITALS_GAPS_REPORTED);
        return length;
    }

    /** When the block that {@link #deliver} wrote since the last call arrived; NOT_LIVE when it had to wait or none. */
    long takeLiveArrivalNs() {
        final long arrival = liveArrivalNs;
        liveArrivalNs = VitalsHub.NOT_LIVE;
        return arrival;
    }

    private static long sequenceAt(final VitalsStream stream, final long atNs) {
        final int index = stream.ring.indexOfArrival(atNs);
        return index < stream.ring.count() ? stream.ring.sequence(index) : stream.nextSequence;
    }

    private int refuse(final Connection from, final ErrorCode code, final int template, final long streamId,
        final String text) {
        return hub.refuse(from, code, template, streamId, VitalsReader.NO_INDEX, text);
    }
}
