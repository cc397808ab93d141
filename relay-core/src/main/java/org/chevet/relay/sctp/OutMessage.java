package org.chevet.relay.sctp;

import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A message we send, from {@code send} until every part of it is acknowledged or given up. Pooled. One thread. */
final class OutMessage {
    static final int NO_LIMIT = -1;
    static final long NEVER = Long.MAX_VALUE;
    /** Bytes of the objects of a message, rounded up. */
    static final int OBJECTS = 192;

    final UnsafeBuffer bytes = new UnsafeBuffer(0, 0);
    @Nullable OutStream stream;
    @Nullable OutMessage next;
    int ppid;
    int length;
    boolean ordered;
    int maxRetransmits;
    long expiresNs;
    /** Bytes that have been given a TSN. */
    int sent;
    /** Fragments that have been given a TSN. */
    int fragments;
    /** Fragments whose TSN is not yet passed by the cumulative one. */
    int unresolved;
    /** TSN of the first fragment; only with a fragment sent. */
    int firstTsn;
    /** Stream sequence number or message identifier; given with the first fragment. */
    int number;
    boolean abandoned;

    /** Memory it takes, in bytes: the buffer, and the objects around it rounded up. */
    int memory() {
        return bytes.capacity() + OBJECTS;
    }

    boolean isExpired(final long nowNs) {
        return nowNs >= expiresNs;
    }

    boolean isWhollySent() {
        return sent == length;
    }

    /** The stream of a message in use. */
    OutStream owner() {
        final OutStream owner = stream;
        if (owner == null) {
            throw new IllegalStateException("message not in use");
        }
        return owner;
    }
}
