package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.net.Await;
import org.chevet.relay.stats.Counter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.Isolated;

/** All gateways of a region lose their network and come back in the same moment. */
@Isolated
class ReconnectStormTest {
    private static final int GATEWAYS = 500;
    private static final int PER_CONSULTATION = 25;

    @Test
    @Tag("REQ-A8")
    void fiveHundredGatewaysReconnectAtOnceAndResume(final TestReporter reporter) throws Exception {
        final List<VitalsPublisher> gateways = new ArrayList<>();
        final List<Publication> streams = new ArrayList<>();
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
            List.of(new StreamSpec.Channel(131_330, "II", "mV")));
        try (Relay relay = Relay.start(TestConfigs.loopback())) {
            try {
                for (int i = 0; i < GATEWAYS; i++) {
                    final String consultation = "home" + i / PER_CONSULTATION;
                    if (i % PER_CONSULTATION == 0) {
                        assertEquals(null, relay.open(consultation).toCompletableFuture().join().refusal());
                    }
                    final VitalsPublisher gateway = VitalsPublisher.start(transport(relay, consultation, "gateway" + i),
                        VitalsPublisher.Options.defaults("test"));
                    gateways.add(gateway);
                    streams.add(gateway.open(spec));
                }
                offer(streams, 0);
                assertTrue(Await.until(() -> held(streams, 1)), "all are there");
                final long startNs = System.nanoTime();
                gateways.forEach(VitalsPublisher::reconnect);
                offer(streams, 1);
                assertTrue(Await.until(() -> held(streams, 2)), () -> "only " + streams.stream()
                    .filter(stream -> stream.heldBelow() == 2).count() + " came back");
                final long tookMs = (System.nanoTime() - startNs) / 1_000_000;
                reporter.publishEntry("storm", String.format("%d gateways came back in %d ms", GATEWAYS, tookMs));
                assertTrue(gateways.stream().allMatch(gateway -> gateway.connections() >= 2), "all had to");
                assertTrue(Await.until(() -> sum(relay, Counter.VITALS_RESUMES) == GATEWAYS), () -> "resumed: "
                    + sum(relay, Counter.VITALS_RESUMES));
                assertEquals(0, sum(relay, Counter.LANE_ERRORS));
            } finally {
                gateways.forEach(VitalsPublisher::close);
            }
        }
    }

    private static void offer(final List<Publication> streams, final long sequence) {
        for (final Publication stream : streams) {
            assertTrue(stream.offer(sequence * 50, 50, Long.MIN_VALUE, 0, ByteBuffer.allocate(100)));
        }
    }

    private static boolean held(final List<Publication> streams, final long below) {
        return streams.stream().allMatch(stream -> stream.heldBelow() == below);
    }

    private static long sum(final Relay relay, final Counter counter) {
        return relay.laneStats().stream().mapToLong(stats -> stats.counted(counter)).sum();
    }

    private static WebSocketTransport transport(final Relay relay, final String consultation, final String participant)
        throws Exception {
        final Grants all = new Grants(EnumSet.allOf(TrackClass.class), EnumSet.allOf(TrackClass.class));
        final String token = relay.issueToken(new Claims(participant, consultation, Role.DEVICE, participant, all,
            System.currentTimeMillis() + 3_600_000));
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + relay.httpPort() + "/v1/vitals"), () -> token);
    }
}
