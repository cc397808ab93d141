package org.chevet.relay.signal;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Bounds the media connections that no check has authenticated yet: of one address, and of all. Any thread. */
final class MediaGate {
    /** Of one address: a hospital behind one address connects a ward at once. */
    static final int MAX_OF_ADDRESS = 64;
    /** Of all addresses. */
    static final int MAX_OF_ALL = 1024;

    private final Map<InetAddress, Integer> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    /** A place among those that wait; given back once, at the latest when the connection closes. */
    final class Place {
        private final InetAddress address;
        private final AtomicBoolean given = new AtomicBoolean();

        Place(final InetAddress address) {
            this.address = address;
        }

        void giveBack() {
            if (given.compareAndSet(false, true)) {
                all.decrementAndGet();
                waiting.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    /** A place for a connection, or null when there is none. */
    @Nullable Place enter(final Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
            return null;
        }
        final Place place = new Place(remote.getAddress());
        final int ofAddress = waiting.merge(remote.getAddress(), 1, Integer::sum);
        if (all.incrementAndGet() > MAX_OF_ALL || ofAddress > MAX_OF_ADDRESS) {
            place.giveBack();
            return null;
        }
        return place;
    }

    /** Connections that wait now. */
    int waiting() {
        return all.get();
    }
}
