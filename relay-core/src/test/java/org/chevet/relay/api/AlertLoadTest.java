package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.AlertPriority;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.AlertPublisher;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsAlert;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.net.Await;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Alerts through a real relay whose consultation is flooded with waveforms as fast as its gateways can send. The time
 * is from the device's call to the person's listener, both client libraries and their threads included.
 */
@Isolated
class AlertLoadTest {
    private static final String CONSULTATION = "loaded";
    private static final int GATEWAYS = 3;
    private static final int ALERTS = 100;
    /** What the relay may add. */
    private static final long RELAY_NS = 100_000_000L;
    /** What a numeric or an alert may take in all. */
    private static final long ALL_NS = 1_000_000_000L;

    /** Who receives, and how long each alert took. */
    private static final class Person implements VitalsListener {
        private final boolean takesAll;
        private final AtomicLongArray tookNs = new AtomicLongArray(ALERTS);
        private final AtomicInteger alerts = new AtomicInteger();
        private final AtomicInteger blocks = new AtomicInteger();

        Person(final boolean takesAll) {
            this.takesAll = takesAll;
        }

        @Override
        public @Nullable Start onStream(final SubscribedStream stream) {
            return takesAll || stream.spec().kind() == Kind.ALERT ? Start.beginning() : null;
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            blocks.incrementAndGet();
        }

        @Override
        public void onAlert(final SubscribedStream stream, final VitalsAlert alert) {
            tookNs.set(alerts.get(), System.nanoTime() - alert.block().payload().getLong(0));
            alerts.incrementAndGet();
        }

        long tookNs(final int percentile) {
            final long[] sorted = new long[ALERTS];
            Arrays.setAll(sorted, tookNs::get);
            Arrays.sort(sorted);
            return sorted[ALERTS * percentile / 100 - 1];
        }

        @Override
        public String toString() {
            return String.format("p50 %.2f ms, p99 %.2f ms, max %.2f ms", tookNs(50) / 1e6, tookNs(99) / 1e6,
                tookNs(100) / 1e6);
        }
    }

    @Test
    @Tag("REQ-A8")
    void alertsPassAFloodOfWaveforms(final TestReporter reporter) throws Exception {
        final AtomicBoolean done = new AtomicBoolean();
        final Person flooded = new Person(true);
        final Person alertsOnly = new Person(false);
        final List<Thread> floods = new ArrayList<>();
        final List<VitalsPublisher> gateways = new ArrayList<>();
        final StreamSpec wave = StreamSpec.of("wave", Kind.WAVEFORM, 500, 1,
            List.of(new StreamSpec.Channel(131_330, "II", "mV")));
        try (Relay relay = Relay.start(TestConfigs.loopback())) {
            assertEquals(null, relay.open(CONSULTATION).toCompletableFuture().join().refusal());
            try (VitalsSubscriber _ = VitalsSubscriber.start(transport(relay, "doctor"), "test", flooded);
                VitalsSubscriber _ = VitalsSubscriber.start(transport(relay, "nurse"), "test", alertsOnly);
                VitalsPublisher device = VitalsPublisher.start(transport(relay, "monitor"),
                    VitalsPublisher.Options.defaults("test"))) {
                final AlertPublisher alarms = AlertPublisher.open(device, StreamSpec.alerts("alarms", 5_000),
                    new AlertPublisher.Listener() { });
                for (int i = 0; i < GATEWAYS; i++) {
                    final VitalsPublisher gateway = VitalsPublisher.start(transport(relay, "gateway" + i),
                        VitalsPublisher.Options.defaults("test"));
                    gateways.add(gateway);
                    floods.add(flood(gateway.open(wave), done));
                }
                assertTrue(Await.until(() -> flooded.blocks.get() > 2_000), "the flood runs");
                final long startNs = System.nanoTime();
                final int before = flooded.blocks.get();
                for (int i = 0; i < ALERTS; i++) {
                    final int number = i;
                    final ByteBuffer content = ByteBuffer.allocate(Long.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .putLong(0, System.nanoTime());
                    assertTrue(alarms.raise(new VitalsAlert.Terms(AlertPriority.HIGH, AlertPhase.START, 200, 0),
                        device.clockNs(), content).isPresent(), "alert " + number + " is taken");
                    final int soFar = flooded.blocks.get();
                    assertTrue(Await.until(() -> flooded.alerts.get() > number && alertsOnly.alerts.get() > number
                        && flooded.blocks.get() > soFar + 20), "alert " + number + " came, and the flood goes on");
                }
                final long seconds = Math.max(1, (System.nanoTime() - startNs) / 1_000_000_000L);
                reporter.publishEntry("alerts", String.format("through %d blocks/s: %s, to whoever takes these too: %s",
                    (flooded.blocks.get() - before) / seconds, alertsOnly, flooded));
                assertTrue(alertsOnly.tookNs(95) <= RELAY_NS, "of the relay: " + alertsOnly);
                assertTrue(alertsOnly.tookNs(99) <= ALL_NS, "on a machine that does other things too: " + alertsOnly);
                assertTrue(flooded.tookNs(99) <= ALL_NS, "with the queues of a client that is flooded: " + flooded);
            } finally {
                done.set(true);
                for (final Thread thread : floods) {
                    thread.join();
                }
                gateways.forEach(VitalsPublisher::close);
            }
        }
    }

    /** Offers blocks of 2 kB as long as the gateway takes them. */
    private static Thread flood(final Publication publication, final AtomicBoolean done) {
        return Thread.ofPlatform().daemon().start(() -> {
            final ByteBuffer payload = ByteBuffer.allocate(2_000);
            long sample = 0;
            while (!done.get()) {
                if (publication.nextSequence() - publication.heldBelow() < 64
                    && publication.offer(sample, 1_000, Long.MIN_VALUE, 0, payload)) {
                    sample += 1_000;
                } else {
                    LockSupport.parkNanos(20_000);
                }
            }
        });
    }

    private static WebSocketTransport transport(final Relay relay, final String participant) throws Exception {
        final Grants all = new Grants(EnumSet.allOf(TrackClass.class), EnumSet.allOf(TrackClass.class));
        final String token = relay.issueToken(new Claims(participant, CONSULTATION, Role.DEVICE, participant, all,
            System.currentTimeMillis() + 3_600_000));
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + relay.httpPort() + "/v1/vitals"), () -> token);
    }
}
