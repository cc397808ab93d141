package org.chevet.relay.lane;

import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Object2ObjectHashMap;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/**
 * The peers of a lane by number, by ICE user fragment, by resource and by remote address. Lane thread only.
 *
 * <p>An address belongs to the peer whose authenticated check came from it last (a NAT may reuse a port).
 */
final class PeerTable {
    /** Addresses kept of one peer: many more than ICE keeps validated pairs. */
    static final int MAX_ADDRESSES = 64;
    /** TCP connections kept of one peer; a further one takes the place of the oldest that is not in use. */
    static final int MAX_STREAMS = 16;

    private final @Nullable Peer[] byIndex;
    private final int[] free;
    private int freeCount;
    private final Map<String, Peer> byUfrag = new HashMap<>();
    private final Map<String, Peer> byResource = new HashMap<>();
    private final Object2ObjectHashMap<TransportAddress, Peer> byAddress = new Object2ObjectHashMap<>();
    private final Int2ObjectHashMap<Peer> byStream = new Int2ObjectHashMap<>();

    /** A table for at most {@code capacity} peers. */
    PeerTable(final int capacity) {
        byIndex = new Peer[capacity];
        free = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            free[i] = capacity - 1 - i;
        }
        freeCount = capacity;
    }

    /** A free number, or -1 when the table is full; the number is taken by {@link #add}. */
    int nextIndex() {
        return freeCount == 0 ? -1 : free[freeCount - 1];
    }

    void add(final Peer peer) {
        freeCount--;
        byIndex[peer.index()] = peer;
        addUfrag(peer, peer.spec().localUfrag());
        byResource.put(peer.spec().resource(), peer);
    }

    void remove(final Peer peer) {
        byIndex[peer.index()] = null;
        free[freeCount++] = peer.index();
        peer.ufrags().forEach(ufrag -> byUfrag.remove(ufrag, peer));
        peer.ufrags().clear();
        byResource.remove(peer.spec().resource(), peer);
        peer.addresses().forEach(address -> byAddress.remove(address, peer));
        peer.addresses().clear();
        for (int i = 0; i < peer.streams().size(); i++) {
            byStream.remove(peer.streams().getInt(i));
        }
        peer.streams().clear();
    }

    /** The peer is found by this user fragment of the relay's as well. */
    void addUfrag(final Peer peer, final String ufrag) {
        byUfrag.put(ufrag, peer);
        peer.ufrags().add(ufrag);
    }

    /** The peer is no longer found by this user fragment. */
    void removeUfrag(final Peer peer, final String ufrag) {
        byUfrag.remove(ufrag, peer);
        peer.ufrags().remove(ufrag);
    }

    @Nullable Peer at(final int index) {
        return index < 0 || index >= byIndex.length ? null : byIndex[index];
    }

    @Nullable Peer ofUfrag(final String ufrag) {
        return byUfrag.get(ufrag);
    }

    @Nullable Peer ofResource(final String resource) {
        return byResource.get(resource);
    }

    @Nullable Peer ofAddress(final TransportAddress address) {
        return byAddress.get(address);
    }

    /**
     * Says that an address passed an authenticated check of the peer. A peer keeps its {@link #MAX_ADDRESSES} newest:
     * a client that checks from ever more ports must not fill the table.
     */
    void bind(final TransportAddress address, final Peer peer) {
        if (byAddress.get(address) != peer) {
            byAddress.put(address, peer);
        }
        // The latest check makes it the newest: the pair in use is checked again and again and stays.
        peer.addresses().remove(address);
        peer.addresses().addLast(address);
        if (peer.addresses().size() > MAX_ADDRESSES) {
            byAddress.remove(peer.addresses().removeFirst(), peer);
        }
    }

    /** The peer that a TCP connection belongs to; addresses say nothing, because those of UDP may be the same. */
    @Nullable Peer ofStream(final int socket) {
        return byStream.get(socket);
    }

    /**
     * Says that a check of the peer came by this TCP connection; it stays the peer's as long as both live, but that a
     * peer keeps its {@link #MAX_STREAMS} newest and the one in use: a client behind a network that breaks
     * connections without a word comes back by new ones.
     *
     * @return the connection that had to go for it and is nobody's now, or {@link MediaStreams#NONE}
     */
    int bindStream(final int socket, final Peer peer) {
        if (byStream.get(socket) != null) {
            return MediaStreams.NONE;
        }
        int evicted = MediaStreams.NONE;
        if (peer.streams().size() >= MAX_STREAMS) {
            evicted = peer.streams().getInt(peer.streams().getInt(0) == peer.session().socket() ? 1 : 0);
            removeStream(evicted);
        }
        byStream.put(socket, peer);
        peer.streams().addInt(socket);
        return evicted;
    }

    /** The TCP connection is gone. */
    void removeStream(final int socket) {
        final Peer peer = byStream.remove(socket);
        if (peer != null) {
            peer.streams().removeInt(socket);
        }
    }

    /** Remote addresses known, of all peers. */
    int addresses() {
        return byAddress.size();
    }

    int size() {
        return byIndex.length - freeCount;
    }
}
