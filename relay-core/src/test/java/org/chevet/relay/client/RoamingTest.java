package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.net.TwoPaths;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** A site whose network goes away in the middle of a consultation and comes back with another address. */
@Isolated
@Timeout(120)
class RoamingTest {
    private static final byte[] KEY = "a key for tests, at least 32 bytes long".getBytes(StandardCharsets.UTF_8);
    private static final Pattern END = Pattern.compile(
        "held=(\\w+) samples=(\\d+) connections=(\\d+) gapMs=(\\d+) heard=(\\d+)");
    private static final long MAX_GAP_MS = 1000;

    @Test
    @Tag("REQ-E3")
    void aSiteThatChangesItsAddressGoesOnWithinASecondAndLosesNoVitals() throws Exception {
        final Optional<String> obstacle = TwoPaths.obstacle();
        Assumptions.assumeTrue(obstacle.isEmpty(), () -> "skipped: " + obstacle.orElse(""));
        final RelayConfig defaults = RelayConfig.defaults();
        final MediaClientConfig config = MediaClientConfig.create().withTimeout(Duration.ofSeconds(10));
        final Arrivals arrivals = new Arrivals();
        final Samples samples = new Samples();
        try (TwoPaths paths = TwoPaths.create();
            Relay relay = Relay.start(new RelayConfig(paths.relay(), 0, List.of(paths.relay()), 0, 1, Map.of(),
                Map.of("k1", KEY), List.of("api"), List.of(), 10, 10, defaults.handshakeTimeoutMs(),
                defaults.idleTimeoutMs(), defaults.vitalsRingMs(), defaults.vitalsRingBytes(), defaults.tuning(),
                defaults.reach()))) {
            relay.open("c1").toCompletableFuture().join();
            final String http = "http://" + paths.relay() + ":" + relay.httpPort();
            final String doctor = token(relay, "doctor", Role.PRACTITIONER);
            try (WhipPublisher voice = WhipPublisher.connect(config, URI.create(http + "/whip/c1"), doctor,
                    List.of(OutgoingTrack.audio("voice")), track -> { });
                WhepPlayer player = WhepPlayer.connect(config, URI.create(http + "/whep/c1?from=site"), doctor, 1, 0,
                    arrivals);
                VitalsSubscriber subscriber = VitalsSubscriber.start(new WebSocketTransport(
                    URI.create(http.replace("http:", "ws:") + "/v1/vitals"), () -> doctor), "test", samples);
                var clock = Executors.newSingleThreadScheduledExecutor()) {
                final AtomicInteger spoken = new AtomicInteger();
                final Future<?> speaking = clock.scheduleAtFixedRate(() -> voice.send(0, new byte[80], 0, 80,
                    spoken.getAndIncrement() * 20_000_000L), 0, 20, TimeUnit.MILLISECONDS);
                final Process site = site(paths, http, token(relay, "site", Role.DEVICE));
                try (BufferedReader said = site.inputReader(); BufferedWriter orders = site.outputWriter()) {
                    assertEquals("ready", said.readLine());
                    assertTrue(Await.until(() -> arrivals.count() > 100 && samples.count() > 500), "a call");
                    paths.move();
                    assertTrue(tell(orders, said, "restart").startsWith("restarted in "));
                    final long before = arrivals.count();
                    assertTrue(Await.until(() -> arrivals.count() > before + 100), "the call goes on");
                    final String end = tell(orders, said, "end");
                    final Matcher ended = END.matcher(end);
                    assertTrue(ended.matches(), end);
                    assertEquals("true", ended.group(1), end);
                    assertTrue(Integer.parseInt(ended.group(3)) >= 2, "vitals connected again: " + end);
                    assertTrue(Long.parseLong(ended.group(4)) < MAX_GAP_MS, "the practitioner's voice: " + end);
                    assertTrue(Long.parseLong(ended.group(5)) > 100, end);
                    assertTrue(arrivals.longestMs() < MAX_GAP_MS, "the site's voice: " + arrivals.longestMs() + " ms");
                    final long offered = Long.parseLong(ended.group(2));
                    assertTrue(Await.until(() -> samples.count() == offered),
                        () -> samples.count() + " of " + offered + " samples");
                    assertEquals(List.of(), samples.faults());
                    assertTrue(player.isConnected() && subscriber.connections() == 1, player.ended());
                    speaking.cancel(false);
                } finally {
                    site.destroyForcibly();
                }
            }
            assertEquals(2, relay.laneStats().getFirst().counted(Counter.ICE_RESTARTS));
            assertEquals(4, relay.laneStats().getFirst().counted(Counter.DTLS_COMPLETED));
            assertEquals(0, relay.laneStats().getFirst().counted(Counter.VITALS_GAPS_REPORTED));
        }
    }

    private static String tell(final BufferedWriter orders, final BufferedReader said, final String order)
        throws IOException {
        orders.write(order);
        orders.newLine();
        orders.flush();
        return String.valueOf(said.readLine());
    }

    private static Process site(final TwoPaths paths, final String http, final String token)
        throws IOException {
        final List<String> words = new ArrayList<>(paths.prefix());
        words.addAll(List.of(ProcessHandle.current().info().command().orElse("java"), "-Xmx256m",
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
            RoamingSite.class.getName(), http, token));
        return new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static String token(final Relay relay, final String participant, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, "c1", role, participant,
            Grants.parse(List.of("publish:*", "subscribe:*")), System.currentTimeMillis() + 600_000));
    }

    /** Samples are numbered: each must follow the one before. */
    private static final class Samples implements VitalsListener {
        private final List<String> faults = new ArrayList<>();
        private long next;

        @Override
        public Start onStream(final SubscribedStream stream) {
            return Start.beginning();
        }

        @Override
        public synchronized void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final var payload = block.payload().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < block.sampleCount(); i++) {
                final short sample = payload.getShort();
                if (sample != (short) next) {
                    faults.add("sample " + sample + " instead of " + (short) next);
                }
                next++;
            }
        }

        @Override
        public synchronized void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            faults.add("gap " + reason);
        }

        synchronized long count() {
            return next;
        }

        synchronized List<String> faults() {
            return List.copyOf(faults);
        }
    }
}
