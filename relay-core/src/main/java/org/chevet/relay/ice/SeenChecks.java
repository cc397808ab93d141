package org.chevet.relay.ice;

import org.chevet.codec.wire.TransportAddress;

/**
 * Every check that was accepted with one generation of credentials, and where each came from, so that a copy is known
 * however long somebody kept it. One thread.
 *
 * <p>Nothing is forgotten; when {@link #MAX} are held there is no room for more, and {@link #isFull} says so. Memory
 * is doubled as they come, at most six times: 12 bytes a place, 192 KiB at the end.
 */
final class SeenChecks {
    /** Checks held at most: 8.5 hours of a client that checks one pair every 2.5 s, as Chromium does. */
    static final int MAX = 12_288;

    private static final int FIRST_PLACES = 256;
    /** A place is found in a few steps while at least a quarter of them is free. */
    private static final int LOAD_QUARTERS = 3;
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
    private static final int EMPTY = 0;

    private long[] ids = new long[FIRST_PLACES];
    /** Hash of where each came from; {@link #EMPTY} marks a free place. */
    private int[] origins = new int[FIRST_PLACES];
    private int size;

    /** True when this check was accepted before, wherever it came from. */
    boolean has(final long id) {
        return origins[find(id)] != EMPTY;
    }

    /**
     * True when the check came from there when it was accepted. By a hash: who finds an address with the same one is
     * told what everybody may know, that a check is answered.
     */
    boolean cameFrom(final long id, final int socket, final TransportAddress from) {
        return origins[find(id)] == origin(socket, from);
    }

    /** Takes one in that is not held yet; not to be called when full. */
    void add(final long id, final int socket, final TransportAddress from) {
        if (4 * (size + 1) > LOAD_QUARTERS * ids.length) {
            grow();
        }
        final int place = find(id);
        ids[place] = id;
        origins[place] = origin(socket, from);
        size++;
    }

    /** True when no further check can be told from a copy. */
    boolean isFull() {
        return size >= MAX;
    }

    private int find(final long id) {
        int place = (int) ((id * GOLDEN) >>> Integer.SIZE) & (ids.length - 1);
        while (origins[place] != EMPTY && ids[place] != id) {
            place = (place + 1) & (ids.length - 1);
        }
        return place;
    }

    private void grow() {
        final long[] oldIds = ids;
        final int[] oldOrigins = origins;
        ids = new long[2 * oldIds.length];
        origins = new int[2 * oldIds.length];
        for (int i = 0; i < oldIds.length; i++) {
            if (oldOrigins[i] != EMPTY) {
                final int place = find(oldIds[i]);
                ids[place] = oldIds[i];
                origins[place] = oldOrigins[i];
            }
        }
    }

    private static int origin(final int socket, final TransportAddress from) {
        final int hash = 31 * from.hashCode() + socket;
        return hash == EMPTY ? 1 : hash;
    }
}
