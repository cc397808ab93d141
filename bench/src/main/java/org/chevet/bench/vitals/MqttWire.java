package org.chevet.bench.vitals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** MQTT 3.1.1, quality of service 0: one topic per stream. */
final class MqttWire implements Wire {
    private static final int CONNACK_BYTES = 4;
    private static final int SUBACK_BYTES = 5;
    /** Topic "v/x" with its length in front. */
    private static final int TOPIC_BYTES = 5;
    private static final int CONTINUES = 0x80;
    private static final int PUBLISH = 0x30;

    private final InetSocketAddress address;

    MqttWire(final InetSocketAddress address) {
        this.address = address;
    }

    @Override
    public SocketChannel publisher(final int stream) throws IOException {
        return connect("p" + stream);
    }

    @Override
    public SocketChannel subscriber(final int number, final int streams) throws IOException {
        final SocketChannel channel = connect("s" + number);
        final ByteBuffer out = ByteBuffer.allocate(32);
        out.put((byte) 0x82).put((byte) 8).putShort((short) 1).putShort((short) 3)
            .put("v/#".getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
        Wire.send(channel, out);
        Wire.fill(channel, ByteBuffer.allocate(SUBACK_BYTES), SUBACK_BYTES);
        return channel;
    }

    private SocketChannel connect(final String client) throws IOException {
        final SocketChannel channel = SocketChannel.open(address);
        channel.socket().setTcpNoDelay(true);
        final byte[] id = client.getBytes(StandardCharsets.US_ASCII);
        final ByteBuffer out = ByteBuffer.allocate(64);
        // CONNECT: protocol "MQTT" level 4, clean session, no keep-alive.
        out.put((byte) 0x10).put((byte) (12 + id.length)).putShort((short) 4)
            .put("MQTT".getBytes(StandardCharsets.US_ASCII)).put((byte) 4).put((byte) 2).putShort((short) 0)
            .putShort((short) id.length).put(id);
        Wire.send(channel, out);
        final ByteBuffer in = ByteBuffer.allocate(CONNACK_BYTES);
        Wire.fill(channel, in, CONNACK_BYTES);
        if (in.get(CONNACK_BYTES - 1) != 0) {
            throw new IOException("the MQTT server refused the connection with code " + in.get(CONNACK_BYTES - 1));
        }
        return channel;
    }

    @Override
    public int blockBytes() {
        return 3 + TOPIC_BYTES + Payload.BYTES;
    }

    @Override
    public void put(final ByteBuffer out, final int stream, final long sequence, final long stampNs) {
        final int length = TOPIC_BYTES + Payload.BYTES;
        out.put((byte) PUBLISH).put((byte) ((length & 0x7F) | CONTINUES)).put((byte) (length >>> 7))
            .put((byte) 0).put((byte) 3).put((byte) 'v').put((byte) '/').put((byte) ('a' + stream));
        Payload.put(out, stream, sequence, stampNs);
    }

    @Override
    public int take(final ByteBuffer in) {
        final int start = in.position();
        int at = start + 1;
        int length = 0;
        int shift = 0;
        int digit = CONTINUES;
        while ((digit & CONTINUES) != 0) {
            if (at >= in.limit()) {
                return INCOMPLETE;
            }
            digit = in.get(at++);
            length |= (digit & 0x7F) << shift;
            shift += 7;
        }
        if (at + length > in.limit()) {
            return INCOMPLETE;
        }
        in.position(at + length);
        return (in.get(start) & 0xF0) == PUBLISH ? at + TOPIC_BYTES : OTHER;
    }

    @Override
    public void grant(final ByteBuffer out, final int stream, final long receivedBelow) {
        // Quality of service 0 acknowledges nothing.
    }
}
