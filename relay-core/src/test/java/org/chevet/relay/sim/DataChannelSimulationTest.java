package org.chevet.relay.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.sctp.DataChannel;
import org.chevet.relay.sctp.SctpAssociation;
import org.chevet.relay.sim.SimNetwork.Conditions;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data channels through a whole lane: real SCTP, ICE and vitals, in virtual time. */
class DataChannelSimulationTest {
    private static final long MS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MS;
    private static final String CHAT = "chevet.chat";
    private static final String ANNOTATIONS = "chevet.annotations";
    private static final String OBJECTS = "chevet.objects";
    private static final String[] ALL = {"publish:*", "subscribe:*"};

    @Test
    void packetsOfSctpFitTheDatagramsOfDtls() {
        assertTrue(SctpAssociation.MTU <= Dtls.MAX_APPLICATION_DATA);
        assertTrue(SctpAssociation.MTU + Integer.BYTES > Dtls.MAX_APPLICATION_DATA, "no more words would fit");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void vitalsComeBitForBitOverALossyWay(final long seed) {
        final Simulation sim = new Simulation(seed, Conditions.POOR);
        final SimVitals gateway = new SimVitals(sim.dataPeer("gateway", Role.DEVICE, ALL), 20 * MS, 400);
        final SimVitals doctor = new SimVitals(sim.dataPeer("doctor", Role.PRACTITIONER, ALL), 0, 0);
        final SimVitals late = new SimVitals(sim.dataPeer("late", Role.COMPANION, ALL), 0, 0);
        gateway.lastSequence = 500;
        sim.run(20 * SECOND_NS);
        final String why = "seed " + seed + sim.summary();
        assertEquals(500, gateway.sequence, why);
        assertEquals("", doctor.fault(500), why);
        assertEquals("", late.fault(500), why);
        assertEquals(0, sim.stats.counted(Counter.LANE_ERRORS), why);
    }

    @Test
    void theLargestBlocksGoThroughAndRightsHold() {
        final Simulation sim = new Simulation(7, Conditions.PERFECT);
        final SimVitals gateway = new SimVitals(sim.dataPeer("gateway", Role.DEVICE, ALL), 50 * MS, 64 * 1024);
        final SimVitals doctor = new SimVitals(sim.dataPeer("doctor", Role.PRACTITIONER, ALL), 0, 0);
        final SimVitals patient =
            new SimVitals(sim.dataPeer("patient", Role.PATIENT, "publish:audio", "subscribe:audio"), 0, 0);
        gateway.lastSequence = 20;
        sim.run(5 * SECOND_NS);
        assertEquals("", doctor.fault(20), sim.summary());
        assertFalse(patient.templates.isEmpty(), "it is greeted");
        assertFalse(patient.templates.contains(BlockDecoder.TEMPLATE_ID), "the token grants no device stream");
        assertEquals(List.of(), patient.blocks);
    }

    @Test
    void liveVitalsDoNotWaitBehindAnObject() {
        // 8 Mbit/s, 20 ms each way, a queue of 50 ms in the network, 0.2 % loss.
        final Conditions link = new Conditions(0.002, 0, 1, 0, 20 * MS, 0, 8_000_000, 50 * MS, 1500);
        final Latencies alone = objectAndVitals(link, 0);
        final int objectBytes = 25 * 1024 * 1024;
        final Latencies beside = objectAndVitals(link, objectBytes);
        final String measured = "alone " + alone + ", beside an object " + beside;
        assertEquals(objectBytes, beside.objectBytes, measured);
        assertTrue(alone.medianMs <= 50, measured);
        assertTrue(beside.medianMs <= alone.medianMs + 50, measured);
        assertTrue(beside.p99Ms <= 200, measured);
    }

    /** What blocks took from being due to being received, in ms. */
    private record Latencies(long medianMs, long p99Ms, long maxMs, int blocks, int objectBytes, long durationMs) {
    }

    private static Latencies objectAndVitals(final Conditions link, final int objectBytes) {
        final Simulation sim = new Simulation(42, link);
        final SimVitals gateway = new SimVitals(sim.dataPeer("gateway", Role.DEVICE, ALL), 50 * MS, 200);
        final SimDataPeer camera = sim.dataPeer("camera", Role.COMPANION, ALL).wants(OBJECTS);
        final SimDataPeer console = sim.dataPeer("console", Role.PRACTITIONER, ALL).wants(OBJECTS);
        final ObjectSender sender = new ObjectSender(camera, objectBytes);
        camera.uses(sender);
        final SimVitals doctor = new SimVitals(console, 0, 0);
        final int[] got = new int[1];
        console.uses(new SimDataPeer.Use() {
            @Override
            public void onOpen(final String label, final long nowNs) {
                doctor.onOpen(label, nowNs);
            }

            @Override
            public void onMessage(final String label, final byte[] message, final long nowNs) {
                doctor.onMessage(label, message, nowNs);
                if (label.equals(OBJECTS)) {
                    got[0] += message.length;
                    console.send(OBJECTS, new byte[] {1});
                }
            }
        });
        final long startNs = sim.nowNs();
        long doneNs = 0;
        while (sim.nowNs() - startNs < 120 * SECOND_NS && doneNs == 0) {
            sim.run(SECOND_NS);
            doneNs = got[0] >= objectBytes && doctor.blocks.size() > 600 ? sim.nowNs() : 0;
        }
        gateway.lastSequence = gateway.sequence;
        final List<Long> sorted = doctor.blocks.stream().map(SimVitals.Received::latencyNs).sorted().toList();
        assertEquals("", doctor.fault(doctor.blocks.size()), sim.summary());
        assertEquals(0, sim.stats.dropped(DropReason.DATA_CHANNEL_TOO_SLOW), sim.summary());
        return new Latencies(sorted.get(sorted.size() / 2) / MS, sorted.get(sorted.size() * 99 / 100) / MS,
            sorted.getLast() / MS, sorted.size(), got[0], (sim.nowNs() - startNs) / MS);
    }

    /** Sends an object in messages of 16 KiB, of which at most eight are not confirmed by the receiver. */
    private static final class ObjectSender implements SimDataPeer.Use {
        private static final int PART = 16 * 1024;
        private static final int WINDOW = 8;
        private final SimDataPeer peer;
        private final int bytes;
        private int sent;
        private int unconfirmed;

        ObjectSender(final SimDataPeer peer, final int bytes) {
            this.peer = peer;
            this.bytes = bytes;
        }

        @Override
        public void onTurn(final long nowNs) {
            while (peer.isOpen(OBJECTS) && sent < bytes && unconfirmed < WINDOW) {
                if (!peer.send(OBJECTS, new byte[Math.min(PART, bytes - sent)])) {
                    return;
                }
                sent += Math.min(PART, bytes - sent);
                unconfirmed++;
            }
        }

        @Override
        public void onMessage(final String label, final byte[] message, final long nowNs) {
            unconfirmed--;
            onTurn(nowNs);
        }
    }

    /** Writes down what came. */
    private static final class Mailbox implements SimDataPeer.Use {
        final List<String> got = new ArrayList<>();

        @Override
        public void onMessage(final String label, final byte[] message, final long nowNs) {
            got.add(label + " " + new String(message, StandardCharsets.UTF_8));
        }
    }

    @Test
    void chatAndAnnotationsGoToTheOthersAndNobodyElse() {
        final Simulation sim = new Simulation(8, Conditions.POOR);
        final Mailbox[] boxes = {new Mailbox(), new Mailbox(), new Mailbox()};
        final SimDataPeer doctor = sim.dataPeer("doctor", Role.PRACTITIONER, ALL).wants(CHAT).wants(ANNOTATIONS);
        final SimDataPeer second = sim.dataPeer("doctor", Role.PRACTITIONER, ALL).wants(CHAT);
        final SimDataPeer patient =
            sim.dataPeer("patient", Role.PATIENT, "publish:audio", "subscribe:audio").wants(CHAT);
        doctor.uses(boxes[0]);
        second.uses(boxes[1]);
        patient.uses(boxes[2]);
        sim.run(3 * SECOND_NS);
        assertTrue(doctor.send(CHAT, "bonjour".getBytes(StandardCharsets.UTF_8)), sim.summary());
        assertTrue(doctor.send(ANNOTATIONS, "nobody has it open".getBytes(StandardCharsets.UTF_8)));
        sim.run(2 * SECOND_NS);
        assertTrue(patient.sendText(CHAT, "merci".getBytes(StandardCharsets.UTF_8)));
        sim.run(2 * SECOND_NS);
        assertEquals(List.of(CHAT + " bonjour"), boxes[2].got, sim.summary());
        assertEquals(List.of(CHAT + " merci"), boxes[0].got);
        assertEquals(List.of(CHAT + " merci"), boxes[1].got, "the other connection of the same person too");
        assertEquals(3, sim.stats.counted(Counter.DATA_MESSAGES_RELAYED));
    }

    @Test
    void channelsThatAreNotServedAreClosedAndCounted() {
        final Simulation sim = new Simulation(9, Conditions.PERFECT);
        final SimDataPeer doctor = sim.dataPeer("doctor", Role.PRACTITIONER, ALL).wants("something")
            .wants(SimVitals.LABEL, "", true, DataChannel.NO_LIMIT)
            .wants(SimVitals.LABEL, SimVitals.LABEL, false, DataChannel.NO_LIMIT)
            .wants(SimVitals.LABEL, SimVitals.LABEL, true, 3).wants(CHAT).wants(CHAT);
        final SimDataPeer device = sim.dataPeer("device", Role.DEVICE, ALL).wants(CHAT).wants(OBJECTS);
        sim.run(2 * SECOND_NS);
        assertEquals(List.of(CHAT, SimVitals.LABEL, SimVitals.LABEL, SimVitals.LABEL, "something"),
            doctor.ended.stream().sorted().toList());
        assertEquals(List.of(CHAT, OBJECTS), device.ended.stream().sorted().toList());
        assertEquals(7, sim.stats.dropped(DropReason.DATA_CHANNEL_NOT_SERVED), sim.summary());
        assertEquals(1, sim.stats.counted(Counter.DATA_CHANNELS_OPENED));
        assertEquals(1, doctor.channels.size(), "the first of its label stays");
    }

    @Test
    void messagesAgainstTheRulesCloseTheirChannel() {
        final Simulation sim = new Simulation(10, Conditions.PERFECT);
        final SimDataPeer doctor = sim.dataPeer("doctor", Role.PRACTITIONER, ALL).wants(CHAT).wants(ANNOTATIONS)
            .wants(SimVitals.LABEL);
        sim.run(SECOND_NS);
        doctor.send(CHAT, new byte[16 * 1024 + 1]);
        doctor.sendText(SimVitals.LABEL, new byte[10]);
        for (int i = 0; i <= 2000; i++) {
            doctor.send(ANNOTATIONS, new byte[1]);
        }
        sim.run(SECOND_NS);
        assertEquals(3, sim.stats.dropped(DropReason.DATA_CHANNEL_RULE_BROKEN), sim.summary());
        assertEquals(3, doctor.ended.size());
        assertEquals(3, sim.stats.counted(Counter.DATA_CHANNELS_CLOSED));
        assertEquals(sim.stats.counted(Counter.VITALS_CONNECTIONS_OPENED),
            sim.stats.counted(Counter.VITALS_CONNECTIONS_CLOSED));
    }

    @Test
    void aReceiverThatDoesNotKeepUpCostsNobodyElse() {
        final Simulation sim = new Simulation(11, Conditions.PERFECT);
        final SimDataPeer doctor =
            sim.dataPeer("doctor", Role.PRACTITIONER, ALL).wants(OBJECTS).wants(ANNOTATIONS);
        final SimDataPeer slow = sim.dataPeer("slow", Role.COMPANION, ALL).wants(OBJECTS).wants(ANNOTATIONS);
        final SimDataPeer quick = sim.dataPeer("quick", Role.COMPANION, ALL).wants(OBJECTS).wants(ANNOTATIONS);
        final Mailbox box = new Mailbox();
        quick.uses(box);
        sim.run(SECOND_NS);
        sim.vanish(slow);
        for (int i = 0; i < 100; i++) {
            assertTrue(doctor.send(OBJECTS, new byte[8192]));
            assertTrue(doctor.send(ANNOTATIONS, new byte[1024]));
            sim.run(20 * MS);
        }
        assertEquals(200, box.got.size(), sim.summary());
        assertEquals(1, sim.stats.dropped(DropReason.DATA_CHANNEL_TOO_SLOW));
        assertEquals(100 - 32, sim.stats.dropped(DropReason.ANNOTATION_DROPPED));
        sim.run(40 * SECOND_NS);
        assertEquals(1, sim.stats.counted(Counter.SESSIONS_CLOSED), "the one that is gone");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverAPeerSaysOthersGoOn(final long seed) {
        final Simulation sim = new Simulation(seed, Conditions.PERFECT);
        final SimVitals gateway = new SimVitals(sim.dataPeer("gateway", Role.DEVICE, ALL), 20 * MS, 400);
        final SimVitals doctor = new SimVitals(sim.dataPeer("doctor", Role.PRACTITIONER, ALL), 0, 0);
        gateway.lastSequence = 150;
        final SimDataPeer liar = sim.dataPeer("liar", Role.GUEST, ALL).wants(SimVitals.LABEL).wants(CHAT)
            .wants(ANNOTATIONS).wants(OBJECTS);
        final Random random = new Random(seed);
        sim.run(SECOND_NS);
        for (int i = 0; i < 300; i++) {
            final byte[] bytes = new byte[1 + random.nextInt(1100)];
            random.nextBytes(bytes);
            switch (random.nextInt(3)) {
                case 0 -> liar.sendRecord(bytes);
                case 1 -> liar.sendRecord(liar.mutatedPacket(random, bytes));
                default -> liar.send(List.of(SimVitals.LABEL, CHAT, ANNOTATIONS, OBJECTS).get(random.nextInt(4)),
                    bytes);
            }
            sim.run(10 * MS);
        }
        sim.run(2 * SECOND_NS);
        final String why = "seed " + seed + sim.summary();
        assertEquals("", doctor.fault(150), why);
        assertEquals(0, sim.stats.counted(Counter.LANE_ERRORS), why);
        assertTrue(sim.stats.dropped(DropReason.SCTP_BAD_CHECKSUM) + sim.stats.dropped(DropReason.SCTP_MALFORMED) > 50,
            why);
    }

    @Test
    void aPeerThatLeavesLeavesNothingBehind() {
        final Simulation sim = new Simulation(12, Conditions.PERFECT);
        final SimVitals gateway = new SimVitals(sim.dataPeer("gateway", Role.DEVICE, ALL), 20 * MS, 400);
        final SimDataPeer doctor = sim.dataPeer("doctor", Role.PRACTITIONER, ALL).wants(CHAT);
        final SimVitals reader = new SimVitals(doctor, 0, 0);
        sim.run(2 * SECOND_NS);
        assertTrue(reader.blocks.size() > 50, sim.summary());
        sim.leave(doctor, "doctor");
        gateway.lastSequence = gateway.sequence;
        sim.run(SECOND_NS);
        assertEquals(1, sim.stats.counted(Counter.VITALS_CONNECTIONS_CLOSED));
        assertEquals(1, sim.stats.counted(Counter.SESSIONS_CLOSED));
        sim.close();
        assertEquals(2, sim.stats.counted(Counter.VITALS_CONNECTIONS_CLOSED));
        assertEquals(0, sim.stats.counted(Counter.LANE_ERRORS));
        assertArrayEquals(SimVitals.payload(3, 400), reader.blocks.get(3).payload());
    }
}
