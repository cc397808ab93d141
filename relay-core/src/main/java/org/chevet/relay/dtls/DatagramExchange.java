package org.chevet.relay.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.tls.DatagramTransport;
import org.jctools.queues.SpscArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams between the lane and the virtual thread of one association: two bounded queues, and the blocking
 * transport the library wants on its end of them.
 *
 * <p>The lane calls {@link #deliver}, {@link #poll} and {@link #end}; everything else belongs to the virtual thread,
 * except that the lane's last word, close_notify, goes through {@link #send} too: hence the lock around sending, which
 * nobody holds for longer than a copy.
 */
final class DatagramExchange implements DatagramTransport {
    /** Received datagrams that wait; more are dropped, as a socket would. */
    static final int MAX_INBOX = 64;
    /** Datagrams to send that wait; more are dropped and repeated by the handshake's timer. */
    static final int MAX_OUTBOX = 64;

    private static final long NS_PER_MS = 1_000_000;
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final SpscArrayQueue<byte[]> inbox = new SpscArrayQueue<>(MAX_INBOX);
    private final SpscArrayQueue<byte[]> outbox = new SpscArrayQueue<>(MAX_OUTBOX);
    private final Runnable wake;
    private volatile @Nullable Thread reader;
    private volatile boolean ended;
    private final byte[] flight = new byte[Dtls.MAX_DATAGRAM];
    private int flightLength;
    private volatile boolean transportClosed;
    private volatile boolean muted;
    /** {@code System.nanoTime()} at which the handshake ends; {@link #FOR_EVER} after it. */
    private long deadlineNs;
    private boolean hasDeadline = true;

    DatagramExchange(final long handshakeTimeoutMs, final Runnable wake) {
        this.wake = wake;
        deadlineNs = System.nanoTime() + handshakeTimeoutMs * NS_PER_MS;
    }

    /** Lane: hands one datagram in; false when the inbox is full. */
    boolean deliver(final byte[] datagram) {
        if (!inbox.offer(datagram)) {
            return false;
        }
        LockSupport.unpark(reader);
        return true;
    }

    /** Lane: the next datagram to send, or null. */
    byte @Nullable [] poll() {
        return outbox.poll();
    }

    /** Lane: makes the reader's wait end with {@link EndedException}. */
    void end() {
        ended = true;
        LockSupport.unpark(reader);
    }

    boolean isEnded() {
        return ended;
    }

    /** The handshake is over: receiving may wait for ever. */
    void clearDeadline() {
        hasDeadline = false;
        deadlineNs = FOR_EVER;
    }

    /** Sends nothing more: what the library says after it failed would end the peer's media too. */
    void mute() {
        muted = true;
    }

    /** Names the virtual thread that receives; before anything else. */
    void readBy(final Thread thread) {
        reader = thread;
    }

    @Override
    public int getReceiveLimit() {
        return RecordFilter.MAX_DATAGRAM;
    }

    @Override
    public int getSendLimit() {
        return Dtls.MAX_DATAGRAM;
    }

    /** Waits for a datagram; {@code waitMillis} 0 means for ever, as the library has it. -1 when none came. */
    @Override
    public int receive(final byte[] buf, final int off, final int len, final int waitMillis) throws IOException {
        flush();
        final long startNs = System.nanoTime();
        final long waitNs = waitMillis == 0 ? FOR_EVER : waitMillis * NS_PER_MS;
        while (true) {
            if (ended) {
                throw new EndedException();
            }
            if (transportClosed) {
                throw new IOException("the association is closed");
            }
            final long nowNs = System.nanoTime();
            if (hasDeadline && nowNs - deadlineNs >= 0) {
                throw new HandshakeTimeoutException();
            }
            final byte[] datagram = inbox.poll();
            if (datagram != null) {
                final int length = Math.min(len, datagram.length);
                System.arraycopy(datagram, 0, buf, off, length);
                return length;
            }
            final long leftNs = waitNs == FOR_EVER ? FOR_EVER : waitNs - (nowNs - startNs);
            if (leftNs <= 0) {
                return -1;
            }
            park(hasDeadline ? Math.min(leftNs, deadlineNs - nowNs) : leftNs);
        }
    }

    private void park(final long ns) {
        if (ns == FOR_EVER) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, ns);
        }
    }

    /**
     * Takes one record. The records of a flight travel together (RFC 6347 section 4.1.1), as many as fit a datagram:
     * fewer get lost, and ChangeCipherSpec is not separated from the Finished that needs it.
     */
    @Override
    public synchronized void send(final byte[] buf, final int off, final int len) {
        if (muted || len > flight.length) {
            return;
        }
        if (flightLength + len > flight.length) {
            takeFlight();
        }
        System.arraycopy(buf, off, flight, flightLength, len);
        flightLength += len;
    }

    /** Hands the records of a flight over: whenever the library stops sending to listen, and at the end. */
    void flush() {
        if (takeFlight()) {
            wake.run();
        }
    }

    /** Lane: what was sent leaves as a datagram of its own, without a wake-up: the lane is awake. */
    void seal() {
        takeFlight();
    }

    private synchronized boolean takeFlight() {
        if (flightLength == 0) {
            return false;
        }
        final boolean isTaken = outbox.offer(Arrays.copyOf(flight, flightLength));
        flightLength = 0;
        return isTaken;
    }

    /** The library closes the transport after it said or heard the last alert. */
    @Override
    public void close() {
        flush();
        transportClosed = true;
    }

    /** The lane ended the association. Of this type, because the library then says nothing to the peer by itself. */
    static final class EndedException extends InterruptedIOException {
        private static final long serialVersionUID = 1;

        EndedException() {
            super("ended");
        }
    }

    /** The handshake took longer than it may. */
    static final class HandshakeTimeoutException extends IOException {
        private static final long serialVersionUID = 1;

        HandshakeTimeoutException() {
            super("the handshake did not finish in time");
        }
    }
}
