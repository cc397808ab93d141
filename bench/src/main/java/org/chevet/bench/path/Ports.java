package org.chevet.bench.path;

import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DatagramPort;

/** In place of sockets: a slab as large as theirs, written over and over. One thread. */
final class Ports implements DatagramPort {
    private static final int SLOTS = 128;
    private static final int LEAST_MEDIA = 1000;
    private static final int CACHE_LINE = 64;

    private final UnsafeBuffer slab =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(SLOTS * CAPACITY, CACHE_LINE));
    private int next;
    private long media;

    @Override
    public MutableDirectBuffer buffer() {
        return slab;
    }

    @Override
    public int offset() {
        return next * CAPACITY;
    }

    @Override
    public void send(final int socket, final TransportAddress to, final int length) {
        next = (next + 1) % SLOTS;
        media += length > LEAST_MEDIA ? 1 : 0;
    }

    /** Media packets sent so far, reports not counted. */
    long media() {
        return media;
    }
}
