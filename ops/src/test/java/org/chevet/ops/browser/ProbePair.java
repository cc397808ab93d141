package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.chevet.relay.api.Relay;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.token.TokenRefusal;

/**
 * A page that publishes and one that plays, without a user interface, in a consultation of their own, and what tests of
 * any browser ask of them. The relay serves {@link TestPages} and the console. One test thread.
 */
final class ProbePair implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String UFRAGS = "(probe.connection.currentLocalDescription.sdp.match(/ice-ufrag:(.*)/)[1]"
        + " + probe.connection.currentRemoteDescription.sdp.match(/ice-ufrag:(.*)/)[1])";
    /** Nothing is done first. */
    static final String ANYWAY = "";
    /** Answers name no UDP candidate. */
    static final String WITHOUT_UDP = "m.withoutUdp(); ";
    /** Through a TURN server or not at all. */
    static final String THROUGH_TURN = "m.throughTurn(); ";
    /** Pages publish one picture in one layer. */
    static final String PLAIN = "m.publish(options)";
    /** The picture in three layers. */
    static final String LAYERED = "m.publish(options, true)";

    private final Relay relay;
    private final String consultation;
    private final Scripted site;
    private final Scripted doctor;

    /**
     * Opens both and waits until they are connected.
     *
     * @param open opens the page of an address
     * @param before {@link #ANYWAY}, or what both pages do first
     * @param publish {@link #PLAIN} or {@link #LAYERED}
     */
    ProbePair(final Relay relay, final Function<String, Scripted> open, final String consultation,
        final String before, final String publish) throws TokenRefusal {
        this.relay = relay;
        this.consultation = consultation;
        relay.open(consultation).toCompletableFuture().join();
        final String url = "http://127.0.0.1:" + relay.httpPort() + TestPages.EMPTY;
        site = open.apply(url);
        doctor = open.apply(url);
        begin(site, "site", Role.COMPANION, before + "return " + publish);
        begin(doctor, "doctor", Role.PRACTITIONER, before + "return m.view(options)");
    }

    /** Sound and picture are decoded, and go on. */
    void awaitSoundAndPicture() {
        doctor.await("figures().then(one => one.frames > 20 && one.energy > 0)", SOON);
        awaitMoreFrames(20);
    }

    /** The protocol of the remote candidate of both, "udp" or "tcp". */
    void assertProtocol(final String protocol) {
        for (final Scripted page : List.of(site, doctor)) {
            assertEquals(protocol, page.evaluate("figures()").path("protocol").asText());
        }
    }

    /** Both send and receive through a TURN server that they talk to by this protocol: "udp", "tcp" or "tls". */
    void assertRelayed(final String protocol) {
        for (final Scripted page : List.of(site, doctor)) {
            final JsonNode figures = page.evaluate("figures()");
            assertEquals("relay", figures.path("local").asText(), figures.toString());
            assertEquals(protocol, figures.path("relayProtocol").asText(), figures.toString());
        }
    }

    /** At least two layers are sent and arrive, and the viewer is shown the widest of them. */
    void awaitLayers() {
        site.await("figures().then(one => one.layers.length > 1 && one.layers.some(layer => layer.rid === 'f'))", SOON);
        doctor.await("figures().then(one => one.frames > 20 && one.width === 960)", SOON);
        awaitMoreFrames(20);
        final JsonNode layers = site.evaluate("figures()").path("layers");
        assertTrue(dropped(DropReason.LAYER_NOT_SELECTED) > 0, layers.toString());
        assertEquals(0, dropped(DropReason.RTP_UNKNOWN_STREAM), layers.toString());
    }

    /** Both restart ICE, twice the publisher; the picture goes on and no handshake is made anew. */
    void restartIce() {
        final long handshakes = counted(Counter.DTLS_STARTED);
        final long restarts = counted(Counter.ICE_RESTARTS);
        for (final Scripted page : List.of(site, doctor, site)) {
            final String before = page.evaluate(UFRAGS).toString();
            page.evaluate("probe.restartIce()");
            page.await(UFRAGS + " !== " + before + " && probe.connection.connectionState === 'connected'", SOON);
            page.await("['connected', 'completed'].includes(probe.connection.iceConnectionState)", SOON);
            awaitMoreFrames(40);
            assertEquals("stable", page.evaluate("probe.connection.signalingState").asText());
        }
        assertEquals(restarts + 3, counted(Counter.ICE_RESTARTS));
        assertEquals(handshakes, counted(Counter.DTLS_STARTED));
        assertEquals(0, dropped(DropReason.STUN_REPLAYED));
    }

    @Override
    public void close() {
        site.close();
        doctor.close();
        relay.end(consultation).toCompletableFuture().join();
    }

    private void awaitMoreFrames(final int frames) {
        final long now = doctor.evaluate("figures()").path("frames").asLong();
        doctor.await("figures().then(one => one.frames > " + (now + frames) + ")", SOON);
    }

    private void begin(final Scripted page, final String participant, final Role role, final String call)
        throws TokenRefusal {
        final String token = relay.issueToken(new Claims(participant, consultation, role, participant,
            Grants.defaultsOf(role), System.currentTimeMillis() + 600_000));
        page.evaluate("import('/test/probe.js').then(m => { const options = { url: location.origin, token: '" + token
            + "', consultation: '" + consultation + "' }; " + call + "; })");
        page.await("figures().then(one => one.state === 'connected')", SOON);
    }

    private long counted(final Counter counter) {
        return relay.laneStats().stream().mapToLong(lane -> lane.counted(counter)).sum();
    }

    private long dropped(final DropReason reason) {
        return relay.laneStats().stream().mapToLong(lane -> lane.dropped(reason)).sum();
    }
}
