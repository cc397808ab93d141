package org.chevet.relay.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import org.chevet.relay.lane.LaneLimits;
import org.chevet.relay.sim.SimNetwork.Conditions;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole consultations over a bad network, in virtual time, repeated from a seed.
 *
 * <p>To replay one: {@code mvn test -pl codec,relay-core -Dtest=ConsultationSimulationTest -Dsim.seed=N
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class ConsultationSimulationTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int SEEDS = 30;

    static LongStream seeds() {
        final Long only = Long.getLong("sim.seed");
        return only == null ? LongStream.range(0, SEEDS) : LongStream.of(only);
    }

    @Test
    @Tag("REQ-A1")
    void everythingArrivesOverAPerfectNetwork() {
        final Simulation simulation = new Simulation(1, Conditions.PERFECT);
        final SimSubscriber doctor = simulation.subscriber("doctor");
        final SimPublisher patient = simulation.publisher("patient");
        simulation.run(5 * SECOND_NS);
        simulation.leave(patient, "patient");
        simulation.run(SECOND_NS / 2);
        assertEquals(List.of(), doctor.faults());
        assertEquals(0, doctor.missing(doctor.audioSsrc));
        assertEquals(0, doctor.missing(doctor.videoSsrc));
        assertTrue(doctor.received(doctor.audioSsrc) > 200, "audio packets: " + doctor.received(doctor.audioSsrc));
        assertTrue(patient.isInKeyFrame(doctor.firstVideoNumber()),
            "video starts with packet " + doctor.firstVideoNumber());
        assertEquals(0, simulation.stats.counted(Counter.LANE_ERRORS));
        assertEquals(0, simulation.stats.dropped(DropReason.SEAL_FAILED));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void lossReorderAndDuplicatesNeverBreakAConsultation(final long seed) {
        final Simulation simulation = new Simulation(seed, Conditions.POOR);
        final String replay = "replay with -Dsim.seed=" + seed;
        final SimPublisher patient = simulation.publisher("patient");
        final SimSubscriber doctor = simulation.subscriber("doctor");
        simulation.run(4 * SECOND_NS, () -> checkBounds(simulation, replay));
        final SimSubscriber expert = simulation.subscriber("expert");
        final byte[] junk = new byte[simulation.random.nextInt(300) + 1];
        for (int i = 0; i < 50; i++) {
            simulation.random.nextBytes(junk);
            patient.sendRaw(junk, simulation.nowNs());
            simulation.run(SECOND_NS / 50, () -> checkBounds(simulation, replay));
        }
        simulation.leave(doctor, "doctor");
        simulation.run(3 * SECOND_NS, () -> checkBounds(simulation, replay));
        simulation.leave(patient, "patient");
        final SimPublisher again = simulation.publisher("patient");
        simulation.run(4 * SECOND_NS, () -> checkBounds(simulation, replay));

        assertEquals(List.of(), doctor.faults(), replay);
        assertTrue(doctor.received(doctor.audioSsrc) > 100, replay);
        assertTrue(doctor.received(doctor.videoSsrc) > 100, replay + " video " + doctor.received(doctor.videoSsrc));
        assertTrue(patient.isInKeyFrame(doctor.firstVideoNumber()), replay);
        assertTrue(patient.isInKeyFrame(expert.firstVideoNumber()),
            replay + ": expert's video starts with packet " + expert.firstVideoNumber() + simulation.summary());
        assertTrue(again.videoPackets() > 50, replay);
        assertTrue(expert.received(expert.videoSsrc) > 100, replay);
        assertTrue(expert.missing(expert.videoSsrc) <= expert.received(expert.videoSsrc) / 50,
            replay + ": " + expert.missing(expert.videoSsrc) + " video packets not repaired" + simulation.summary());
        assertEquals(0, simulation.stats.counted(Counter.LANE_ERRORS), replay);
        assertEquals(0, simulation.stats.dropped(DropReason.SEAL_FAILED), replay);

        simulation.close();
        assertEquals(0, simulation.packetsHeld(), replay + ": slots leaked");
        assertEquals(simulation.stats.counted(Counter.SESSIONS_OPENED),
            simulation.stats.counted(Counter.SESSIONS_CLOSED), replay);
    }

    private static void checkBounds(final Simulation simulation, final String replay) {
        assertTrue(simulation.packetsHeld() <= LaneLimits.defaults().slabSlots(), replay);
    }
}
