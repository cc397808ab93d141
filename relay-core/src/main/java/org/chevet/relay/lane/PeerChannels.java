package org.chevet.relay.lane;

import java.util.EnumMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.sctp.DataChannel;
import org.chevet.relay.sctp.DataChannelListener;
import org.chevet.relay.sctp.DataChannels;
import org.chevet.relay.sctp.SctpAssociation;
import org.chevet.relay.sctp.SctpListener;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * The data channels of one peer: the peer opens them, the label says what they carry, the token what they may. Lane
 * thread only.
 *
 * <p>At most one channel of each label; others are closed and counted. Vitals go by the hub, as they do from a
 * WebSocket; their stream is the most urgent, and little of them waits in SCTP, so that what the hub holds most urgent
 * leaves next.
 */
final class PeerChannels implements DataChannelListener {
    /** Label and protocol of the channel that carries the vitals protocol. */
    static final String VITALS = "chevet.vitals.v1";
    /** Vitals that were sent and not acknowledged: with this many bytes the hub is asked for no more. */
    static final int MAX_VITALS_HELD = 32 * 1024;
    /** With this many it is asked again. */
    static final int VITALS_LOW_WATER = 16 * 1024;
    /** Messages to be relayed that a peer may send in a second, of all labels. */
    static final int MAX_RELAYED_PER_SECOND = 2000;

    private static final long SECOND_NS = 1_000_000_000L;

    private final Site site;
    private final Room room;
    private final Claims claims;
    private final LaneStats stats;
    private final DataChannels channels;
    private final Map<ChannelRelay.Label, ChannelRelay.Member> relayed = new EnumMap<>(ChannelRelay.Label.class);
    private @Nullable VitalsChannel vitals;
    private long secondNs = Long.MIN_VALUE;
    private int inSecond;

    /** What the channels ask of their lane. */
    interface Site {
        /** The time now. */
        long nowNs();

        /** Room for one vitals message on its way out, used by one connection after the other. */
        MutableDirectBuffer scratch();

        /** A vitals message came; the bytes are borrowed. */
        void onVitals(int connection, DirectBuffer in, int offset, int length);

        /** A vitals channel takes messages again. */
        void onVitalsWritable(int connection);

        /** A vitals channel is gone. */
        void onVitalsClosed(int connection);

        /** Something waits in the association. */
        void onSent();
    }

    PeerChannels(final Site site, final Room room, final PeerSpec spec, final DataTerms terms,
        final LaneContext context) {
        this.site = site;
        this.room = room;
        this.claims = spec.claims();
        this.stats = context.stats();
        this.channels = new DataChannels(terms.config(), spec.dtlsClient(), this, stats,
            () -> context.randomEpoch().getAsLong());
        channels.takeEveryNumber();
    }

    DataChannels channels() {
        return channels;
    }

    @Override
    public void onReady() {
        // The peer opens what it wants.
    }

    @Override
    public void onOpen(final DataChannel channel) {
        final ChannelRelay.Label label = ChannelRelay.Label.of(channel.label());
        if (label != null && claims.role() != Role.DEVICE && !relayed.containsKey(label)) {
            channels.association().stream(channel.id(), label.priority(), 0);
            final ChannelRelay.Member member =
                new ChannelRelay.Member(label, claims.participant(), channels, channel, site::onSent);
            relayed.put(label, member);
            room.relay().join(member);
        } else if (!channel.label().equals(VITALS) || !attachVitals(channel)) {
            stats.drop(DropReason.DATA_CHANNEL_NOT_SERVED);
            channels.close(channel);
            return;
        }
        stats.count(Counter.DATA_CHANNELS_OPENED);
    }

    private boolean attachVitals(final DataChannel channel) {
        // A message lost or overtaken would break the protocol, which leaves order and delivery to its transport.
        if (vitals != null || !channel.protocol().equals(VITALS) || !channel.isOrdered()
            || channel.maxRetransmits() != DataChannel.NO_LIMIT
            || channel.maxPacketLifeTimeMs() != DataChannel.NO_LIMIT) {
            return false;
        }
        channels.association().stream(channel.id(), SctpAssociation.PRIORITY_HIGH, VITALS_LOW_WATER);
        final VitalsChannel opened = new VitalsChannel(channel, room.nextConnection());
        if (room.attachVitals(opened.connection, claims, opened, site.nowNs()) != null) {
            return false;
        }
        vitals = opened;
        site.onVitalsWritable(opened.connection);
        return true;
    }

    @Override
    public void onMessage(final DataChannel channel, final boolean binary, final DirectBuffer buffer, final int offset,
        final int length) {
        final VitalsChannel device = vitals;
        if (device != null && device.channel == channel) {
            if (binary) {
                site.onVitals(device.connection, buffer, offset, length);
            } else {
                breakOff(channel);
            }
            return;
        }
        final ChannelRelay.Member member = memberOf(channel);
        if (member == null) {
            // Refused or closed; what the peer sent before it heard of that.
            stats.drop(DropReason.DATA_CHANNEL_UNKNOWN);
        } else if (length > ChannelRelay.MAX_MESSAGE || !isInRate()) {
            breakOff(channel);
        } else {
            room.relay().relay(member, binary, buffer, offset, length, site.nowNs());
        }
    }

    private boolean isInRate() {
        final long nowNs = site.nowNs();
        if (secondNs == Long.MIN_VALUE || nowNs - secondNs >= SECOND_NS) {
            secondNs = nowNs;
            inSecond = 0;
        }
        return inSecond++ < MAX_RELAYED_PER_SECOND;
    }

    private void breakOff(final DataChannel channel) {
        stats.drop(DropReason.DATA_CHANNEL_RULE_BROKEN);
        forget(channel);
        channels.close(channel);
        site.onSent();
    }

    private ChannelRelay.@Nullable Member memberOf(final DataChannel channel) {
        final ChannelRelay.Label label = ChannelRelay.Label.of(channel.label());
        final ChannelRelay.Member member = label == null ? null : relayed.get(label);
        return member != null && member.channel() == channel ? member : null;
    }

    @Override
    public void onBufferedAmountLow(final DataChannel channel) {
        final VitalsChannel device = vitals;
        if (device != null && device.channel == channel && device.isHeldBack) {
            device.isHeldBack = false;
            site.onVitalsWritable(device.connection);
        }
    }

    @Override
    public void onClosed(final DataChannel channel) {
        forget(channel);
    }

    private void forget(final DataChannel channel) {
        final VitalsChannel device = vitals;
        if (device != null && device.channel == channel) {
            vitals = null;
            stats.count(Counter.DATA_CHANNELS_CLOSED);
            site.onVitalsClosed(device.connection);
        }
        final ChannelRelay.Member member = memberOf(channel);
        if (member != null) {
            relayed.remove(member.label());
            stats.count(Counter.DATA_CHANNELS_CLOSED);
            room.relay().leave(member);
        }
    }

    @Override
    public void onEnd(final SctpListener.End end) {
        // The channels were closed before; media goes on without them.
    }

    /** The hub's way to the peer. */
    private final class VitalsChannel implements VitalsClient {
        private final DataChannel channel;
        private final int connection;
        private boolean isHeldBack;

        VitalsChannel(final DataChannel channel, final int connection) {
            this.channel = channel;
            this.connection = connection;
        }

        @Override
        public boolean isWritable() {
            final boolean isWritable = channel.state() == DataChannel.State.OPEN
                && channels.bufferedAmount(channel) < MAX_VITALS_HELD;
            isHeldBack |= !isWritable;
            return isWritable;
        }

        @Override
        public int claim(final int maxLength) {
            return 0;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return site.scratch();
        }

        @Override
        public void send(final int length) {
            if (channels.send(channel, true, site.scratch(), 0, length, site.nowNs()) != SctpAssociation.SENT) {
                // Larger than the peer takes. A message may not be missing: the peer comes again, and resumes.
                breakOff(channel);
            }
        }

        @Override
        public void flush() {
            site.onSent();
        }

        @Override
        public void close(final int code, final String reason) {
            // Data channels have no close codes; what went wrong was said by the Error before.
            channels.close(channel);
            site.onSent();
        }
    }
}
