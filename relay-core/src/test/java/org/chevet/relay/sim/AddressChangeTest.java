package org.chevet.relay.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.IceCredentials;
import org.chevet.relay.sim.SimNetwork.Conditions;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients whose address changes in the middle of a consultation, with and without an ICE restart, in virtual time. */
@Tag("REQ-E3")
class AddressChangeTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final TransportAddress ATTACKER = TransportAddress.ofIpv4(0x0A00FFFF, 50_000);
    private static final Conditions DELAYED = new Conditions(0, 0, 1, 0, 20_000_000, 0, 0, 0, 1500);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void restartOverAPoorNetworkMovesBothSidesWithoutANewHandshake(final long seed) {
        final Simulation simulation = new Simulation(seed, Conditions.POOR);
        final SimSubscriber doctor = simulation.subscriber("doctor");
        final SimPublisher patient = simulation.publisher("patient");
        simulation.run(3 * SECOND_NS);
        for (int round = 0; round < 4; round++) {
            final SimPeer moving = round % 2 == 0 ? patient : doctor;
            final String name = round % 2 == 0 ? "patient" : "doctor";
            simulation.restart(moving, name);
            simulation.run(SECOND_NS / 2);
            // The response was lost and the client asked again: the credentials before were never used.
            final IceCredentials local = simulation.restart(moving, name);
            simulation.run(SECOND_NS / 2);
            simulation.move(moving);
            moving.restart(local.ufrag(), local.password());
            simulation.run(SECOND_NS);
            final int before = doctor.received(doctor.audioSsrc);
            simulation.run(2 * SECOND_NS);
            final int got = doctor.received(doctor.audioSsrc) - before;
            assertTrue(got > 70, "round " + round + ": " + got + " of 97 packets in 2 s" + simulation.summary());
        }
        assertEquals(List.of(), doctor.faults());
        assertEquals(8, simulation.stats.counted(Counter.ICE_RESTARTS));
        assertEquals(2, simulation.stats.counted(Counter.DTLS_COMPLETED));
        assertEquals(0, simulation.stats.dropped(DropReason.STUN_UNKNOWN_USER));
        assertEquals(0, simulation.stats.counted(Counter.LANE_ERRORS));
        simulation.close();
        assertEquals(0, simulation.packetsHeld());
    }

    @ParameterizedTest(name = "publisher moves: {0}")
    @ValueSource(booleans = {true, false})
    void anotherPortWithoutARestartTakesOneCheck(final boolean publisherMoves) {
        final Simulation simulation = new Simulation(7, DELAYED);
        final SimSubscriber doctor = simulation.subscriber("doctor");
        final SimPublisher patient = simulation.publisher("patient");
        simulation.run(5 * SECOND_NS);
        final int before = doctor.received(doctor.audioSsrc);
        simulation.move(publisherMoves ? patient : doctor);
        simulation.run(SECOND_NS);
        final int got = doctor.received(doctor.audioSsrc) - before;
        // 50 packets a second, of which 1 in 37 is padding; two of the path's delays may be lost on the old address.
        assertTrue(got >= 45, got + " packets in the second after the change" + simulation.summary());
        assertEquals(2, simulation.stats.counted(Counter.DTLS_COMPLETED));
        final int video = doctor.received(doctor.videoSsrc);
        simulation.run(SECOND_NS);
        assertTrue(doctor.received(doctor.videoSsrc) - video > 25, "video as well");
    }

    @Test
    void whoOnlyRepeatsDatagramsFromElsewhereGetsNoMedia() {
        final Simulation simulation = new Simulation(11, DELAYED);
        final SimSubscriber doctor = simulation.subscriber("doctor");
        final SimPublisher patient = simulation.publisher("patient");
        simulation.run(3 * SECOND_NS);
        for (int i = 0; i < 200; i++) {
            for (final SimPeer peer : List.of(doctor, patient)) {
                simulation.inject(peer.lastCheck(), ATTACKER);
                simulation.inject(peer.lastDatagram(), ATTACKER);
            }
            simulation.run(SECOND_NS / 50);
        }
        assertEquals(0, simulation.sentTo(ATTACKER), "not even an answer");
        assertTrue(simulation.stats.dropped(DropReason.STUN_REPLAYED) >= 390, simulation.summary());
        assertTrue(simulation.stats.dropped(DropReason.UNKNOWN_ADDRESS) >= 390, simulation.summary());
        final int before = doctor.received(doctor.audioSsrc);
        simulation.run(SECOND_NS);
        assertTrue(doctor.received(doctor.audioSsrc) - before >= 45, "media goes where it went");
        assertEquals(List.of(), doctor.faults());
    }

    @Test
    void sendingStopsWhenConsentIsNotRenewedWhateverIsRepeated() {
        final Simulation simulation = new Simulation(13, DELAYED);
        final SimSubscriber doctor = simulation.subscriber("doctor");
        final SimPublisher patient = simulation.publisher("patient");
        simulation.run(3 * SECOND_NS);
        assertTrue(patient.isSecure());
        final byte[] check = doctor.lastCheck();
        final byte[] report = doctor.lastDatagram();
        simulation.vanish(doctor);
        // Somebody who can forge the doctor's address repeats what the doctor sent, to have the relay flood it.
        for (int second = 0; second < 31; second++) {
            simulation.inject(check, doctor.address());
            simulation.inject(report, doctor.address());
            simulation.run(SECOND_NS);
        }
        final int sent = simulation.sentTo(doctor.address());
        simulation.run(5 * SECOND_NS);
        assertEquals(sent, simulation.sentTo(doctor.address()), "RFC 7675 section 5.1: 30 s without consent");
        assertEquals(1, simulation.stats.counted(Counter.SESSIONS_CLOSED));
    }
}
