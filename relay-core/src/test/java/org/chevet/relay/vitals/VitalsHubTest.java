package org.chevet.relay.vitals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rules of chevet.vitals.v1, one by one, in virtual time. */
class VitalsHubTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long UTC = 1_700_000_000L * SECOND;
    private static final int MISSING = 1;
    private static final int DISCONTINUITY = 2;

    private final LaneStats stats = new LaneStats();
    private VitalsHub hub = new VitalsHub(VitalsLimits.defaults(), stats, 99, UTC);
    private long now = 5 * SECOND;

    private HubPeer publisher() {
        final HubPeer gateway = HubPeer.connected(hub, 1, "gateway", HubPeer.ALL, 11, now);
        gateway.openStream("ecg", 0, 0, now);
        gateway.drain(now);
        return gateway;
    }

    private HubPeer subscriber(final int connection) {
        return HubPeer.connected(hub, connection, "doctor" + connection, HubPeer.RECEIVE, connection, now);
    }

    @Test
    @Tag("REQ-A3")
    void streamIsOpenedAnnouncedPublishedAndReceived() {
        final HubPeer gateway = HubPeer.connected(hub, 1, "gateway", HubPeer.ALL, 11, now);
        assertEquals(List.of("welcome " + (UTC + now) + " 99 gateway"), gateway.drain(now));
        gateway.openStream("ecg", 0, 0, now);
        assertEquals(List.of("opened 7 as 1 next 0", "announced 1 WAVEFORM LIVE 0..0 500/1 II mV gateway/ecg"),
            gateway.drain(now));
        final HubPeer doctor = subscriber(2);
        assertEquals("announced 1 WAVEFORM LIVE 0..0 500/1 II mV gateway/ecg", doctor.drain(now).get(1));
        assertEquals(VitalsHub.ACCEPTED, doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now));
        assertEquals(List.of("subscribed 1 from 0"), doctor.drain(now));
        assertEquals(VitalsHub.ACCEPTED, gateway.block(1, 0, now));
        assertEquals(VitalsHub.ACCEPTED, gateway.block(1, 1, now));
        assertEquals(List.of("block 1 0 @0+10", "block 1 1 @10+10"), doctor.drain(now));
    }

    @Test
    void acknowledgementsAreCoalescedAndNotLate() {
        final HubPeer gateway = publisher();
        gateway.block(1, 0, now);
        gateway.block(1, 1, now);
        assertEquals(List.of(), gateway.drain(now));
        assertTrue(hub.nextDeadlineNs() <= now + VitalsLimits.defaults().ackDelayNs());
        now += VitalsLimits.defaults().ackDelayNs();
        hub.handleTimeout(now);
        assertEquals(List.of("ack 1 held 2 delivered 0"), gateway.drain(now));
        for (int i = 2; i < 2 + VitalsLimits.defaults().ackBlocks(); i++) {
            gateway.block(1, i, now);
        }
        assertEquals(List.of("ack 1 held 18 delivered 0"), gateway.drain(now));
    }

    @Test
    void repeatedBlocksAreDroppedAndCounted() {
        final HubPeer gateway = publisher();
        final HubPeer doctor = subscriber(2);
        doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        gateway.block(1, 0, now);
        assertEquals(VitalsHub.DROPPED, gateway.block(1, 0, now));
        assertEquals(1, stats.dropped(DropReason.VITALS_DUPLICATE));
        assertEquals("block 1 0 @0+10", doctor.drain(now).getLast());
    }

    @Test
    void aHoleIsRefusedOnceUntilItIsFilledOrDeclared() {
        final HubPeer gateway = publisher();
        final HubPeer doctor = subscriber(2);
        doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        doctor.drain(now);
        gateway.block(1, 0, now);
        assertEquals(VitalsHub.REFUSED, gateway.block(1, 2, now));
        assertEquals(VitalsHub.REFUSED, gateway.block(1, 3, now));
        assertEquals(List.of("error OUT_OF_ORDER message 8 about 1 expected 1: the relay waits for sequence 1; "
            + "send it, or a Gap from there"), gateway.drain(now));
        assertEquals(VitalsHub.ACCEPTED, gateway.gap(1, 1, 3, VitalsReader.NO_INDEX, now));
        assertEquals(VitalsHub.ACCEPTED, gateway.block(1, 3, now));
        assertEquals(List.of("block 1 0 @0+10", "gap 1 1..3 samples 10..30 PUBLISHER_LOST", "block 1 3 @30+10"),
            doctor.drain(now));
    }

    @Test
    void blocksThatContradictTheirStreamAreRefused() {
        final HubPeer gateway = publisher();
        gateway.block(1, 0, now);
        assertEquals(VitalsHub.REFUSED, gateway.block(1, 1, 10, 10, 0, 19, now));
        assertEquals(VitalsHub.REFUSED, gateway.block(1, 1, 10, 10, MISSING, 20, now));
        assertEquals(VitalsHub.REFUSED, gateway.block(1, 1, 9, 10, 0, 20, now));
        assertEquals(VitalsHub.REFUSED, gateway.block(1, 1, 11, 10, 0, 20, now));
        assertEquals(4, gateway.drain(now).size());
        assertEquals(VitalsHub.ACCEPTED, gateway.block(1, 1, 11, 10, DISCONTINUITY, 20, now));
        assertEquals(VitalsHub.ACCEPTED, gateway.block(1, 2, 21, 500, MISSING, 0, now));
    }

    @Test
    @Tag("REQ-A8")
    void publisherResumesWhereTheRelayStopped() {
        publisher().block(1, 0, now);
        final HubPeer doctor = subscriber(2);
        doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        doctor.drain(now);
        hub.close(1, now);
        assertEquals(List.of("state 1 DETACHED next 1"), doctor.drain(now));
        final HubPeer again = HubPeer.connected(hub, 3, "gateway", HubPeer.ALL, 11, now);
        again.openStream("ecg", 0, 5, now);
        assertTrue(again.drain(now).contains("opened 7 as 1 next 1"));
        assertEquals(List.of("state 1 LIVE next 1"), doctor.drain(now));
        again.block(1, 1, now);
        assertEquals(List.of("block 1 1 @10+10"), doctor.drain(now));
    }

    @Test
    @Tag("REQ-O17")
    void whatThePublisherNoLongerHasIsAGap() {
        publisher().block(1, 0, now);
        final HubPeer doctor = subscriber(2);
        doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        assertEquals("block 1 0 @0+10", doctor.drain(now).getLast());
        hub.close(1, now);
        final HubPeer again = HubPeer.connected(hub, 3, "gateway", HubPeer.ALL, 11, now);
        again.openStream("ecg", 4, 9, now);
        assertTrue(again.drain(now).contains("opened 7 as 1 next 4"));
        again.block(1, 4, 40, 10, 0, 20, now);
        assertEquals(List.of("state 1 LIVE next 5", "gap 1 1..4 samples 10..40 PUBLISHER_LOST", "block 1 4 @40+10"),
            doctor.drain(now), "states that came and went unread are told as what is true now");
        doctor.unsubscribe(1, now);
        doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        assertEquals(List.of("subscribed 1 from 0", "block 1 0 @0+10", "gap 1 1..4 samples 10..40 PUBLISHER_LOST",
            "block 1 4 @40+10"), doctor.drain(now));
    }

    @Test
    void afterARestartOfTheRelaySubscribersGoOnWhereTheyWere() {
        publisher().block(1, 0, now);
        hub = new VitalsHub(VitalsLimits.defaults(), stats, 100, UTC);
        final HubPeer gateway = HubPeer.connected(hub, 1, "gateway", HubPeer.ALL, 11, now);
        gateway.openStream("ecg", 10, 20, now);
        gateway.drain(now);
        final HubPeer behind = subscriber(2);
        final HubPeer ahead = subscriber(3);
        behind.subscribe(1, StartFrom.SEQUENCE, 5, 0, false, now);
        ahead.subscribe(1, StartFrom.SEQUENCE, 12, 0, false, now);
        for (int i = 10; i < 13; i++) {
            gateway.block(1, i, now);
        }
        final List<String> seen = behind.drain(now);
        assertEquals("gap 1 5..10 samples -1..100 RELAY_RESTARTED", seen.get(3));
        assertEquals("block 1 10 @100+10", seen.get(4));
        assertEquals("block 1 12 @120+10", ahead.drain(now).get(3));
    }

    @Test
    void sameInstanceTakesOverAndAnotherIsRefusedUntilTheFirstIsSilent() {
        final HubPeer gateway = publisher();
        final HubPeer twin = HubPeer.connected(hub, 2, "gateway", HubPeer.ALL, 11, now);
        assertEquals(VitalsCloseCode.TAKEN_OVER, hub.closeCode(1));
        assertTrue(gateway.drain(now).getFirst().startsWith("error TAKEN_OVER fatal"));
        hub.close(1, now);
        twin.openStream("ecg", 0, 0, now);
        final HubPeer stranger = HubPeer.connected(hub, 3, "gateway", HubPeer.ALL, 12, now);
        assertEquals(VitalsHub.CLOSING, stranger.openStream("ecg", 0, 0, now));
        assertEquals(VitalsCloseCode.CONFLICT, hub.closeCode(3));
        hub.close(3, now);
        now += VitalsLimits.defaults().replaceableNs();
        final HubPeer later = HubPeer.connected(hub, 4, "gateway", HubPeer.ALL, 12, now);
        assertEquals(VitalsHub.ACCEPTED, later.openStream("ecg", 0, 0, now));
        assertEquals(VitalsCloseCode.TAKEN_OVER, hub.closeCode(2));
        assertTrue(later.drain(now).contains("opened 7 as 2 next 0"), "a new instance is a new stream");
        assertEquals(1, hub.streamCount());
    }

    @Test
    void aSlowSubscriberIsServedFromTheRingAndThenTold() {
        hub = new VitalsHub(VitalsLimits.defaults().withRing(10 * SECOND, 1 << 20), stats, 1, UTC);
        final HubPeer gateway = publisher();
        final HubPeer slow = subscriber(2);
        slow.subscribe(1, StartFrom.SEQUENCE, 0, 2, false, now);
        for (int i = 0; i < 20; i++) {
            gateway.block(1, i, now);
            now += SECOND;
            gateway.drain(now);
        }
        assertEquals(List.of("subscribed 1 from 0", "gap 1 0..9 samples -1..90 RING_OVERRUN"),
            slow.drain(now).subList(2, 4));
        slow.credit(1, 9, 2, now);
        assertEquals(List.of("block 1 9 @90+10", "block 1 10 @100+10"), slow.drain(now));
        assertEquals(List.of(), slow.drain(now), "credit is used up");
        slow.credit(1, 11, 1, now);
        assertEquals(List.of("block 1 11 @110+10"), slow.drain(now));
    }

    @Test
    void subscriptionStartsAtATimeOrLiveMinus() {
        final HubPeer gateway = publisher();
        for (int i = 0; i < 10; i++) {
            gateway.block(1, i, now);
            now += SECOND;
        }
        final HubPeer doctor = subscriber(2);
        doctor.drain(now);
        doctor.subscribe(1, StartFrom.LIVE_MINUS, 3 * SECOND, 0, false, now);
        assertEquals(List.of("subscribed 1 from 7", "block 1 7 @70+10"), doctor.drain(now).subList(0, 2));
        doctor.unsubscribe(1, now);
        doctor.subscribe(1, StartFrom.TIME, UTC + now - 2 * SECOND, 0, false, now);
        assertEquals("subscribed 1 from 8", doctor.drain(now).getFirst());
        doctor.unsubscribe(1, now);
        doctor.subscribe(1, StartFrom.LIVE_MINUS, 0, 0, false, now);
        assertEquals(List.of("subscribed 1 from 10"), doctor.drain(now));
        doctor.unsubscribe(1, now);
        assertEquals(VitalsHub.REFUSED, doctor.subscribe(1, StartFrom.LIVE_MINUS, -1, 0, false, now));
        assertEquals(VitalsHub.REFUSED, doctor.subscribe(1, StartFrom.SEQUENCE, 1L << 53, 0, false, now));
    }

    @Test
    @Tag("REQ-A4")
    void lateJoinerGetsTheLastNumericAtOnceHoweverOld() {
        final HubPeer cuff = HubPeer.connected(hub, 1, "gateway", HubPeer.ALL, 11, now);
        cuff.openStream("nibp", Kind.NUMERIC, 0, 0, 0, now);
        cuff.drain(now);
        cuff.block(1, 0, 0, 1, 0, 2, now);
        cuff.block(1, 1, 1, 1, 0, 2, now);
        for (int i = 0; i < 1000; i++) {
            now += SECOND;
            cuff.heartbeat(now);
            hub.handleTimeout(now);
            cuff.drain(now);
        }
        final HubPeer doctor = subscriber(2);
        assertEquals(List.of("announced 1 NUMERIC LIVE 2..2 0/1 II mV gateway/nibp", "last 1 1"),
            doctor.drain(now).subList(1, 3));
    }

    @Test
    @Tag("REQ-P4")
    void rightsAreEnforcedPerKind() {
        final VitalsRights numericOnly = new VitalsRights(EnumSet.of(Kind.NUMERIC), EnumSet.of(Kind.NUMERIC));
        final HubPeer limited = HubPeer.connected(hub, 1, "limited", numericOnly, 1, now);
        limited.drain(now);
        assertEquals(VitalsHub.REFUSED, limited.openStream("ecg", 0, 0, now));
        assertTrue(limited.drain(now).getFirst().startsWith("error NOT_GRANTED message 3 about 7"));
        final HubPeer gateway = HubPeer.connected(hub, 2, "gateway", HubPeer.ALL, 11, now);
        gateway.openStream("ecg", 0, 0, now);
        gateway.openStream("spo2", Kind.NUMERIC, 1, 0, 0, now);
        assertEquals(List.of("announced 2 NUMERIC LIVE 0..0 1/1 II mV gateway/spo2"), limited.drain(now));
        assertEquals(VitalsHub.REFUSED, limited.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now));
        assertEquals(VitalsHub.ACCEPTED, limited.subscribe(2, StartFrom.SEQUENCE, 0, 0, false, now));
        assertEquals(VitalsHub.REFUSED, limited.block(1, 0, now));
    }

    @Test
    @Tag("REQ-P1")
    void withdrawnRightsEndAtOnce() {
        final HubPeer gateway = publisher();
        final HubPeer doctor = subscriber(2);
        doctor.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        doctor.drain(now);
        gateway.block(1, 0, now);
        final VitalsRights none = new VitalsRights(EnumSet.noneOf(Kind.class), EnumSet.noneOf(Kind.class));
        hub.changeRights(2, none, now);
        assertEquals(List.of("closed 1 FORBIDDEN"), doctor.drain(now));
        hub.changeRights(2, HubPeer.RECEIVE, now);
        assertEquals(List.of("announced 1 WAVEFORM LIVE 0..1 500/1 II mV gateway/ecg"), doctor.drain(now));
        hub.changeRights(1, none, now);
        assertEquals(List.of("closed 1 FORBIDDEN"), gateway.drain(now));
        assertEquals(List.of("closed 1 FORBIDDEN"), doctor.drain(now));
        assertEquals(0, hub.streamCount());
    }

    @Test
    void deliveredBelowIsWhatRequiredSubscribersReceived() {
        final HubPeer gateway = publisher();
        final HubPeer first = subscriber(2);
        final HubPeer second = subscriber(3);
        final HubPeer casual = subscriber(4);
        first.subscribe(1, StartFrom.SEQUENCE, 0, 0, true, now);
        second.subscribe(1, StartFrom.SEQUENCE, 0, 0, true, now);
        casual.subscribe(1, StartFrom.SEQUENCE, 0, 0, false, now);
        for (int i = 0; i < 4; i++) {
            gateway.block(1, i, now);
        }
        first.drain(now);
        second.drain(now);
        first.credit(1, 4, 10, now);
        assertEquals(List.of(), gateway.drain(now));
        second.credit(1, 3, 10, now);
        assertEquals(List.of("ack 1 held 4 delivered 3"), gateway.drain(now));
        assertEquals(VitalsHub.REFUSED, second.credit(1, 5, 10, now), "more than was sent");
    }

    @Test
    void silenceIsAStateAndEndIsAState() {
        final HubPeer gateway = publisher();
        final HubPeer doctor = subscriber(2);
        doctor.drain(now);
        gateway.block(1, 0, now);
        now += 4 * SECOND;
        hub.handleTimeout(now);
        assertTrue(doctor.drain(now).contains("state 1 SILENT next 1"));
        gateway.block(1, 1, now);
        assertEquals(List.of("state 1 LIVE next 2"), doctor.drain(now));
        assertEquals(VitalsHub.REFUSED, gateway.end(1, 1, now));
        assertEquals(VitalsHub.ACCEPTED, gateway.end(1, 2, now));
        assertEquals(List.of("state 1 ENDED next 2"), doctor.drain(now));
    }

    @Test
    void silentConnectionsAreClosedAndIdleOnesGetHeartbeats() {
        final HubPeer gateway = publisher();
        final HubPeer mute = subscriber(2);
        mute.drain(now);
        now += 2 * SECOND;
        hub.handleTimeout(now);
        assertEquals(List.of("heartbeat"), mute.drain(now));
        gateway.heartbeat(now);
        now += 8 * SECOND;
        hub.handleTimeout(now);
        assertEquals(VitalsCloseCode.TIMEOUT, hub.closeCode(2));
        assertEquals(0, hub.closeCode(1));
        assertTrue(mute.drain(now).getFirst().startsWith("error TIMEOUT fatal"));
        assertNull(mute.poll(now));
    }

    @Test
    void clockIsExchangedAndThePublishersEstimateTravels() {
        final HubPeer gateway = publisher();
        gateway.clockRequest(1234, 1, now);
        assertEquals(List.of("clock 1 1234 " + (UTC + now) + " " + (UTC + now + 10)), gateway.drain(now + 10));
        assertEquals(VitalsHub.REFUSED, gateway.clockEstimate(5, 6, 7, now));
        final HubPeer doctor = subscriber(2);
        doctor.drain(now);
        assertEquals(VitalsHub.ACCEPTED, gateway.clockEstimate(-5, 6, 8, now));
        assertEquals(List.of("publisher clock gateway -5 +-6"), doctor.drain(now));
        final HubPeer late = subscriber(3);
        assertTrue(late.drain(now).contains("publisher clock gateway -5 +-6"));
    }

    @Test
    void numericsGoBeforeWaveformsAndStreamsTakeTurns() {
        final HubPeer gateway = publisher();
        gateway.openStream("spo2", Kind.NUMERIC, 1, 0, 0, now);
        gateway.openStream("pleth", 0, 0, now);
        final HubPeer doctor = subscriber(2);
        for (int stream = 1; stream <= 3; stream++) {
            doctor.subscribe(stream, StartFrom.SEQUENCE, 0, 0, false, now);
        }
        doctor.drain(now);
        for (int i = 0; i < 2; i++) {
            gateway.block(1, i, now);
            gateway.block(3, i, now);
            gateway.block(2, i, i, 1, 0, 2, now);
        }
        assertEquals(List.of("block 2 0 @0+1", "block 2 1 @1+1", "block 1 0 @0+10", "block 3 0 @0+10",
            "block 1 1 @10+10", "block 3 1 @10+10"), doctor.drain(now));
    }

    @Test
    void forgottenStreamsLeaveTheDirectory() {
        publisher();
        final HubPeer doctor = subscriber(2);
        doctor.drain(now);
        hub.close(1, now);
        for (int i = 0; i < 601; i++) {
            now += SECOND;
            doctor.heartbeat(now);
            hub.handleTimeout(now);
        }
        assertTrue(doctor.drain(now).contains("closed 1 EXPIRED"));
        assertEquals(0, hub.streamCount());
        hub.close(2, now);
        hub.handleTimeout(now + SECOND);
        assertEquals(Long.MAX_VALUE, hub.nextDeadlineNs(), "an empty hub sleeps");
    }

    @Test
    @Tag("REQ-O4")
    void nationalNumbersAndContradictoryKindsAreRefused() {
        final HubPeer gateway = publisher();
        assertEquals(VitalsHub.REFUSED, gateway.openStream("1 85 05 78 006 084 36", 0, 0, now));
        assertEquals(VitalsHub.REFUSED, gateway.openStream("x", Kind.OBJECT, 1, 0, 0, now));
        assertEquals(VitalsHub.ACCEPTED, gateway.openStream("serial 20260101120000", 0, 0, now));
        final List<String> lines = gateway.drain(now);
        assertTrue(lines.get(0).contains("national identity number"), lines.toString());
        assertTrue(lines.get(1).startsWith("error INVALID_VALUE"), lines.toString());
    }

    @Test
    void boundsHoldAndSayWhy() {
        final VitalsLimits base = VitalsLimits.defaults();
        hub = new VitalsHub(new VitalsLimits(2, 2, 2, 1024, base.ringNs(), 4096, 16, 4096, base.heartbeatNs(),
            base.timeoutNs(), base.replaceableNs(), base.silentNs(), base.expiryNs(), base.ackDelayNs(), 16, 16),
            stats, 1, UTC);
        final HubPeer gateway = publisher();
        gateway.openStream("two", 0, 0, now);
        assertEquals(VitalsHub.REFUSED, gateway.openStream("three", 0, 0, now));
        assertEquals("error LIMIT_REACHED message 3 about 7 expected -1: no more streams: at most 2 in a "
            + "consultation and 2 of a participant", gateway.drain(now).getFirst());
        subscriber(2);
        assertEquals(0, hub.closeCode(2), "the second fits");
        assertEquals(VitalsHub.CLOSING, hub.open(3, "x", HubPeer.RECEIVE, now));
        assertEquals(VitalsCloseCode.LIMIT_REACHED, hub.closeCode(3));
        for (int i = 0; i < 100; i++) {
            assertEquals(VitalsHub.ACCEPTED, gateway.block(1, i, now));
        }
        assertEquals(VitalsHub.ACCEPTED, gateway.block(2, 0, now), "a stream's own share is nobody else's");
        assertEquals(VitalsHub.REFUSED, gateway.block(2, 1, 10, 500, 0, 1_000, now), "1048 bytes against 1024");
        assertTrue(gateway.drain(now).getFirst().contains("no memory left"));
        assertEquals(VitalsHub.CLOSING, gateway.raw(new byte[17 * 1024], now));
        assertEquals(VitalsCloseCode.TOO_LARGE, hub.closeCode(1));
        assertEquals(1, stats.dropped(DropReason.VITALS_TOO_LARGE));
    }

    @Test
    void aFloodOfRefusalsEndsTheConnectionNotTheRelay() {
        final HubPeer flood = subscriber(2);
        int last = VitalsHub.ACCEPTED;
        for (int i = 0; i < 100; i++) {
            last = flood.block(1, i, now);
        }
        assertEquals(VitalsHub.CLOSING, last);
        assertEquals(VitalsCloseCode.LIMIT_REACHED, hub.closeCode(2));
        assertTrue(flood.drain(now).size() < 40);
        final HubPeer fast = subscriber(3);
        int disposition = VitalsHub.ACCEPTED;
        for (int i = 0; i < 30_000 && disposition == VitalsHub.ACCEPTED; i++) {
            disposition = fast.heartbeat(now);
        }
        assertEquals(VitalsHub.CLOSING, disposition);
        assertTrue(hub.closeReason(3).startsWith("too fast"));
    }

    @Test
    void helloComesFirstAndOnce() {
        final HubPeer early = new HubPeer(hub, 8);
        hub.open(8, "x", HubPeer.ALL, now);
        assertEquals(VitalsHub.CLOSING, early.heartbeat(now));
        assertEquals(VitalsCloseCode.PROTOCOL, hub.closeCode(8));
        final HubPeer twice = subscriber(9);
        assertEquals(VitalsHub.CLOSING, twice.hello(9, now));
        assertFalse(hub.closeReason(9).isEmpty());
    }

    @Test
    void shutdownTellsEveryone() {
        final HubPeer doctor = subscriber(2);
        doctor.drain(now);
        hub.shutdown(now);
        assertEquals(2, hub.pollDirty());
        assertTrue(doctor.drain(now).getFirst().startsWith("error SHUTTING_DOWN fatal"));
        assertEquals(VitalsCloseCode.SHUTTING_DOWN, hub.closeCode(2));
    }
}
