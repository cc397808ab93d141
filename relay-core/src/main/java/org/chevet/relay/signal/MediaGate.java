package org.chevet.relay.signal;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bounds media connections that have yet to prove something: of one network, and of all. Whoever waits longest makes
 * room for a newcomer and is closed: a client proves itself with the first bytes it sends, so that those who wait are
 * silent ones, which must not keep others behind the same proxy out.
 *
 * <p>A network is an IPv4 address or the first 64 bits of an IPv6 one, since a host may choose the other 64 as it
 * likes (RFC 4291 section 2.5.1). Any thread; nothing of a lane's waits here.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close ends the channel all the same
final class MediaGate {
    /** Of one network: a hospital behind one address connects a ward at once. */
    static final int MAX_OF_NETWORK = 64;
    /** Of all networks. */
    static final int MAX_OF_ALL = 1024;

    private final SignalStats stats;
    private final Set<Place> waiting = new LinkedHashSet<>();
    private final Map<Network, Deque<Place>> ofNetwork = new HashMap<>();

    MediaGate(final SignalStats stats) {
        this.stats = stats;
    }

    /** A place among those that wait; given back once, at the latest when the connection closes. */
    final class Place {
        private final Channel channel;
        private final Network network;

        Place(final Channel channel, final Network network) {
            this.channel = channel;
            this.network = network;
        }

        void giveBack() {
            leave(this);
        }
    }

    /** Where a connection comes from: the first bytes of its address, and whether it is an IPv6 one. */
    private record Network(long prefix, boolean six) {
        static Network of(final InetAddress address) {
            final ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
            return address instanceof Inet6Address ? new Network(bytes.getLong(), true)
                : new Network(bytes.getInt(), false);
        }
    }

    /** A place for a connection; null when nobody knows where it comes from, because it closed already. */
    @Nullable Place enter(final Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
            return null;
        }
        final Place place = new Place(channel, Network.of(remote.getAddress()));
        final Place evicted = take(place);
        channel.closeFuture().addListener(closed -> place.giveBack());
        if (evicted != null) {
            stats.count(SignalCounter.MEDIA_CONNECTIONS_REFUSED);
            evicted.channel.close();
        }
        return place;
    }

    /** Connections that wait now. */
    synchronized int waiting() {
        return waiting.size();
    }

    /** Takes a place in; the one that lost its own for that, or null. */
    private synchronized @Nullable Place take(final Place place) {
        final Deque<Place> neighbours = ofNetwork.get(place.network);
        Place evicted = null;
        if (neighbours != null && neighbours.size() >= MAX_OF_NETWORK) {
            evicted = neighbours.getFirst();
        } else if (waiting.size() >= MAX_OF_ALL) {
            evicted = waiting.iterator().next();
        }
        if (evicted != null) {
            leave(evicted);
        }
        waiting.add(place);
        ofNetwork.computeIfAbsent(place.network, network -> new ArrayDeque<>()).addLast(place);
        return evicted;
    }

    private synchronized void leave(final Place place) {
        if (!waiting.remove(place)) {
            return;
        }
        final Deque<Place> neighbours = ofNetwork.get(place.network);
        if (neighbours != null) {
            neighbours.remove(place);
            if (neighbours.isEmpty()) {
                ofNetwork.remove(place.network);
            }
        }
    }
}
