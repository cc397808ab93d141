package org.chevet.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.server.ChevetServer;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One call through a relay in this JVM, over loopback: everything that was sent comes back, marked. */
class SelfLoadTest {
    private static final String KEY = "api-key-of-the-test";

    private static Relay relay;

    @BeforeAll
    static void start() throws IOException {
        relay = Relay.start(RelayConfig.defaults().withPorts(0, 0).withApiKey(KEY)
            .withTokenKey("k", "secret-of-the-test-with-32-bytes-or-more".getBytes(StandardCharsets.US_ASCII)));
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    private static Load load(final boolean openAll) throws IOException {
        return Load.on(new ChevetServer("relay", URI.create("http://127.0.0.1:" + relay.httpPort()), KEY),
            ProcessHandle.current().pid(), openAll, false, 1);
    }

    @Test
    void oneCallLosesNothing() throws Exception {
        try (Load load = load(true)) {
            load.join(new Plan("test", 1, 2, 0, true, MediaShape.call()));
            final Figures figures = load.measure(1.5);
            final Tally audio = figures.classes().getOrDefault(TrafficClass.AUDIO, new Tally());
            final Tally video = figures.classes().getOrDefault(TrafficClass.VIDEO, new Tally());
            assertTrue(audio.received() > 50, audio.received() + " packets of audio");
            assertTrue(video.received() > 100, video.received() + " packets of video");
            assertEquals(0, figures.all().lost());
            assertEquals(0, figures.all().duplicates());
            assertEquals(figures.all().received(), figures.all().oneWay().getTotalCount() + figures.all().earlier());
            assertTrue(figures.oneWayMs(50) < 1000, "the median is " + figures.oneWayMs(50) + " ms");
            assertEquals(0, figures.counts().refused);
            assertEquals(0, figures.counts().unmarked);
            for (final Connection connection : load.connections()) {
                assertTrue(connection.firstMediaNs > connection.offeredNs);
                assertTrue(connection.profile.startsWith("AEAD_AES"), connection.profile);
            }
            assertEquals(4, load.joins().whole().getTotalCount());
            load.leaveAll();
            assertEquals(0, load.notLeft());
        }
    }

    @Test
    void aSampleOfPacketsTellsTheSame() throws Exception {
        try (Load load = load(false)) {
            load.join(new Plan("sample", 1, 1, 2, false, MediaShape.call()));
            final Figures figures = load.measure(1.5);
            assertEquals(0, figures.all().lost());
            assertEquals(0, figures.all().duplicates());
            assertTrue(figures.counts().opened < figures.counts().received / 8);
            assertTrue(figures.all().oneWay().getTotalCount() > 10);
            load.leaveAll();
        }
    }
}
