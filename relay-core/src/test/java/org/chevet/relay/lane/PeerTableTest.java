package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.dtls.FakeDtls;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Test;

class PeerTableTest {
    private static final int IN_USE = 40_000;
    private static final int FIRST = DatagramPort.FIRST_STREAM;

    @Test
    void aClientThatChecksFromEverMorePortsFillsNothing() {
        final PeerTable table = new PeerTable(4);
        final Peer peer = peer(table, "one");
        final Peer other = peer(table, "two");
        table.bind(address(1), other);
        for (int port = 1; port <= 10_000; port++) {
            table.bind(address(port + 1), peer);
            table.bind(address(IN_USE), peer);
        }
        assertEquals(PeerTable.MAX_ADDRESSES + 1, table.addresses());
        assertSame(peer, table.ofAddress(address(IN_USE)), "the address that is checked again and again stays");
        assertNull(table.ofAddress(address(2)), "the oldest is gone");
        assertSame(other, table.ofAddress(address(1)), "another peer's stays");
    }

    @Test
    void anAddressBelongsToWhoCheckedItLastAndGoesWithIt() {
        final PeerTable table = new PeerTable(4);
        final Peer first = peer(table, "one");
        final Peer second = peer(table, "two");
        table.bind(address(1), first);
        table.bind(address(1), second);
        table.remove(first);
        assertSame(second, table.ofAddress(address(1)));
        table.remove(second);
        assertEquals(0, table.addresses());
        assertEquals(0, table.size());
    }

    @Test
    void aPeerIsFoundByEachUserFragmentItHasAndGoesWithThem() {
        final PeerTable table = new PeerTable(4);
        final Peer peer = peer(table, "one");
        final Peer other = peer(table, "two");
        table.addUfrag(peer, "again");
        assertSame(peer, table.ofUfrag("one"));
        assertSame(peer, table.ofUfrag("again"));
        table.removeUfrag(peer, "one");
        assertNull(table.ofUfrag("one"));
        table.remove(peer);
        assertNull(table.ofUfrag("again"));
        assertSame(other, table.ofUfrag("two"));
    }

    @Test
    void aNewTcpConnectionTakesThePlaceOfTheOldestThatIsNotInUse() {
        final PeerTable table = new PeerTable(4);
        final Peer peer = peer(table, "one");
        check(peer, FIRST);
        for (int i = 0; i < PeerTable.MAX_STREAMS; i++) {
            assertEquals(MediaStreams.NONE, table.bindStream(FIRST + i, peer));
            assertEquals(MediaStreams.NONE, table.bindStream(FIRST + i, peer), "again: no news");
        }
        assertEquals(FIRST + 1, table.bindStream(FIRST + PeerTable.MAX_STREAMS, peer));
        assertSame(peer, table.ofStream(FIRST + PeerTable.MAX_STREAMS), "the newest is bound");
        assertNull(table.ofStream(FIRST + 1), "the oldest that is not in use is nobody's");
        assertSame(peer, table.ofStream(FIRST), "the one in use stays, old as it is");
        check(peer, FIRST + 5);
        assertEquals(FIRST, table.bindStream(FIRST + PeerTable.MAX_STREAMS + 1, peer), "it is not in use any more");
        assertEquals(PeerTable.MAX_STREAMS, peer.streams().size());
    }

    /** The peer's client nominates this TCP connection. */
    private static void check(final Peer peer, final int socket) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[512]);
        final UnsafeBuffer transaction = new UnsafeBuffer(new byte[12]);
        transaction.putInt(0, socket);
        final int length = new StunWriter().begin(bytes, 0, 500, StunMessage.BINDING_REQUEST, transaction, 0)
            .username("oneufrag:client".getBytes(StandardCharsets.US_ASCII)).iceControlling(1).priority(1)
            .useCandidate().integrity(new StunIntegrity(peer.spec().localPassword()
                .getBytes(StandardCharsets.US_ASCII))).fingerprint().length();
        assertTrue(peer.session().handleStun(socket, address(socket), bytes, 0, length, 0));
        assertEquals(socket, peer.session().socket());
    }

    private static Peer peer(final PeerTable table, final String name) {
        final LaneStats stats = new LaneStats();
        final Claims claims =
            new Claims(name, "c", Role.GUEST, name, Grants.defaultsOf(Role.GUEST), Long.MAX_VALUE);
        final PeerSpec spec = new PeerSpec(name, claims, true, name, "password-of-" + name + "-0123456789", "client",
            "client-password-0123456789", "sha-256", "00", false, List.of(), List.of(), "");
        final LaneContext context = new LaneContext(0, stats, LaneLimits.defaults(),
            new MediaAddresses(List.of(), "sha-256 00"), (unused, ready, nowNs) -> {
                throw new IllegalStateException("no session is opened here");
            }, new LaneProxy(() -> { }), () -> 1, () -> 1, 0, () -> 0, Steering.none());
        final PeerSession session = new PeerSession(
            new IceAgent(spec.localUfrag() + "ufrag", spec.localPassword(), 1000, 1000, 0),
            FakeDtls.factory((byte) 1).open(DtlsRole.SERVER, "sha-256", "00", 1000, () -> { }), DtlsRole.SERVER,
            new JceAeadEngineProvider(), stats, 0);
        final Room room = new Room("c", 0, context, EndToEndPolicy.ALLOWED, new PacketSlab(1),
            new ForwardingTimes(stats), (ended, reason, nowNs) -> { });
        final Peer peer = new Peer(table.nextIndex(), 0, spec, room, session);
        table.add(peer);
        return peer;
    }

    private static TransportAddress address(final int port) {
        return TransportAddress.ofIpv4(0x7F000001, port & 0xFFFF);
    }
}
