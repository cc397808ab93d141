package org.chevet.relay.client;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.chevet.codec.vitals.sbe.Kind;

/**
 * The patient's side of {@link RoamingTest}, a process in a namespace of its own: publishes sound and an ECG, hears the
 * practitioner. Does what lines of its input say and answers each with a line.
 */
final class RoamingSite {
    private static final int FRAME_MS = 20;
    private static final int BLOCK_MS = 100;
    private static final int BLOCK_SAMPLES = 50;

    private RoamingSite() {
    }

    /** Arguments: {@code http://host:port}, the participant's token. */
    public static void main(final String[] arguments) throws Exception {
        final String relay = arguments[0];
        final String token = arguments[1];
        final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true,
            StandardCharsets.UTF_8);
        final Arrivals arrivals = new Arrivals();
        final MediaClientConfig config = MediaClientConfig.create().withTimeout(Duration.ofSeconds(10));
        try (WhipPublisher publisher = WhipPublisher.connect(config, URI.create(relay + "/whip/c1"), token,
                List.of(OutgoingTrack.audio("voice")), track -> { });
            WhepPlayer player = WhepPlayer.connect(config, URI.create(relay + "/whep/c1?from=doctor"), token, 1, 0,
                arrivals);
            VitalsPublisher vitals = VitalsPublisher.start(new WebSocketTransport(
                URI.create(relay.replace("http:", "ws:") + "/v1/vitals"), () -> token),
                VitalsPublisher.Options.defaults("test"))) {
            final Publication ecg = vitals.open(StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
                List.of(new StreamSpec.Channel(131_330, "II", "mV"))));
            final Sources sources = new Sources(publisher, ecg, vitals);
            try (var clock = Executors.newSingleThreadScheduledExecutor();
                var restarts = Executors.newVirtualThreadPerTaskExecutor();
                BufferedReader in = new BufferedReader(new InputStreamReader(
                    new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8))) {
                final Future<?> ticking =
                    clock.scheduleAtFixedRate(sources::tick, 0, FRAME_MS, TimeUnit.MILLISECONDS);
                out.println("ready");
                for (String line; (line = in.readLine()) != null;) {
                    switch (line) {
                        case "restart" -> {
                            final long startNs = System.nanoTime();
                            vitals.reconnect();
                            final Future<?> hearing = restarts.submit(() -> {
                                player.restartIce();
                                return null;
                            });
                            publisher.restartIce();
                            hearing.get();
                            out.println("restarted in " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
                        }
                        case "end" -> {
                            ticking.cancel(false);
                            final boolean held = vitals.awaitHeld(Duration.ofSeconds(20));
                            out.println("held=" + held + " samples=" + sources.samples + " connections="
                                + vitals.connections() + " gapMs=" + arrivals.longestMs() + " heard="
                                + arrivals.count());
                            return;
                        }
                        default -> throw new IOException("unknown command " + line);
                    }
                }
            }
        }
    }

    /** Sound every 20 ms, and a block of 50 samples, each its own number, every 100 ms. */
    private static final class Sources {
        private final WhipPublisher publisher;
        private final Publication ecg;
        private final VitalsPublisher vitals;
        private final byte[] sound = new byte[80];
        private long ticks;
        private volatile long samples;

        Sources(final WhipPublisher publisher, final Publication ecg, final VitalsPublisher vitals) {
            this.publisher = publisher;
            this.ecg = ecg;
            this.vitals = vitals;
        }

        void tick() {
            publisher.send(0, sound, 0, sound.length, ticks * FRAME_MS * 1_000_000L);
            if (ticks++ % (BLOCK_MS / FRAME_MS) == 0) {
                final long first = samples;
                final ByteBuffer block = ByteBuffer.allocate(BLOCK_SAMPLES * Short.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < BLOCK_SAMPLES; i++) {
                    block.putShort((short) (first + i));
                }
                if (ecg.offer(first, BLOCK_SAMPLES, vitals.clockNs(), 0, block.flip())) {
                    samples = first + BLOCK_SAMPLES;
                }
            }
        }
    }
}
