package org.chevet.relay.sctp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.DcepOpen;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * Data channels of one peer over one {@link SctpAssociation} (RFC 8831, 8832).
 *
 * <p>The owner feeds the {@link #association} with packets and time and sends and listens here. One thread. Opening and
 * closing allocates; messages do not, but for what {@link SctpAssociation} documents.
 */
public final class DataChannels implements SctpListener {
    /** Channels at once; more are refused. */
    public static final int MAX_CHANNELS = 64;
    /** Bytes of a label in UTF-8; longer is refused. */
    public static final int MAX_LABEL = 256;
    /** Bytes of a protocol in UTF-8; longer is refused. */
    public static final int MAX_PROTOCOL = 256;
    /** Default low-water mark of a channel: 0 bytes, as in browsers. */
    public static final long DEFAULT_LOW_WATER = 0;

    /** Time of messages without a lifetime: it does not matter. */
    private static final long NO_TIME = 0;

    private final SctpAssociation association;
    private final DataChannelListener listener;
    private final LaneStats stats;
    private final int ourParity;
    private boolean takesEveryNumber;
    private final Int2ObjectHashMap<DataChannel> channels = new Int2ObjectHashMap<>();
    /** Numbers whose stream the peer would not reset: not given again before a restart. */
    private final BitSet unusable = new BitSet();
    private final DcepOpen open = new DcepOpen();
    private final UnsafeBuffer control = new UnsafeBuffer(new byte[DcepOpen.FIXED_LENGTH + MAX_LABEL + MAX_PROTOCOL]);
    private final UnsafeBuffer single = new UnsafeBuffer(new byte[1]);

    /**
     * Channels over a new association.
     *
     * @param dtlsClient whether we were the DTLS client: it numbers its channels even, the server odd (RFC 8832
     *     section 6)
     */
    public DataChannels(final SctpConfig config, final boolean dtlsClient, final DataChannelListener listener,
        final LaneStats stats, final RandomGenerator random) {
        this.listener = listener;
        this.stats = stats;
        ourParity = dtlsClient ? 0 : 1;
        association = new SctpAssociation(config, this, stats, random);
    }

    /**
     * Lets the peer open channels of both halves of the numbers, for an owner that opens none itself: aiortc numbers by
     * its role in ICE, not in DTLS.
     */
    public void takeEveryNumber() {
        takesEveryNumber = true;
    }

    /** The association under the channels: packets and time go in and out there. */
    public SctpAssociation association() {
        return association;
    }

    /** Channels not yet closed. */
    public int size() {
        return channels.size();
    }

    /** The channel of a stream, or null. */
    public @Nullable DataChannel find(final int id) {
        return channels.get(id);
    }

    /**
     * Opens a channel with the peer's knowledge (DCEP). At most one of the two limits may be set.
     *
     * @return the channel, or null when the association is not up, the number of channels is at its bound, or label or
     *     protocol is too long
     */
    public @Nullable DataChannel open(final String label, final String protocol, final boolean ordered,
        final int priority, final int maxRetransmits, final int maxPacketLifeTimeMs) {
        final byte[] labelBytes = label.getBytes(StandardCharsets.UTF_8);
        final byte[] protocolBytes = protocol.getBytes(StandardCharsets.UTF_8);
        final int id = freeId();
        if (id < 0 || labelBytes.length > MAX_LABEL || protocolBytes.length > MAX_PROTOCOL
            || association.state() != SctpState.ESTABLISHED) {
            stats.drop(DropReason.DATA_CHANNEL_REFUSED);
            return null;
        }
        final int kind = maxRetransmits != DataChannel.NO_LIMIT ? DcepOpen.LIMITED_RETRANSMITS
            : maxPacketLifeTimeMs != DataChannel.NO_LIMIT ? DcepOpen.LIMITED_LIFETIME : DcepOpen.RELIABLE;
        final int limit = kind == DcepOpen.LIMITED_LIFETIME ? maxPacketLifeTimeMs : Math.max(0, maxRetransmits);
        final int length = DcepOpen.write(control, 0, kind, !ordered, priority, limit, labelBytes, protocolBytes);
        association.stream(id, priority, DEFAULT_LOW_WATER);
        if (association.send(id, DcepOpen.PPID_DCEP, control, 0, length, true, -1, -1, NO_TIME)
            != SctpAssociation.SENT) {
            return null;
        }
        return add(id, label, protocol, ordered, priority, maxRetransmits,
            kind == DcepOpen.LIMITED_LIFETIME ? maxPacketLifeTimeMs : DataChannel.NO_LIMIT,
            DataChannel.State.OPENING);
    }

    /**
     * Opens a channel that both sides know of from elsewhere ({@code negotiated: true} in browsers).
     *
     * @return the channel, or null when the number is taken, too large or was refused a reset, or there are too many
     */
    public @Nullable DataChannel openNegotiated(final int id, final String label, final String protocol,
        final boolean ordered, final int priority, final int maxRetransmits, final int maxPacketLifeTimeMs) {
        if (id < 0 || id >= SctpAssociation.MAX_STREAMS || channels.containsKey(id) || unusable.get(id)
            || channels.size() >= MAX_CHANNELS) {
            stats.drop(DropReason.DATA_CHANNEL_REFUSED);
            return null;
        }
        association.stream(id, priority, DEFAULT_LOW_WATER);
        return add(id, label, protocol, ordered, priority, maxRetransmits, maxPacketLifeTimeMs,
            DataChannel.State.OPEN);
    }

    private DataChannel add(final int id, final String label, final String protocol, final boolean ordered,
        final int priority, final int maxRetransmits, final int maxPacketLifeTimeMs, final DataChannel.State state) {
        final DataChannel channel = new DataChannel(id, label, protocol, ordered, priority, maxRetransmits,
            maxPacketLifeTimeMs, state);
        channels.put(id, channel);
        return channel;
    }

    private int freeId() {
        if (channels.size() >= MAX_CHANNELS) {
            return -1;
        }
        int id = ourParity;
        while (channels.containsKey(id) || unusable.get(id)) {
            id += 2;
        }
        return id < SctpAssociation.MAX_STREAMS ? id : -1;
    }

    /** Says at how many bytes held for a channel {@link DataChannelListener#onBufferedAmountLow} is called. */
    public void lowWater(final DataChannel channel, final long bytes) {
        association.stream(channel.id(), channel.priority(), bytes);
    }

    /**
     * Sends a message; the bytes are copied. Length 0 is allowed (RFC 8831 section 6.6).
     *
     * @return as {@link SctpAssociation#send}
     */
    public int send(final DataChannel channel, final boolean binary, final DirectBuffer buffer, final int offset,
        final int length, final long nowNs) {
        if (channel.state() != DataChannel.State.OPEN && channel.state() != DataChannel.State.OPENING) {
            stats.drop(DropReason.SCTP_NOT_OPEN);
            return SctpAssociation.NOT_OPEN;
        }
        // Until the peer answered, nothing may overtake the message that opens the channel (RFC 8832 section 6).
        final boolean ordered = channel.isOrdered() || channel.state() == DataChannel.State.OPENING;
        final int ppid = length > 0 ? (binary ? DcepOpen.PPID_BINARY : DcepOpen.PPID_STRING)
            : (binary ? DcepOpen.PPID_BINARY_EMPTY : DcepOpen.PPID_STRING_EMPTY);
        return association.send(channel.id(), ppid, length > 0 ? buffer : single, length > 0 ? offset : 0,
            Math.max(1, length), ordered, channel.maxRetransmits(), channel.maxPacketLifeTimeMs(), nowNs);
    }

    /** Bytes of a channel not yet acknowledged or given up. */
    public long bufferedAmount(final DataChannel channel) {
        return association.bufferedAmount(channel.id());
    }

    /** Closes a channel once all it carries has been sent; {@link DataChannelListener#onClosed} says when. */
    public void close(final DataChannel channel) {
        if (channel.state() == DataChannel.State.CLOSED || channel.state() == DataChannel.State.CLOSING) {
            return;
        }
        channel.closing();
        if (!association.resetStream(channel.id())) {
            end(channel);
        }
    }

    private void end(final DataChannel channel) {
        channel.closed();
        channels.remove(channel.id());
        listener.onClosed(channel);
    }

    @Override
    public void onEstablished() {
        listener.onReady();
    }

    @Override
    public void onRestart() {
        endAll();
        unusable.clear();
        listener.onReady();
    }

    private void endAll() {
        for (int id = 0; id < SctpAssociation.MAX_STREAMS && !channels.isEmpty(); id++) {
            final DataChannel channel = channels.get(id);
            if (channel != null) {
                end(channel);
            }
        }
    }

    @Override
    public void onMessage(final int streamId, final int ppid, final DirectBuffer buffer, final int offset,
        final int length, final boolean unordered) {
        if (ppid == DcepOpen.PPID_DCEP) {
            onControl(streamId, buffer, offset, length);
            return;
        }
        final DataChannel channel = channels.get(streamId);
        if (channel == null) {
            stats.drop(DropReason.DATA_CHANNEL_UNKNOWN);
            return;
        }
        switch (ppid) {
            case DcepOpen.PPID_STRING, DcepOpen.PPID_BINARY -> {
                // Data from the peer says that it knows the channel, though its answer was overtaken.
                confirm(channel);
                listener.onMessage(channel, ppid == DcepOpen.PPID_BINARY, buffer, offset, length);
            }
            case DcepOpen.PPID_STRING_EMPTY, DcepOpen.PPID_BINARY_EMPTY -> {
                confirm(channel);
                listener.onMessage(channel, ppid == DcepOpen.PPID_BINARY_EMPTY, buffer, offset, 0);
            }
            default -> stats.drop(DropReason.DATA_CHANNEL_MALFORMED);
        }
    }

    private void confirm(final DataChannel channel) {
        if (channel.state() == DataChannel.State.OPENING) {
            channel.acknowledged();
            listener.onOpen(channel);
        }
    }

    private void onControl(final int streamId, final DirectBuffer buffer, final int offset, final int length) {
        if (length == 1 && buffer.getByte(offset) == DcepOpen.ACK) {
            final DataChannel channel = channels.get(streamId);
            if (channel == null) {
                stats.drop(DropReason.DATA_CHANNEL_UNKNOWN);
            } else {
                confirm(channel);
            }
            return;
        }
        if (!open.wrap(buffer, offset, length)) {
            stats.drop(DropReason.DATA_CHANNEL_MALFORMED);
            return;
        }
        final String label = text(buffer, open.labelOffset(), open.labelLength(), MAX_LABEL);
        final String protocol = text(buffer, open.protocolOffset(), open.protocolLength(), MAX_PROTOCOL);
        final boolean isNumberBad = (streamId & 1) == ourParity && !takesEveryNumber;
        if (channels.containsKey(streamId) || isNumberBad || channels.size() >= MAX_CHANNELS
            || label == null || protocol == null || !sendAck(streamId, open.priority())) {
            refuse(streamId);
            return;
        }
        final int limit = (int) Math.min(open.reliabilityParameter(), Integer.MAX_VALUE);
        final DataChannel channel = add(streamId, label, protocol, !open.isUnordered(), open.priority(),
            open.reliability() == DcepOpen.LIMITED_RETRANSMITS ? limit : DataChannel.NO_LIMIT,
            open.reliability() == DcepOpen.LIMITED_LIFETIME ? limit : DataChannel.NO_LIMIT, DataChannel.State.OPEN);
        listener.onOpen(channel);
    }

    private boolean sendAck(final int streamId, final int priority) {
        association.stream(streamId, priority, DEFAULT_LOW_WATER);
        control.putByte(0, (byte) DcepOpen.ACK);
        return association.send(streamId, DcepOpen.PPID_DCEP, control, 0, 1, true, -1, -1, NO_TIME)
            == SctpAssociation.SENT;
    }

    /** Closes what the peer opened against the rules (RFC 8832 section 6), but leaves a channel of ours alone. */
    private void refuse(final int streamId) {
        stats.drop(DropReason.DATA_CHANNEL_REFUSED);
        if (!channels.containsKey(streamId)) {
            association.resetStream(streamId);
        }
    }

    /** Strict UTF-8, or null. */
    private static @Nullable String text(final DirectBuffer buffer, final int offset, final int length,
        final int most) {
        if (length > most) {
            return null;
        }
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (final CharacterCodingException e) {
            return null;
        }
    }

    @Override
    public void onIncomingReset(final int streamId) {
        final DataChannel channel = channels.get(streamId);
        if (channel == null) {
            return;
        }
        if (channel.state() != DataChannel.State.CLOSING) {
            channel.closing();
            if (!association.resetStream(streamId)) {
                channel.resetDone(false);
            }
        }
        if (channel.resetDone(true)) {
            end(channel);
        }
    }

    @Override
    public void onOutgoingReset(final int streamId) {
        final DataChannel channel = channels.get(streamId);
        if (channel != null && channel.resetDone(false)) {
            end(channel);
        }
    }

    @Override
    public void onOutgoingResetRefused(final int streamId) {
        unusable.set(streamId);
        // The peer will not close its side for a reset it refused: waiting for that would keep the channel for ever.
        final DataChannel channel = channels.get(streamId);
        if (channel != null) {
            end(channel);
        }
    }

    @Override
    public void onBufferedAmountLow(final int streamId) {
        final DataChannel channel = channels.get(streamId);
        if (channel != null && channel.state() != DataChannel.State.CLOSED) {
            listener.onBufferedAmountLow(channel);
        }
    }

    @Override
    public void onClosed(final End end) {
        endAll();
        listener.onEnd(end);
    }
}
