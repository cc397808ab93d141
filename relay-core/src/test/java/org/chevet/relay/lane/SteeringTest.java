package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.dtls.FakeDtls;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Test;

/** Two lanes on one port: what reaches the wrong one comes to the right one, once, in order, and bounded. */
class SteeringTest {
    private static final TransportAddress CLIENT = TransportAddress.ofIpv4(0x7F000001, 5000);
    private static final byte[] MEDIA = {(byte) 0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9};
    private static final byte[] DTLS = {22, (byte) 0xFE, (byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};

    private final Steering steering = Steering.between(2);
    private final OneLane first = new OneLane(0);
    private final OneLane second = new OneLane(1);

    @Test
    void aCheckThatReachesTheOtherLaneIsAnsweredByItsOwn() {
        second.admit("second-user");
        first.receive(check("second-user"));
        assertEquals(0, first.port.sent.size());
        assertTrue(second.woken);
        second.turn();
        assertEquals(List.of(CLIENT), second.port.sent);
        assertEquals(1, first.stats.counted(Counter.DATAGRAMS_HANDED_OVER));
        assertEquals(0, first.stats.dropped(DropReason.STUN_UNKNOWN_USER));
    }

    @Test
    void whatFollowsFromTheSameAddressIsHandedOverToo() {
        second.admit("second-user");
        first.receive(check("second-user"));
        second.turn();
        first.receive(DTLS);
        first.receive(MEDIA);
        second.turn();
        assertEquals(3, first.stats.counted(Counter.DATAGRAMS_HANDED_OVER));
        assertEquals(0, first.stats.dropped(DropReason.UNKNOWN_ADDRESS));
        assertEquals(0, second.stats.dropped(DropReason.UNKNOWN_ADDRESS));
        assertEquals(1, second.stats.dropped(DropReason.SRTP_NOT_READY), "the session has no keys yet");
    }

    @Test
    void aBatchWakesTheOtherLaneOnce() {
        second.admit("second-user");
        first.lane.onDatagram(0, CLIENT, new UnsafeBuffer(check("second-user")), 0, check("second-user").length, 1, 1);
        for (int i = 0; i < 20; i++) {
            first.lane.onDatagram(0, CLIENT, new UnsafeBuffer(MEDIA), 0, MEDIA.length, 1, 1);
        }
        assertEquals(0, second.wakeUps, "not before the turn ends");
        first.turn();
        assertEquals(1, second.wakeUps);
    }

    @Test
    void aStrangerIsHandedToNobody() {
        first.receive(MEDIA);
        first.receive(check("nobody-here"));
        assertEquals(1, first.stats.dropped(DropReason.UNKNOWN_ADDRESS));
        assertEquals(1, first.stats.dropped(DropReason.STUN_UNKNOWN_USER));
        assertFalse(second.woken);
    }

    @Test
    void aForgedCheckOnlyCostsADropAtTheOtherLane() {
        second.admit("second-user");
        final byte[] forged = check("second-user", "a-password-that-is-wrong-0123456789");
        first.receive(forged);
        first.receive(MEDIA);
        second.turn();
        assertEquals(1, second.stats.dropped(DropReason.STUN_BAD_INTEGRITY));
        assertEquals(1, second.stats.dropped(DropReason.UNKNOWN_ADDRESS));
        assertEquals(0, second.stats.counted(Counter.DATAGRAMS_HANDED_OVER), "never handed on twice");
    }

    @Test
    void aFullInboxIsCounted() {
        second.admit("second-user");
        first.receive(check("second-user"));
        final byte[] large = new byte[1400];
        System.arraycopy(MEDIA, 0, large, 0, MEDIA.length);
        for (int i = 0; i < 1000; i++) {
            first.receive(large);
        }
        assertTrue(first.stats.dropped(DropReason.LANE_QUEUE_FULL) > 0);
        assertEquals(1001, first.stats.counted(Counter.DATAGRAMS_HANDED_OVER)
            + first.stats.dropped(DropReason.LANE_QUEUE_FULL));
        int turns = 0;
        do {
            second.woken = false;
            second.turn();
            turns++;
        } while (second.woken);
        assertTrue(turns > 1, "a flood takes several turns");
        first.receive(MEDIA);
        assertEquals(1002, first.stats.counted(Counter.DATAGRAMS_HANDED_OVER)
            + first.stats.dropped(DropReason.LANE_QUEUE_FULL));
    }

    @Test
    void aConnectionThatEndedIsNotSteeredTo() {
        second.admit("second-user");
        second.lanes.removePeer("c", "second-user", "second-user");
        second.turn();
        first.receive(check("second-user"));
        assertEquals(1, first.stats.dropped(DropReason.STUN_UNKNOWN_USER));
    }

    private static byte[] check(final String user) {
        return check(user, "password-of-" + user + "-0123456789");
    }

    private static byte[] check(final String user, final String password) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[512]);
        final int length = new StunWriter().begin(buffer, 0, 512, StunMessage.BINDING_REQUEST,
            new UnsafeBuffer(new byte[StunMessage.TRANSACTION_ID_LENGTH]), 0)
            .username((user + ":client").getBytes(StandardCharsets.US_ASCII)).priority(1).iceControlling(1)
            .useCandidate().integrity(new StunIntegrity(password.getBytes(StandardCharsets.US_ASCII))).fingerprint()
            .length();
        final byte[] datagram = new byte[length];
        buffer.getBytes(0, datagram);
        return datagram;
    }

    /** A lane with its door, driven by the test. */
    private final class OneLane {
        private final LaneStats stats = new LaneStats();
        private final Port port = new Port();
        private final LaneProxy proxy = new LaneProxy(this::wake);
        private final Lane lane;
        private final Lanes lanes;
        private boolean woken;
        private int wakeUps;

        OneLane(final int index) {
            lane = new Lane(new LaneContext(index, stats, LaneLimits.defaults(),
                new MediaAddresses(List.of(), "sha-256 00"), this::session, proxy, () -> 1, () -> 1, 0, () -> 1,
                steering));
            lanes = new Lanes(List.of(new Lanes.Member(lane, proxy, Runnable::run)), 1);
        }

        private void wake() {
            woken = true;
            wakeUps++;
        }

        void admit(final String user) {
            lanes.open("c");
            final Claims claims =
                new Claims(user, "c", Role.COMPANION, user, Grants.parse(List.of("publish:*")), Long.MAX_VALUE);
            lanes.addPeer(new PeerSpec(user, claims, true, user, "password-of-" + user + "-0123456789", "client",
                "client-password-0123456789", "sha-256", "00", false, List.of(), List.of(), ""));
            turn();
            woken = false;
            wakeUps = 0;
        }

        void receive(final byte[] datagram) {
            lane.onDatagram(0, CLIENT, new UnsafeBuffer(datagram), 0, datagram.length, 1, 1);
            turn();
        }

        void turn() {
            lane.endTurn(port, 1);
            lane.handedOver(1);
        }

        private PeerSession session(final PeerSpec spec, final Runnable ready, final long nowNs) {
            return new PeerSession(new IceAgent(spec.localUfrag(), spec.localPassword(), 15_000, 30_000, nowNs),
                FakeDtls.factory((byte) 1).open(DtlsRole.SERVER, "sha-256", "00", 1000, () -> { }), DtlsRole.SERVER,
                new JceAeadEngineProvider(), stats, nowNs);
        }
    }

    /** Receivers of what was sent. */
    private static final class Port implements DatagramPort {
        private final List<TransportAddress> sent = new ArrayList<>();
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CAPACITY]);

        @Override
        public MutableDirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public void send(final int socket, final TransportAddress to, final int length) {
            sent.add(to);
        }
    }
}
