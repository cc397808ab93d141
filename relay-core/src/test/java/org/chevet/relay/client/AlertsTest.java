package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.AlertPriority;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.vitals.VitalsLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Alerts from a device to people and back, over links of up to 40 ms each way, in virtual time. */
class AlertsTest {
    private static final long SECOND = VitalsWorld.SECOND;
    private static final int SILENT_MS = 3_000;

    private final VitalsWorld world = new VitalsWorld(VitalsLimits.defaults(), new Random(1), 5 * VitalsWorld.MS);
    private final List<String> device = new ArrayList<>();
    private final PublisherMachine machine =
        new PublisherMachine(7, "device", VitalsEvents.NONE, () -> world.nowNs, 300 * SECOND, 1 << 20);
    private final VitalsWorld.Node deviceNode = world.add(machine, "monitor", false);
    private final AlertPublisher alerts = AlertPublisher.attach(machine.open(StreamSpec.alerts("alarms", SILENT_MS)),
        new AlertPublisher.Listener() {
            @Override
            public void onAck(final long alertId, final String participant, final AlertAckState state) {
                device.add(alertId + " " + participant + " " + state);
            }

            @Override
            public void onEscalated(final long alertId, final long ageMs) {
                device.add(alertId + " escalated");
            }
        });

    /** What a person's endpoint was told. */
    private final class Person implements VitalsListener {
        final List<String> told = new ArrayList<>();
        final SubscriberMachine subscriber;
        final VitalsWorld.Node node;
        SubscribedStream stream;
        long lastAlertNs;

        Person(final String name, final long instance) {
            subscriber = new SubscriberMachine(instance, "person", this);
            node = world.add(subscriber, name, true);
        }

        @Override
        public Start onStream(final SubscribedStream announced) {
            stream = announced;
            return Start.beginning();
        }

        @Override
        public void onBlock(final SubscribedStream ignored, final VitalsBlock block) {
            told.add("block");
        }

        @Override
        public void onAlert(final SubscribedStream ignored, final VitalsAlert alert) {
            lastAlertNs = world.nowNs;
            told.add("alert " + alert.alertId() + " " + alert.terms().priority() + " " + alert.terms().phase() + " "
                + (char) alert.block().payload().get(0));
        }

        @Override
        public void onExpiredAlert(final SubscribedStream ignored, final VitalsAlert alert) {
            told.add("expired " + alert.alertId());
        }

        @Override
        public void onAlertAck(final SubscribedStream ignored, final long alertId, final String participant,
            final AlertAckState state) {
            told.add("ack " + alertId + " " + participant + " " + state);
        }

        @Override
        public void onAlertEscalated(final SubscribedStream ignored, final long alertId,
            final AlertPriority priority, final long ageMs) {
            told.add("escalated " + alertId + " " + priority);
        }

        @Override
        public void onAlertLink(final SubscribedStream ignored, final boolean up) {
            told.add(up ? "link up" : "link lost");
        }

        long count(final String line) {
            return told.stream().filter(line::equals).count();
        }
    }

    private void live(final long ns) {
        final long until = world.nowNs + ns;
        while (world.nowNs < until) {
            world.step();
        }
    }

    private long raise(final int ttlMs, final int escalateAfterMs) {
        final OptionalLong id = alerts.raise(new VitalsAlert.Terms(AlertPriority.HIGH, AlertPhase.START, ttlMs,
            escalateAfterMs), world.nowNs, ByteBuffer.wrap(new byte[] {'!'}));
        return id.orElseThrow();
    }

    @Test
    @Tag("REQ-A8")
    void everyoneGetsTheAlertAndItsAcceptanceComesBack() {
        final Person nurse = new Person("nurse", 1);
        final Person doctor = new Person("doctor", 2);
        live(SECOND);
        final long raisedNs = world.nowNs;
        final long id = raise(60_000, 5_000);
        live(SECOND / 2);
        assertTrue(nurse.lastAlertNs - raisedNs <= 100 * VitalsWorld.MS, "two links of 40 ms and steps of 5 ms");
        assertEquals(1, nurse.count("alert 1 HIGH START !"));
        assertEquals(1, doctor.count("alert 1 HIGH START !"));
        assertTrue(device.contains("1 nurse DELIVERED") && device.contains("1 doctor DELIVERED"), device.toString());
        assertEquals(1, alerts.unaccepted());
        assertTrue(doctor.subscriber.acknowledge(doctor.stream, id, AlertAckState.ACCEPTED));
        live(SECOND / 2);
        assertEquals("1 doctor ACCEPTED", device.getLast());
        assertEquals("ack 1 doctor ACCEPTED", nurse.told.getLast());
        assertEquals(0, alerts.unaccepted());
        live(20 * SECOND);
        assertEquals(0, nurse.count("escalated 1 HIGH"), "it was accepted");
        assertEquals(0, world.stats.counted(Counter.VITALS_ALERTS_ESCALATED));
    }

    @Test
    @Tag("REQ-A8")
    void whatNobodyAcceptsIsEscalatedOnceToEveryone() {
        final Person nurse = new Person("nurse", 1);
        final Person doctor = new Person("doctor", 2);
        live(SECOND);
        final long id = raise(60_000, 5_000);
        live(SECOND / 2);
        assertTrue(doctor.subscriber.acknowledge(doctor.stream, id, AlertAckState.SEEN));
        live(4 * SECOND);
        assertEquals(0, nurse.count("escalated 1 HIGH"), "too early");
        live(SECOND);
        assertEquals(1, nurse.count("escalated 1 HIGH"));
        assertEquals(1, doctor.count("escalated 1 HIGH"));
        assertEquals("1 escalated", device.getLast());
        nurse.node.breakLink();
        live(10 * SECOND);
        assertEquals(2, nurse.count("escalated 1 HIGH"), "it is still true for whoever reconnects");
        assertEquals(1, doctor.count("escalated 1 HIGH"));
    }

    @Test
    @Tag("REQ-A8")
    void aLateComerSeesWhatStillHoldsAndWhatExpiredIsNotNew() {
        live(SECOND);
        final long held = raise(600_000, 0);
        raise(2_000, 0);
        live(5 * SECOND);
        assertTrue(alerts.proceed(held, AlertPhase.LATCHED, world.nowNs, ByteBuffer.wrap(new byte[] {'?'})));
        // Longer than the ring keeps other blocks.
        live(400 * SECOND);
        final Person late = new Person("doctor", 3);
        live(3 * SECOND);
        assertEquals(List.of("link up", "alert 1 HIGH START !", "expired 2", "alert 1 HIGH LATCHED ?"),
            late.told.stream().filter(line -> !line.startsWith("ack")).toList());
        assertTrue(device.contains("1 doctor DELIVERED") && !device.contains("2 doctor DELIVERED"), device.toString());
        assertFalse(late.subscriber.acknowledge(late.stream, 2, AlertAckState.ACCEPTED), "it is over");
    }

    @Test
    @Tag("REQ-A8")
    void aRelayThatRestartsLosesNeitherAlertNorAcceptance() {
        final Person nurse = new Person("nurse", 1);
        live(SECOND);
        final long accepted = raise(120_000, 10_000);
        final long open = raise(120_000, 10_000);
        live(SECOND);
        assertTrue(nurse.subscriber.acknowledge(nurse.stream, accepted, AlertAckState.ACCEPTED));
        live(SECOND);
        world.restartRelay();
        final Person doctor = new Person("doctor", 2);
        live(5 * SECOND);
        assertEquals(1, doctor.count("alert " + open + " HIGH START !"), "whoever is new there gets it too");
        assertEquals(1, nurse.count("alert " + open + " HIGH START !"), "whoever had it does not get it again");
        live(20 * SECOND);
        assertEquals(1, nurse.count("escalated " + open + " HIGH"));
        assertEquals(0, nurse.count("escalated " + accepted + " HIGH"), "its acceptance was told again");
    }

    @Test
    @Tag("REQ-A8")
    void noAlertDiffersFromNoLink() {
        final Person nurse = new Person("nurse", 1);
        live(60 * SECOND);
        assertEquals(List.of("link up"), nurse.told, "heartbeats keep it up");
        deviceNode.frozen = true;
        final long frozenNs = world.nowNs;
        while (nurse.count("link lost") == 0) {
            world.step();
        }
        assertTrue(world.nowNs - frozenNs <= SILENT_MS * VitalsWorld.MS + SECOND / 2, "told in time");
        deviceNode.frozen = false;
        live(15 * SECOND);
        assertEquals("link up", nurse.told.getLast());
        nurse.node.breakLink();
        assertEquals("link lost", nurse.told.getLast(), "its own link counts too");
    }
}
