package org.chevet.relay.sim;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.sctp.DataChannel;
import org.chevet.relay.sctp.DataChannelListener;
import org.chevet.relay.sctp.DataChannels;
import org.chevet.relay.sctp.SctpConfig;
import org.chevet.relay.sctp.SctpListener;
import org.chevet.relay.stats.LaneStats;

/** A client with data channels: real SCTP in {@link SimDtls}. What it says is its user's. */
final class SimDataPeer extends SimPeer implements DataChannelListener {
    private static final long IDLE_NS = 10_000_000L;

    final LaneStats stats = new LaneStats();
    final DataChannels channels;
    final List<String> ended = new ArrayList<>();
    private final Map<String, DataChannel> open = new HashMap<>();
    private final List<Wanted> wanted = new ArrayList<>();
    private final UnsafeBuffer in = new UnsafeBuffer(new byte[Dtls.MAX_RECEIVED_APPLICATION_DATA]);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[Dtls.MAX_APPLICATION_DATA]);
    private Use use = new Use() { };
    private boolean started;
    private byte[] lastPacket = new byte[0];
    private long nextNs;
    private long nowNs;

    private record Wanted(String label, String protocol, boolean ordered, int maxRetransmits) {
    }

    /** What a test does with the client. */
    interface Use {
        /** Called at least every 10 ms once DTLS is up. */
        default void onTurn(final long nowNs) {
        }

        /** A channel of the client's is usable. */
        default void onOpen(final String label, final long nowNs) {
        }

        /** A message came. */
        default void onMessage(final String label, final byte[] message, final long nowNs) {
        }
    }

    SimDataPeer(final String ufrag, final TransportAddress address, final TransportAddress relay, final SimNetwork up,
        final long keySeed, final Random random) {
        super(ufrag, address, relay, up, keySeed, random);
        dtls.acceptApplicationData();
        final SctpConfig config = new SctpConfig(5000, 5000, SctpConfig.DEFAULT_SIZE, SctpConfig.DEFAULT_SIZE, 131_072,
            SctpConfig.DEFAULT_SEND_BUFFER, false);
        channels = new DataChannels(config, true, this, stats, random);
    }

    SimDataPeer wants(final String label) {
        return wants(label, label.startsWith("chevet.vitals") ? label : "", true, DataChannel.NO_LIMIT);
    }

    SimDataPeer wants(final String label, final String protocol, final boolean ordered, final int maxRetransmits) {
        wanted.add(new Wanted(label, protocol, ordered, maxRetransmits));
        return this;
    }

    SimDataPeer uses(final Use newUse) {
        use = newUse;
        return this;
    }

    boolean isOpen(final String label) {
        final DataChannel channel = open.get(label);
        return channel != null && channel.state() == DataChannel.State.OPEN;
    }

    /** True when it was taken. */
    boolean send(final String label, final byte[] message) {
        final DataChannel channel = open.get(label);
        return channel != null
            && channels.send(channel, true, new UnsafeBuffer(message), 0, message.length, nowNs) == 0;
    }

    boolean sendText(final String label, final byte[] message) {
        final DataChannel channel = open.get(label);
        return channel != null
            && channels.send(channel, false, new UnsafeBuffer(message), 0, message.length, nowNs) == 0;
    }

    /** Sends bytes that need not be SCTP, sealed all the same. */
    void sendRecord(final byte[] record) {
        dtls.send(new UnsafeBuffer(record), 0, record.length);
        sendDtls(nowNs);
    }

    /** The packet sent last with a few other bytes and a right checksum (RFC 9260 section 6.8), else {@code spare}. */
    byte[] mutatedPacket(final Random random, final byte[] spare) {
        if (lastPacket.length == 0) {
            return spare;
        }
        final byte[] packet = lastPacket.clone();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            packet[12 + random.nextInt(packet.length - 12)] = (byte) random.nextInt(256);
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(packet);
        buffer.putInt(8, 0);
        final CRC32C sum = new CRC32C();
        sum.update(packet);
        buffer.putInt(8, (int) sum.getValue(), ByteOrder.LITTLE_ENDIAN);
        return packet;
    }

    long buffered(final String label) {
        final DataChannel channel = open.get(label);
        return channel == null ? 0 : channels.bufferedAmount(channel);
    }

    @Override
    void onDtls(final long atNs) {
        nowNs = atNs;
        for (int length; (length = dtls.pollApplicationData(in, 0)) > 0;) {
            channels.association().handlePacket(in, 0, length, atNs);
        }
        drain();
    }

    private void drain() {
        for (int length; (length = channels.association().pollTransmit(out, 0, nowNs)) > 0;) {
            dtls.send(out, 0, length);
            lastPacket = new byte[length];
            out.getBytes(0, lastPacket);
        }
    }

    @Override
    void onTurn(final long atNs) {
        nowNs = atNs;
        if (!started) {
            started = true;
            channels.association().connect(atNs);
        }
        if (atNs >= channels.association().nextDeadlineNs()) {
            channels.association().handleTimeout(atNs);
        }
        use.onTurn(atNs);
        drain();
        sendDtls(atNs);
        nextNs = atNs + IDLE_NS;
    }

    @Override
    long nextTurnNs() {
        return Math.min(nextNs, channels.association().nextDeadlineNs());
    }

    @Override
    void onPacket(final boolean rtcp, final int length, final long atNs) {
        throw new IllegalStateException("media without a section");
    }

    @Override
    public void onReady() {
        for (final Wanted each : wanted) {
            final DataChannel channel = channels.open(each.label, each.protocol, each.ordered,
                256, each.maxRetransmits, DataChannel.NO_LIMIT);
            if (channel != null) {
                open.putIfAbsent(each.label, channel);
            }
        }
    }

    @Override
    public void onOpen(final DataChannel channel) {
        use.onOpen(channel.label(), nowNs);
    }

    @Override
    public void onMessage(final DataChannel channel, final boolean binary, final DirectBuffer buffer, final int offset,
        final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        use.onMessage(channel.label(), bytes, nowNs);
    }

    @Override
    public void onBufferedAmountLow(final DataChannel channel) {
        // Looked at every turn.
    }

    @Override
    public void onClosed(final DataChannel channel) {
        ended.add(channel.label());
        open.remove(channel.label(), channel);
    }

    @Override
    public void onEnd(final SctpListener.End end) {
        ended.add(end.name());
    }
}
