package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chevet.codec.vitals.sbe.StreamStatus;
import org.chevet.relay.client.ObjectReceiver.Outcome;
import org.chevet.relay.vitals.VitalsLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Files from one endpoint to others, over links that break and relays that restart, in virtual time. */
class ObjectsTest {
    private static final long SECOND = VitalsWorld.SECOND;
    private static final int SIZE = 400_000;

    private final VitalsWorld world = new VitalsWorld(VitalsLimits.defaults(), new Random(1), 5 * VitalsWorld.MS);
    private final PublisherMachine machine =
        new PublisherMachine(7, "camera", VitalsEvents.NONE, () -> world.nowNs, 300 * SECOND, 32 << 20);
    private final VitalsWorld.Node camera = world.add(machine, "camera", false);
    private final byte[] photo = bytes(SIZE);

    /** One who receives. */
    private final class Person implements VitalsListener {
        final List<Outcome> outcomes = new ArrayList<>();
        final ObjectReceiver receiver = new ObjectReceiver(outcomes::add);
        final List<String> faults = new ArrayList<>();
        final VitalsWorld.Node node;
        long blocks;

        Person(final String name, final long instance) {
            node = world.add(new SubscriberMachine(instance, "person", this), name, true);
        }

        @Override
        public Start onStream(final SubscribedStream stream) {
            return ObjectReceiver.START;
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            blocks++;
            receiver.onBlock(block);
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final org.chevet.codec.vitals.sbe.GapReason reason) {
            faults.add("gap " + fromSequence + ".." + toSequence);
        }

        @Override
        public void onState(final SubscribedStream stream, final StreamStatus status, final long nextSequence) {
            if (status == StreamStatus.ENDED) {
                receiver.onEnded();
            }
        }

        void hasIt() {
            assertEquals(List.of(), faults);
            assertEquals(1, outcomes.size(), "of " + blocks + " blocks");
            final Outcome.Complete complete = assertInstanceOf(Outcome.Complete.class, outcomes.getFirst());
            assertEquals(ByteBuffer.wrap(photo), complete.content());
            assertEquals("wound.jpg", complete.manifest().name());
        }
    }

    private static byte[] bytes(final int size) {
        final byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private ObjectSender offer() {
        return ObjectSender.offer(machine.open(StreamSpec.object("photo-1")), "wound.jpg", "image/jpeg", photo,
            java.util.HexFormat.of().formatHex(ObjectManifest.sha256Digest().digest(photo)));
    }

    private void liveUntil(final java.util.function.BooleanSupplier condition, final long atMostNs) {
        final long until = world.nowNs + atMostNs;
        while (!condition.getAsBoolean() && world.nowNs < until) {
            world.step();
        }
        assertTrue(condition.getAsBoolean(), "did not come about in " + atMostNs / SECOND + " s");
    }

    @Test
    @Tag("REQ-O18")
    void receiversAtDifferentPacesAndLateOnesGetItAll() {
        final Person first = new Person("doctor", 1);
        final ObjectSender sender = offer();
        liveUntil(() -> first.receiver.length() > SIZE / 2, 60 * SECOND);
        final Person second = new Person("expert", 2);
        liveUntil(() -> second.receiver.length() > 20_000, 60 * SECOND);
        first.node.stalled = true;
        liveUntil(() -> !second.outcomes.isEmpty(), 60 * SECOND);
        second.hasIt();
        first.node.stalled = false;
        liveUntil(() -> !first.outcomes.isEmpty(), 60 * SECOND);
        first.hasIt();
        final Person late = new Person("trainee", 3);
        liveUntil(() -> !late.outcomes.isEmpty(), 60 * SECOND);
        late.hasIt();
        liveUntil(sender::isDelivered, SECOND);
        assertEquals(sender.manifest().blocks(), first.blocks, "nothing twice");
    }

    @Test
    @Tag("REQ-O18")
    void brokenLinksAndARestartedRelayDoNotBeginAgain() {
        final Person doctor = new Person("doctor", 1);
        final ObjectSender sender = offer();
        liveUntil(() -> doctor.receiver.length() > SIZE / 4, 60 * SECOND);
        camera.breakLink();
        liveUntil(() -> doctor.receiver.length() > SIZE / 2, 60 * SECOND);
        doctor.node.breakLink();
        liveUntil(() -> doctor.receiver.length() > SIZE * 3 / 4, 60 * SECOND);
        world.restartRelay();
        liveUntil(() -> !doctor.outcomes.isEmpty(), 60 * SECOND);
        doctor.hasIt();
        assertEquals(sender.manifest().blocks(), doctor.blocks, "each block came once");
        assertTrue(sender.publication().sentBlocks() < sender.manifest().blocks() * 5L / 4, "sent "
            + sender.publication().sentBlocks() + " blocks for " + sender.manifest().blocks());
    }

    @Test
    @Tag("REQ-O18")
    void aWrongHashAndAnEarlyEndAreTold() {
        final Person doctor = new Person("doctor", 1);
        ObjectSender.offer(machine.open(StreamSpec.object("photo-1")), "wound.jpg", "image/jpeg", photo,
            "ab".repeat(32));
        liveUntil(() -> !doctor.outcomes.isEmpty(), 60 * SECOND);
        assertTrue(assertInstanceOf(Outcome.Broken.class, doctor.outcomes.getFirst()).why().startsWith("SHA-256 is"));
    }

    @Test
    @Tag("REQ-O18")
    void whoeverEndsEarlyLeavesNoHalfFile() {
        final Person doctor = new Person("doctor", 1);
        final ObjectSender sender = offer();
        liveUntil(() -> doctor.receiver.length() > SIZE / 4, 60 * SECOND);
        sender.close();
        liveUntil(() -> !doctor.outcomes.isEmpty(), 60 * SECOND);
        assertInstanceOf(Outcome.Broken.class, doctor.outcomes.getFirst());
    }
}
