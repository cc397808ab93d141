package org.chevet.bench.vitals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * How blocks are published to and received from one kind of server: as few bytes and branches as its protocol
 * allows, so that the server is measured and not the client. All buffers are little-endian and the caller's.
 */
interface Wire {
    /** Connects a publisher of stream {@code stream}, ready for blocks; blocking mode. */
    SocketChannel publisher(int stream) throws IOException;

    /** Connects a subscriber of all {@code streams}, ready to receive; blocking mode. All publishers are there. */
    SocketChannel subscriber(int number, int streams) throws IOException;

    /** Most bytes that {@link #put} writes. */
    int blockBytes();

    /** Writes one block of a stream with {@link Payload} as its content. */
    void put(ByteBuffer out, int stream, long sequence, long stampNs);

    /**
     * Takes one message of a subscriber's input.
     *
     * @param in position at the start of the message; moved behind it when it is complete
     * @return position of its payload; {@link #INCOMPLETE}; or {@link #OTHER} for a message that is no block
     */
    int take(ByteBuffer in);

    /** Writes what lets more blocks come, after {@code receivedBelow} of a stream was received; may write nothing. */
    void grant(ByteBuffer out, int stream, long receivedBelow);

    /** The message is not complete. */
    int INCOMPLETE = -1;
    /** The message was no block. */
    int OTHER = -2;

    /** Reads a stream that is in blocking mode until the buffer holds at least {@code least} bytes. */
    static void fill(final SocketChannel channel, final ByteBuffer in, final int least) throws IOException {
        while (in.position() < least) {
            if (channel.read(in) < 0) {
                throw new IOException("the server closed the connection while it was set up");
            }
        }
    }

    /** Writes all of a buffer to a channel in blocking mode and clears it. */
    static void send(final SocketChannel channel, final ByteBuffer out) throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }
}
