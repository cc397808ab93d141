package org.chevet.bench.path;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.net.PolledLane;
import org.chevet.relay.net.SocketOptions;
import org.chevet.relay.srtp.AeadEngine;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * What no relay can do without: the same system calls, one open per packet and one seal per copy by the same cipher,
 * receiver by receiver; no parsing, no state, no rewriting. One thread.
 */
final class FloorSide implements PathSide {
    /** RTP header with one extension, as the packets of {@link PathSource} have. */
    private static final int HEADER = 20;
    private static final int KEY_LENGTH = 32;
    private static final int NONCE_COUNTER = 4;
    private static final TransportAddress IN_MEMORY = TransportAddress.ofIpv4(0x0A000001, 10_000);

    private final int width;
    private final LaneStats stats = new LaneStats();
    private final Meter meter = new Meter(true);
    private final AeadEngine sealing;
    private final AeadEngine opening;
    private final AeadEngine checking;
    private final AeadEngine[] copies;
    private final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
    private final UnsafeBuffer nonceView = new UnsafeBuffer(nonce);
    private final UnsafeBuffer plain;
    private final UnsafeBuffer packets;
    private final ByteBuffer packetBytes;
    private final Ports memory = new Ports();
    private final @Nullable PolledLane sockets;
    private final @Nullable DatagramChannel publisher;
    private final @Nullable Receivers receivers;
    private final List<TransportAddress> addresses = new ArrayList<>();
    private long sent;
    private long opened;
    private long copied;

    /** The same arguments as {@link LaneSide}'s; AES-256-GCM. */
    FloorSide(final AeadEngineProvider engines, final int width, final int receiverCount,
        final @Nullable SocketOptions options) throws IOException {
        this.width = width;
        sealing = engines.create(key(1));
        opening = engines.create(key(1));
        checking = engines.create(key(2));
        copies = new AeadEngine[receiverCount];
        for (int i = 0; i < receiverCount; i++) {
            copies[i] = engines.create(key(2 + i));
        }
        plain = new UnsafeBuffer(ByteBuffer.allocateDirect(width * PathClient.CAPACITY));
        packetBytes = ByteBuffer.allocateDirect(width * PathClient.CAPACITY);
        packets = new UnsafeBuffer(packetBytes);
        if (options == null) {
            sockets = null;
            publisher = null;
            receivers = null;
            addresses.addAll(Collections.nCopies(receiverCount, IN_MEMORY));
        } else {
            sockets = new PolledLane(stats, System::nanoTime, options);
            final InetSocketAddress local =
                sockets.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            publisher = Receivers.newChannel();
            publisher.connect(local);
            receivers = new Receivers(receiverCount, this::check);
            receivers.connect(local);
            for (int i = 0; i < receiverCount; i++) {
                addresses.add(Receivers.addressOf(receivers.channel(i)));
            }
        }
    }

    private static byte[] key(final int number) {
        final byte[] key = new byte[KEY_LENGTH];
        Arrays.fill(key, (byte) number);
        return key;
    }

    private void check(final UnsafeBuffer packet, final int length) {
        nonceView.putLong(NONCE_COUNTER, opened++);
        if (!checking.open(nonce, packet, 0, HEADER, packet, HEADER, length - HEADER - AeadEngine.TAG_LENGTH, packet,
            HEADER)) {
            throw new IllegalStateException("a copy cannot be opened");
        }
    }

    @Override
    public long batch() {
        final int length = HEADER + PathSource.PAYLOAD_LENGTH + AeadEngine.TAG_LENGTH;
        try {
            for (int i = 0; i < width; i++) {
                final int at = i * PathClient.CAPACITY;
                packets.setMemory(at, HEADER + PathSource.PAYLOAD_LENGTH, (byte) 1);
                nonceView.putLong(NONCE_COUNTER, sent + i);
                sealing.seal(nonce, packets, at, HEADER, packets, at + HEADER, PathSource.PAYLOAD_LENGTH, packets,
                    at + HEADER);
                if (publisher != null) {
                    publisher.write(packetBytes.limit(at + length).position(at));
                }
            }
            meter.start();
            if (sockets == null) {
                forward(packets, width, null, length, memory);
            } else {
                forward(sockets.buffer(), sockets.receive(), sockets, length, sockets.port());
                sockets.flush();
            }
            final long elapsedNs = meter.stop();
            if (receivers != null) {
                receivers.drain();
            }
            return elapsedNs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forward(final DirectBuffer in, final int count, final @Nullable PolledLane from, final int length,
        final DatagramPort port) {
        for (int i = 0; i < count; i++) {
            final int at = from == null ? i * PathClient.CAPACITY : from.offset(i);
            nonceView.putLong(NONCE_COUNTER, sent + i);
            if (!opening.open(nonce, in, at, HEADER, in, at + HEADER, PathSource.PAYLOAD_LENGTH, plain,
                i * PathClient.CAPACITY)) {
                throw new IllegalStateException("a packet cannot be opened");
            }
        }
        for (int receiver = 0; receiver < copies.length; receiver++) {
            for (int i = 0; i < count; i++) {
                final MutableDirectBuffer out = port.buffer();
                final int at = port.offset();
                out.putBytes(at, in, from == null ? i * PathClient.CAPACITY : from.offset(i), HEADER);
                nonceView.putLong(NONCE_COUNTER, sent + i);
                copies[receiver].seal(nonce, out, at, HEADER, plain, i * PathClient.CAPACITY,
                    PathSource.PAYLOAD_LENGTH, out, at + HEADER);
                port.send(0, addresses.get(receiver), length);
            }
        }
        sent += count;
        copied += (long) count * copies.length;
    }

    @Override
    public long copies() {
        return copied;
    }

    @Override
    public long received() {
        return receivers == null ? memory.media() : receivers.media();
    }

    @Override
    public long systemCalls() {
        return stats.counted(Counter.RECEIVE_CALLS) + stats.counted(Counter.SEND_CALLS);
    }

    @Override
    public long allocatedBytes() {
        return meter.bytes();
    }

    @Override
    public void close() {
        sealing.close();
        opening.close();
        checking.close();
        for (final AeadEngine copy : copies) {
            copy.close();
        }
        if (sockets != null) {
            sockets.close();
        }
        if (receivers != null) {
            receivers.close();
        }
        if (publisher != null) {
            try {
                publisher.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
