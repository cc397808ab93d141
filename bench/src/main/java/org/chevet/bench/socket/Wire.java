package org.chevet.bench.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Many connected UDP sockets, one thread that waits for all of them.
 *
 * <p>{@link #open}, {@link #close(int)} and {@link #wake} are safe on any thread; everything else belongs to one.
 * Datagrams are received into and sent from slots of memory that belongs to the wire: no allocation per datagram.
 */
public interface Wire extends AutoCloseable {
    /** Bytes of a slot: the longest datagram. */
    int SLOT = 2048;
    /** Slots of a batch. */
    int BATCH = 64;

    /**
     * Opens a socket that sends to and hears from one address only.
     *
     * @param local address to bind to, any port
     * @param remote the peer
     * @param tag what {@link #ready} says when something arrived; not negative
     * @return handle of the socket
     */
    int open(InetAddress local, InetSocketAddress remote, int tag) throws IOException;

    /** Closes a socket. */
    void close(int socket);

    /**
     * Waits until a socket has datagrams, {@link #wake} is called or the time is over.
     *
     * @return sockets that are ready, to be asked for by {@link #ready} and {@link #readySocket}
     */
    int await(long timeoutNs);

    /** Tag of a ready socket. */
    int ready(int index);

    /** Handle of a ready socket. */
    int readySocket(int index);

    /** Receives up to {@link #BATCH} datagrams; they stay until the next call. 0 when there is none. */
    int receive(int socket);

    /** Memory of all received datagrams. */
    UnsafeBuffer received();

    /** Where a received datagram starts. */
    int receivedOffset(int index);

    /** Its bytes. */
    int receivedLength(int index);

    /** When the kernel received it, in nanoseconds since 1970; without kernel stamps the time it was read. */
    long receivedNs(int index);

    /** Memory of the datagrams to send. */
    UnsafeBuffer sending();

    /** Where the next datagram to send is to be written; a slot must be free. */
    int nextOffset();

    /** Takes what was written at {@link #nextOffset}. */
    void commit(int length);

    /** Slots that are free before {@link #flush} is needed. */
    int free();

    /** Sends what was committed, in order; returns how many the kernel took. The others are given up. */
    int flush(int socket);

    /** The wall clock in nanoseconds since 1970, the one of the kernel's stamps. */
    long realtimeNs();

    /** Ends a wait, now or the next one. Any thread. */
    void wake();

    /** What is used: {@code "recvmmsg and sendmmsg, kernel stamps"} or {@code "NIO, stamps when read"}. */
    String description();

    @Override
    void close();

    /** The best this platform has. */
    static Wire create() throws IOException {
        return LinuxWire.isSupported() ? new LinuxWire() : new NioWire();
    }
}
