package org.chevet.relay.lane;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.memory.AddressTable;

/**
 * Datagrams that reached another lane: a bounded lock-free ring of bytes into the lane they are for, with one wake-up
 * per turn of the sender.
 *
 * <pre>
 *  0  address (16)      20  socket (4)        32  the datagram
 * 16  port (4)          24  received, ns (8)
 * </pre>
 *
 * <p>{@link #offer} and {@link #wake} on any lane's thread, {@link #drain} on the owner's. No object per datagram.
 */
final class Handover {
    /** Datagrams taken in one turn, so that a lane's own are not kept waiting. */
    static final int MAX_PER_TURN = 256;
    private static final int RING_BYTES = 1 << 20;
    private static final int DATAGRAM = 1;
    private static final int PORT = 16;
    private static final int SOCKET = 20;
    private static final int RECEIVED = 24;
    private static final int BYTES = 32;

    private final LaneProxy proxy;
    private final ManyToOneRingBuffer ring;
    private final AddressTable addresses = new AddressTable();
    private final Receiver receiver;
    /** Made once: a lambda at each read would be an object. */
    private final MessageHandler handler = this::onMessage;

    /** What the owner does with a datagram. */
    @FunctionalInterface
    interface Receiver {
        void onDatagram(int socket, TransportAddress from, DirectBuffer in, int offset, int length, long receivedNs);
    }

    /** The inbox behind a lane's door; datagrams go to the receiver, on the lane's thread. */
    Handover(final LaneProxy proxy, final Receiver receiver) {
        this.proxy = proxy;
        this.receiver = receiver;
        ring = new ManyToOneRingBuffer(new UnsafeBuffer(
            ByteBuffer.allocateDirect(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
    }

    /** Puts a datagram; false when the ring is full. The owner sees it after {@link #wake}, or before. */
    boolean offer(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs) {
        final int index = ring.tryClaim(DATAGRAM, BYTES + length);
        if (index < 0) {
            return false;
        }
        final AtomicBuffer out = ring.buffer();
        out.putLong(index, from.high());
        out.putLong(index + Long.BYTES, from.low());
        out.putInt(index + PORT, from.port());
        out.putInt(index + SOCKET, socket);
        out.putLong(index + RECEIVED, receivedNs);
        out.putBytes(index + BYTES, in, offset, length);
        ring.commit(index);
        return true;
    }

    /** Asks for a turn of the owner. */
    void wake() {
        proxy.wake();
    }

    /** Gives what waits to the owner, up to a bound; asks for another turn when more is left. Returns how many. */
    int drain() {
        final int count = ring.read(handler, MAX_PER_TURN);
        if (count == MAX_PER_TURN) {
            proxy.wake();
        }
        return count;
    }

    private void onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        receiver.onDatagram(buffer.getInt(index + SOCKET),
            addresses.of(buffer.getLong(index), buffer.getLong(index + Long.BYTES), buffer.getInt(index + PORT)),
            buffer, index + BYTES, length - BYTES, buffer.getLong(index + RECEIVED));
    }
}
