package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.ObjectReceiver;
import org.chevet.relay.client.ObjectReceiver.Outcome;
import org.chevet.relay.client.ObjectSender;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.SubscribedStream;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.Isolated;

/** A file of 25 MB and a live ECG on the same connections of a real relay, which are cut in the middle. */
@Isolated
class ObjectLoadTest {
    private static final String CONSULTATION = "objects";
    private static final int SIZE = 25_000_000;
    private static final int BLOCK_MS = 4;
    /** Of the machine: what one scheduling of a busy client takes. The transfer itself lasts some seconds. */
    private static final long NOISE_NS = 20_000_000L;
    private static final int ALONE = 1_000;

    @Test
    @Tag("REQ-O18")
    void aFileOf25MegabytesDelaysNoEcgAndSurvivesACut(final TestReporter reporter) throws Exception {
        final byte[] file = new byte[SIZE];
        new Random(1).nextBytes(file);
        final Doctor doctor = new Doctor();
        final StreamSpec ecg = StreamSpec.of("ecg", Kind.WAVEFORM, 1_000, 1,
            List.of(new StreamSpec.Channel(131_330, "II", "mV")));
        final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try (Relay relay = Relay.start(TestConfigs.loopback());
            CuttableProxy proxy = new CuttableProxy(relay.httpPort())) {
            assertEquals(null, relay.open(CONSULTATION).toCompletableFuture().join().refusal());
            try (VitalsSubscriber _ = VitalsSubscriber.start(transport(relay, proxy, "doctor"), "test", doctor);
                VitalsPublisher gateway = VitalsPublisher.start(transport(relay, proxy, "gateway"),
                    VitalsPublisher.Options.defaults("test"))) {
                final Publication wave = gateway.open(ecg);
                final ScheduledFuture<?> device = timer.scheduleAtFixedRate(() -> measure(wave), 0, BLOCK_MS,
                    TimeUnit.MILLISECONDS);
                // The first ones find cold code.
                assertTrue(Await.until(() -> doctor.tookNs.size() >= 2 * ALONE), "the ECG alone");
                final long alone = doctor.p99Since(ALONE);
                final int from = doctor.tookNs.size();
                final long startNs = System.nanoTime();
                final ObjectSender sender = ObjectSender.offer(gateway, StreamSpec.object("report"), "report.pdf",
                    "application/pdf", file);
                assertTrue(Await.until(() -> doctor.length.get() > SIZE / 3), "a third");
                final long with = doctor.p99Since(from);
                final int samples = doctor.tookNs.size() - from;
                assertTrue(proxy.cut() > 0, "the connections are cut");
                assertTrue(Await.until(() -> doctor.length.get() > SIZE * 2L / 3),
                    () -> doctor.length.get() + " bytes");
                assertTrue(Await.until(() -> !doctor.outcomes.isEmpty()), () -> doctor.length.get() + " bytes");
                final long seconds = (System.nanoTime() - startNs) / 1_000_000_000L;
                device.cancel(false);
                final Outcome.Complete complete = assertInstanceOf(Outcome.Complete.class, doctor.outcomes.getFirst());
                assertEquals(ByteBuffer.wrap(file), complete.content());
                assertTrue(Await.until(sender::isDelivered), "the receipt");
                assertEquals(List.of(), doctor.faults);
                final int blocks = sender.manifest().blocks();
                assertTrue(sender.publication().sentBlocks() < blocks + blocks / 20, "sent again: "
                    + (sender.publication().sentBlocks() - blocks) + " of " + blocks);
                reporter.publishEntry("objects", String.format(
                    "25 MB in %d s with a cut, ECG p99 %.2f ms alone, %.2f ms beside it (%d blocks)",
                    seconds, alone / 1e6, with / 1e6, samples));
                assertTrue(with <= alone + NOISE_NS, "p99 of the ECG: " + alone + " ns alone, " + with + " beside");
            }
        } finally {
            timer.shutdownNow();
        }
    }

    private static void measure(final Publication wave) {
        final ByteBuffer payload = ByteBuffer.allocate(2 * BLOCK_MS).order(ByteOrder.LITTLE_ENDIAN);
        payload.putLong(0, System.nanoTime());
        wave.offer(wave.nextSequence() * BLOCK_MS, BLOCK_MS, Long.MIN_VALUE, 0, payload);
    }

    private static WebSocketTransport transport(final Relay relay, final CuttableProxy proxy, final String participant)
        throws Exception {
        final Grants all = new Grants(EnumSet.allOf(TrackClass.class), EnumSet.allOf(TrackClass.class));
        final String token = relay.issueToken(new Claims(participant, CONSULTATION, Role.DEVICE, participant, all,
            System.currentTimeMillis() + 3_600_000));
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + proxy.port() + "/v1/vitals"), () -> token);
    }

    /** Receives both, and notes how old each ECG block was. */
    private static final class Doctor implements VitalsListener {
        private final List<Long> tookNs = new CopyOnWriteArrayList<>();
        private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
        private final List<String> faults = new CopyOnWriteArrayList<>();
        private final AtomicInteger length = new AtomicInteger();
        private final ObjectReceiver receiver = new ObjectReceiver(outcomes::add);

        @Override
        public Start onStream(final SubscribedStream stream) {
            return stream.spec().kind() == Kind.OBJECT ? ObjectReceiver.START : Start.beginning();
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            if (stream.spec().kind() == Kind.OBJECT) {
                receiver.onBlock(block);
                length.set(receiver.length());
            } else {
                tookNs.add(System.nanoTime() - block.payload().getLong(0));
            }
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            faults.add(stream.spec().name() + " gap " + fromSequence + ".." + toSequence);
        }

        long p99Since(final int from) {
            final List<Long> all = new ArrayList<>(tookNs);
            final List<Long> sorted = all.subList(from, all.size()).stream().sorted().toList();
            return sorted.get(sorted.size() * 99 / 100);
        }
    }
}
