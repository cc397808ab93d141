package org.chevet.bench.vitals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The text protocol of NATS: one subject per stream, core publish and subscribe. */
final class NatsWire implements Wire {
    private static final int HEAD_BYTES = 32;
    private static final String CONNECT = "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"bench\"}\r\n";

    private final InetSocketAddress address;

    NatsWire(final InetSocketAddress address) {
        this.address = address;
    }

    @Override
    public SocketChannel publisher(final int stream) throws IOException {
        return connect("");
    }

    @Override
    public SocketChannel subscriber(final int number, final int streams) throws IOException {
        return connect("SUB v.* 1\r\n");
    }

    /** Ends with PING and PONG, so that the server has taken the subscription. */
    private SocketChannel connect(final String subscription) throws IOException {
        final SocketChannel channel = SocketChannel.open(address);
        channel.socket().setTcpNoDelay(true);
        final ByteBuffer out = ByteBuffer.allocate(512);
        out.put((CONNECT + subscription + "PING\r\n").getBytes(StandardCharsets.US_ASCII));
        Wire.send(channel, out);
        final ByteBuffer in = ByteBuffer.allocate(8192);
        do {
            Wire.fill(channel, in, in.position() + 1);
        } while (!new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII).endsWith("PONG\r\n"));
        return channel;
    }

    @Override
    public int blockBytes() {
        return HEAD_BYTES + Payload.BYTES + 2;
    }

    @Override
    public void put(final ByteBuffer out, final int stream, final long sequence, final long stampNs) {
        out.put((byte) 'P').put((byte) 'U').put((byte) 'B').put((byte) ' ').put((byte) 'v').put((byte) '.')
            .put((byte) ('a' + stream)).put((byte) ' ').put((byte) '2').put((byte) '0').put((byte) '0')
            .put((byte) '\r').put((byte) '\n');
        Payload.put(out, stream, sequence, stampNs);
        out.put((byte) '\r').put((byte) '\n');
    }

    @Override
    public int take(final ByteBuffer in) {
        final int start = in.position();
        int end = start;
        while (end < in.limit() && in.get(end) != '\n') {
            end++;
        }
        if (end == in.limit()) {
            return INCOMPLETE;
        }
        if (in.order() != ByteOrder.LITTLE_ENDIAN || in.get(start) != 'M') {
            in.position(end + 1);
            return OTHER;
        }
        final int next = end + 1 + Payload.BYTES + 2;
        if (next > in.limit()) {
            return INCOMPLETE;
        }
        in.position(next);
        return end + 1;
    }

    @Override
    public void grant(final ByteBuffer out, final int stream, final long receivedBelow) {
        // NATS has no credit; a subscriber that is too slow loses its connection.
    }
}
