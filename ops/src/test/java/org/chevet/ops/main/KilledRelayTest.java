package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.ReplayThread;
import org.chevet.relay.client.Replayer;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WavFile;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WfdbRecord;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenIssuer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The relay's process is killed (SIGKILL) three times while 12 leads and a heart sound run through it: the next one
 * knows nothing, and the subscriber still gets every sample. {@code -Dchevet.long=true}: three minutes in real time
 * instead of one minute at twice the speed.
 */
class KilledRelayTest {
    private static final boolean LONG = Boolean.getBoolean("chevet.long");
    private static final int SECONDS = LONG ? 180 : 60;
    private static final int SPEED = LONG ? 1 : 2;
    private static final int KILLS = 3;
    private static final long PATIENCE_NS = 300_000_000_000L;
    private static final String CONSULTATION = "killed";
    private static final String API_KEY = "api-key-for-this-test-only";
    private static final String SECRET = "secret-for-this-test-only-0123456789abcdef";
    private static final Path RECORDINGS = Path.of("../relay-core/src/test/resources/recordings");

    @TempDir
    private Path folder;
    private final List<Process> processes = new ArrayList<>();
    private int port;

    @Test
    @Tag("REQ-O17")
    @Tag("REQ-O15")
    @Tag("REQ-A8")
    void everySampleArrivesThoughTheRelayIsKilledThreeTimes() throws Exception {
        final WfdbRecord record = WfdbRecord.read(
            Files.readString(RECORDINGS.resolve("HR06004.hea"), StandardCharsets.US_ASCII),
            name -> Files.readAllBytes(RECORDINGS.resolve(name)));
        final Recording ecg = Recording.ofSignals(record.signals(), "ecg", "12-lead ECG", "PTB-XL HR06004");
        final Recording heart = Recording.ofHeartSound(
            WavFile.parse(Files.readAllBytes(RECORDINGS.resolve("circor_40840_AV.wav"))), "heart", "Aortic", "CirCor");
        port = freePort();
        startRelay();
        final Sums sums = new Sums(Map.of("ecg", ecg, "heart", heart));
        final Map<String, Long> wanted = Map.of("ecg", 500L * SECONDS, "heart", 4_000L * SECONDS);
        try (VitalsSubscriber _ = VitalsSubscriber.start(transport("doctor", Role.PRACTITIONER), "test", sums);
            VitalsPublisher gateway = VitalsPublisher.start(transport("gateway", Role.DEVICE),
                VitalsPublisher.Options.defaults("test"))) {
            // The subscriber is there before the first block: delivered means delivered to it.
            final Replayer first = replay(gateway, ecg);
            final Replayer second = replay(gateway, heart);
            await(() -> sums.streams.get() == 2, "both streams are announced");
            try (ReplayThread _ = ReplayThread.start(List.of(first, second))) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    final long until = wanted.get("ecg") * kill / (KILLS + 1);
                    await(() -> sums.frames("ecg") >= until, "flow before kill " + kill + sums);
                    assertTrue(sums.frames("ecg") < wanted.get("ecg"), "kill " + kill + " hits a stream in full flow");
                    final Process running = processes.getLast();
                    assertTrue(running.isAlive());
                    running.destroyForcibly().waitFor();
                    startRelay();
                    final int connections = kill + 1;
                    await(() -> gateway.connections() >= connections, "the gateway is back");
                }
                await(() -> wanted.entrySet().stream().allMatch(one -> sums.frames(one.getKey()) >= one.getValue()),
                    "all of it: " + sums);
            }
            assertEquals("", sums.faults());
            assertEquals(KILLS + 1, processes.size());
            sums.check(ecg, record, wanted.get("ecg"));
            assertTrue(gateway.connections() > KILLS, "connections: " + gateway.connections());
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private static Replayer replay(final VitalsPublisher gateway, final Recording recording) {
        final Publication publication = gateway.open(recording.spec().withDelivery(0, AckMode.DELIVERED));
        return new Replayer(recording, publication, Replayer.framesOf(recording.rate(), 100), true, SPEED,
            System.nanoTime() + 5_000_000_000L, gateway.clockNs());
    }

    private void startRelay() throws Exception {
        final Path config = folder.resolve("chevet.yaml");
        Files.writeString(config, """
            http: {host: 127.0.0.1, port: %d}
            media: {hosts: [127.0.0.1], port: %d, lanes: 1}
            tokens: {keys: {main: "%s"}}
            api: {keys: ["%s"]}
            """.formatted(port, port, SECRET, API_KEY));
        final String modules = System.getProperty("jdk.module.path", "");
        final String classes = System.getProperty("java.class.path")
            + (modules.isEmpty() ? "" : File.pathSeparator + modules);
        final Path log = folder.resolve("relay" + processes.size() + ".log");
        final Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED", "-cp", classes, "org.chevet.ops.start.Start", "serve", "--config",
            config.toString()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        processes.add(process);
        try (HttpClient http = HttpClient.newHttpClient()) {
            final HttpRequest open = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port
                + "/v1/consultations")).header("Authorization", "Bearer " + API_KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"" + CONSULTATION + "\"}")).build();
            await(() -> process.isAlive() && opened(http, open), "a relay: " + Files.readString(log));
        }
    }

    private static boolean opened(final HttpClient http, final HttpRequest open) {
        try {
            return http.send(open, HttpResponse.BodyHandlers.discarding()).statusCode() == 201;
        } catch (final ConnectException notYet) {
            return false;
        } catch (final IOException e) {
            return false;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private WebSocketTransport transport(final String participant, final Role role) throws Exception {
        final String token = new TokenIssuer("main", SECRET.getBytes(StandardCharsets.UTF_8)).issue(
            new Claims(participant, CONSULTATION, role, participant, Grants.defaultsOf(role),
                System.currentTimeMillis() + 3_600_000), System.currentTimeMillis());
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + port + "/v1/vitals"), () -> token);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void await(final BooleanSupplier condition, final String what) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Compares every sample with its recording and adds them up as WFDB does. */
    private static final class Sums implements VitalsListener {
        private final Map<String, Recording> recordings;
        private final Map<String, Long> frames = new HashMap<>();
        private final Map<String, int[]> sums = new HashMap<>();
        private final AtomicLong streams = new AtomicLong();
        private String faults = "";

        Sums(final Map<String, Recording> recordings) {
            this.recordings = recordings;
        }

        @Override
        public Start onStream(final SubscribedStream stream) {
            streams.incrementAndGet();
            return new Start(StartFrom.SEQUENCE, 0, 0, true);
        }

        @Override
        public synchronized void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final String name = stream.spec().name();
            final Recording recording = recordings.get(name);
            final int channels = stream.spec().channels().size();
            final long first = frames.getOrDefault(name, 0L);
            if (block.firstSample() != first) {
                faults += " " + name + " went from sample " + first + " to " + block.firstSample();
            }
            final int[] sum = sums.computeIfAbsent(name, ignored -> new int[channels]);
            for (int i = 0; i < block.sampleCount(); i++) {
                final int frame = (int) ((block.firstSample() + i) % recording.frames());
                for (int channel = 0; channel < channels; channel++) {
                    final int sample = block.payload().getShort(2 * (i * channels + channel));
                    if (sample != recording.sample(frame, channel)) {
                        faults += " sample " + (block.firstSample() + i) + " of " + name + " differs";
                    }
                    // Only whole repetitions count for the checksum.
                    sum[channel] += first + i < wholeFrames(recording) ? sample : 0;
                }
            }
            frames.put(name, block.firstSample() + block.sampleCount());
        }

        private static long wholeFrames(final Recording recording) {
            final long wanted = recording.rate().numerator() / recording.rate().denominator() * SECONDS;
            return wanted / recording.frames() * recording.frames();
        }

        @Override
        public synchronized void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            faults += " gap " + fromSequence + ".." + toSequence + " of " + stream.spec().name() + " " + reason;
        }

        synchronized long frames(final String name) {
            return frames.getOrDefault(name, 0L);
        }

        synchronized String faults() {
            return faults;
        }

        synchronized void check(final Recording ecg, final WfdbRecord record, final long wanted) {
            final long repetitions = wanted / ecg.frames();
            assertTrue(repetitions >= 1, "the recording of " + ecg.frames() + " frames fits");
            for (int lead = 0; lead < record.signals().size(); lead++) {
                assertEquals(record.signals().get(lead).declaredChecksum() * repetitions & 0xFFFF,
                    sums.get("ecg")[lead] & 0xFFFF, "WFDB checksum of " + record.signals().get(lead).label());
            }
        }

        @Override
        public synchronized String toString() {
            return " " + frames + faults;
        }
    }
}
