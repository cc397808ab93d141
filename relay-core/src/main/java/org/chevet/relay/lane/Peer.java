package org.chevet.relay.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.IntArrayList;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.session.PeerSession;

/**
 * A peer connection on its lane: the transport session and what it belongs to. Compared by identity. Lane thread
 * only.
 */
final class Peer {
    private final int index;
    private final int connection;
    private final PeerSpec spec;
    private final Room room;
    private final PeerSession session;
    private final List<String> ufrags = new ArrayList<>();
    private final ArrayDeque<TransportAddress> addresses = new ArrayDeque<>();
    private final IntArrayList streams = new IntArrayList();
    private int owner;
    private Runnable end = () -> { };

    Peer(final int index, final int connection, final PeerSpec spec, final Room room, final PeerSession session) {
        this.index = index;
        this.connection = connection;
        this.spec = spec;
        this.room = room;
        this.session = session;
        this.owner = spec.session();
    }

    /** What is to be run when it has ended. */
    void onEnd(final Runnable newEnd) {
        end = newEnd;
    }

    /** It has ended: whoever made it is told. */
    void ended() {
        end.run();
    }

    /** Number of the session WebSocket it ends with, or {@link PeerSpec#NO_SESSION}. */
    int owner() {
        return owner;
    }

    /** Another session WebSocket has taken over. */
    void handTo(final int newOwner) {
        owner = newOwner;
    }

    /** Number of the peer on its lane, reused after it is gone. */
    int index() {
        return index;
    }

    /** Number of the connection inside its consultation, never reused. */
    int connection() {
        return connection;
    }

    /** What signalling agreed with the client. */
    PeerSpec spec() {
        return spec;
    }

    /** The consultation. */
    Room room() {
        return room;
    }

    /** Its ICE, DTLS and SRTP. */
    PeerSession session() {
        return session;
    }

    /** Local ICE user fragments it is found by, oldest first; {@link PeerTable} keeps them. */
    List<String> ufrags() {
        return ufrags;
    }

    /** Addresses bound to the peer, oldest first; {@link PeerTable} keeps them. */
    ArrayDeque<TransportAddress> addresses() {
        return addresses;
    }

    /** Socket numbers of its TCP connections; {@link PeerTable} keeps them. */
    IntArrayList streams() {
        return streams;
    }
}
