package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits longest makes room, of its own network first. */
class MediaGateTest {
    private final SignalStats stats = new SignalStats();
    private final MediaGate gate = new MediaGate(stats);
    private final List<EmbeddedChannel> channels = new ArrayList<>();

    @AfterEach
    void end() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    private MediaGate.Place enter(final String address) {
        final InetSocketAddress remote = new InetSocketAddress(InetAddress.ofLiteral(address), 5000);
        final EmbeddedChannel channel = new EmbeddedChannel() {
            @Override
            protected SocketAddress remoteAddress0() {
                return remote;
            }
        };
        channels.add(channel);
        final MediaGate.Place place = gate.enter(channel);
        assertNotNull(place);
        return place;
    }

    private long refused() {
        return stats.counted(SignalCounter.MEDIA_CONNECTIONS_REFUSED);
    }

    @Test
    void silentNeighboursDoNotKeepANewcomerOut() {
        enter("192.0.2.9");
        for (int i = 0; i < MediaGate.MAX_OF_NETWORK; i++) {
            enter("192.0.2.1");
        }
        assertEquals(0, refused());
        enter("192.0.2.1");
        assertTrue(channels.getLast().isOpen(), "the newcomer is in");
        assertFalse(channels.get(1).isOpen(), "the one that waited longest is closed");
        assertTrue(channels.get(2).isOpen());
        assertTrue(channels.getFirst().isOpen(), "another network's stays");
        assertEquals(1, refused());
        assertEquals(MediaGate.MAX_OF_NETWORK + 1, gate.waiting());
    }

    @Test
    void oneIpv6NetworkIsOneNeighbourhood() {
        for (int i = 0; i <= MediaGate.MAX_OF_NETWORK; i++) {
            enter("2001:db8:0:1::" + Integer.toHexString(i + 1));
        }
        assertEquals(1, refused(), "64 bits of a host's own choice open no further places");
        enter("2001:db8:0:2::1");
        assertEquals(1, refused(), "the next network is another one");
    }

    @Test
    void allNetworksTogetherAreBounded() {
        for (int i = 0; i < MediaGate.MAX_OF_ALL + 3; i++) {
            enter("10.0." + i / 250 + "." + i % 250);
        }
        assertEquals(MediaGate.MAX_OF_ALL, gate.waiting());
        assertEquals(3, refused());
        assertFalse(channels.get(2).isOpen());
        assertTrue(channels.get(3).isOpen());
    }

    @Test
    void aPlaceIsGivenBackOnce() {
        final MediaGate.Place first = enter("192.0.2.1");
        enter("192.0.2.1");
        first.giveBack();
        first.giveBack();
        assertEquals(1, gate.waiting());
        channels.getLast().close().syncUninterruptibly();
        assertEquals(0, gate.waiting(), "at the latest when the connection closes");
        assertEquals(0, refused());
    }
}
