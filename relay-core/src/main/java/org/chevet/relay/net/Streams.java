package org.chevet.relay.net;

import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.IntArrayList;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.lane.MediaStreams;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/** The connections of a lane by socket number. Lane thread only. */
final class Streams {
    /** Connections of one lane; more are refused. */
    static final int MAX_STREAMS = 4096;

    private final Int2ObjectHashMap<MediaStreams.End> ends = new Int2ObjectHashMap<>();
    private final IntArrayList dirty = new IntArrayList();
    private final LaneStats stats;
    private int next = DatagramPort.FIRST_STREAM;

    Streams(final LaneStats stats) {
        this.stats = stats;
    }

    int attach(final MediaStreams.End end) {
        if (ends.size() >= MAX_STREAMS) {
            return MediaStreams.NONE;
        }
        while (ends.containsKey(next)) {
            next = after(next);
        }
        final int socket = next;
        next = after(next);
        ends.put(socket, end);
        stats.count(Counter.MEDIA_STREAMS_OPENED);
        return socket;
    }

    void detach(final int socket) {
        if (ends.remove(socket) != null) {
            stats.count(Counter.MEDIA_STREAMS_CLOSED);
        }
    }

    void send(final int socket, final DirectBuffer in, final int offset, final int length) {
        final MediaStreams.End end = ends.get(socket);
        if (end == null) {
            stats.drop(DropReason.STREAM_CLOSED);
        } else if (!end.send(in, offset, length)) {
            stats.drop(DropReason.STREAM_BLOCKED);
        } else {
            stats.count(Counter.DATAGRAMS_SENT);
            stats.add(Counter.BYTES_SENT, length);
            // Datagrams of one receiver mostly follow each other; one too many costs an empty flush.
            if (dirty.isEmpty() || dirty.getInt(dirty.size() - 1) != socket) {
                dirty.addInt(socket);
            }
        }
    }

    void flush() {
        for (int i = 0; i < dirty.size(); i++) {
            final MediaStreams.End end = ends.get(dirty.getInt(i));
            if (end != null) {
                end.flush();
            }
        }
        dirty.clear();
    }

    void end(final int socket) {
        final MediaStreams.End end = ends.get(socket);
        if (end != null) {
            end.close();
        }
    }

    /** Numbers are used again only after all others, so that a late answer does not reach a newcomer. */
    private static int after(final int socket) {
        return socket == Integer.MAX_VALUE ? DatagramPort.FIRST_STREAM : socket + 1;
    }
}
