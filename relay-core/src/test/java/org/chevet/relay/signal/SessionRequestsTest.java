package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.Refusal.Reason;
import org.chevet.relay.lane.RelayDoor.Ending;
import org.chevet.relay.lane.SessionRequest;
import org.chevet.relay.route.Codec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of the session WebSocket through the real port; every message both ways is checked by the schema. */
@Timeout(60)
class SessionRequestsTest {
    private static final String SEND = "chromium156-av-sendonly";
    private static final String RECEIVE = "chromium156-recvonly";
    private SignalHarness harness;

    @BeforeEach
    void start() throws IOException {
        harness = new SignalHarness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    /** One session WebSocket. */
    private final class Client implements WebSocket.Listener {
        final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private final WebSocket socket;

        Client(final String name, final Role role, final String... grants) {
            socket = harness.http.newWebSocketBuilder().subprotocols(WebSocketUpgrade.SESSION)
                .header("Authorization", "Bearer " + SignalHarness.token(name, role, grants))
                .buildAsync(URI.create("ws://127.0.0.1:" + harness.port + "/v1/session"), this).join();
        }

        @Override
        public CompletionStage<?> onText(final WebSocket from, final CharSequence data, final boolean last) {
            text.append(data);
            if (last) {
                SignalHarness.checkNoTrace(text.toString());
                heard.add(SessionSchema.parse(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(final WebSocket from, final int code, final String reason) {
            SignalHarness.checkNoTrace(reason);
            closed.complete(code);
            return null;
        }

        void raw(final String message) {
            socket.sendText(message, true).join();
        }

        JsonNode next() throws InterruptedException {
            final JsonNode message = heard.poll(10, TimeUnit.SECONDS);
            assertTrue(message != null, "nothing was heard");
            return SessionSchema.fromRelay(message.toString());
        }

        JsonNode ask(final ObjectNode request) throws InterruptedException {
            raw(SessionSchema.fromClient(request.toString()));
            final JsonNode answer = next();
            assertEquals(request.path("id").asLong(), answer.path("id").asLong(-1), answer.toString());
            return answer;
        }

        JsonNode refused(final ProblemType type, final String message) throws InterruptedException {
            final long before = harness.server.stats().refused(type);
            raw(message);
            final JsonNode error = next();
            assertEquals("error", error.path("type").asText(), error.toString());
            assertEquals(type.urn(), error.path("problem").asText());
            assertFalse(error.path("detail").asText().isBlank());
            assertEquals(before + 1, harness.server.stats().refused(type), "counted under " + type.label());
            return error;
        }
    }

    private static ObjectNode request(final String type, final long id) {
        return Json.object().put("type", type).put("id", id);
    }

    private FakeDoor.FakeLink link() throws InterruptedException {
        SignalHarness.await("link", () -> !harness.door.links.isEmpty());
        return harness.door.links.getLast();
    }

    private PeerSpec peer() {
        return harness.door.peers.get("c1").getLast();
    }

    @Test
    @Tag("REQ-O21")
    void whoDoesNotEncryptIsRefusedWhereItIsRequired() throws Exception {
        harness.door.policy = EndToEndPolicy.REQUIRED;
        final Client client = new Client("site", Role.COMPANION);
        final ObjectNode publish = request("publish", 1).put("sdp", SignalHarness.offer(SEND));
        final ObjectNode subscribe = request("subscribe", 2).put("sdp", SignalHarness.offer(RECEIVE));
        client.refused(ProblemType.ENCRYPTION_REQUIRED, publish.toString());
        client.refused(ProblemType.ENCRYPTION_REQUIRED, subscribe.toString());
        assertTrue(harness.door.peers.get("c1").isEmpty());
        assertEquals("published", client.ask(publish.put("endToEnd", "sframe")).path("type").asText());
        assertTrue(peer().sections().stream().flatMap(section -> section.codecs().stream())
            .noneMatch(codec -> codec.codec() == Codec.H264 || codec.codec() == Codec.RED), "only what can be sealed");
        assertEquals("subscribed", client.ask(subscribe.put("endToEnd", "sframe")).path("type").asText());
    }

    @Test
    @Tag("REQ-O21")
    void whoEncryptsIsRefusedWhereItIsOff() throws Exception {
        harness.door.policy = EndToEndPolicy.OFF;
        final Client client = new Client("site", Role.COMPANION);
        final ObjectNode publish = request("publish", 1).put("sdp", SignalHarness.offer(SEND));
        final ObjectNode subscribe = request("subscribe", 2).put("sdp", SignalHarness.offer(RECEIVE));
        for (final ObjectNode request : java.util.List.of(publish, subscribe)) {
            client.refused(ProblemType.ENCRYPTION_OFF, request.deepCopy().put("endToEnd", "sframe").toString());
            client.refused(ProblemType.INVALID_FIELD, request.deepCopy().put("endToEnd", "rot13").toString());
        }
        assertEquals("published", client.ask(publish).path("type").asText());
        assertEquals("subscribed", client.ask(subscribe).path("type").asText());
    }

    @Test
    @Tag("REQ-A5")
    @Tag("REQ-O22")
    void aPublicationIsMadeRestartedAndEndedAsByWhip() throws Exception {
        final Client client = new Client("site", Role.COMPANION);
        final ObjectNode publish = request("publish", 7).put("sdp", SignalHarness.offer(SEND));
        publish.putObject("labels").put("audio", "speech").put("video", "otoscope");
        publish.putObject("profiles").put("video", "detail");
        final JsonNode published = client.ask(publish);
        assertEquals("published", published.path("type").asText(), published.toString());
        assertTrue(published.path("sdp").asText().contains("a=ice-lite\r\n"));
        final PeerSpec spec = peer();
        assertTrue(spec.publisher());
        assertEquals(published.path("resource").asText(), spec.resource());
        assertEquals(link().number, spec.session(), "it ends with its session");
        assertEquals(java.util.List.of("otoscope", "speech"),
            spec.sections().stream().map(section -> section.label()).sorted().toList());
        assertEquals(1, spec.profiles().size());
        assertEquals(TrackProfile.DETAIL, spec.profiles().values().iterator().next());
        assertEquals(1, harness.server.stats().counted(SignalCounter.SESSION_MEDIA_CREATED));

        final String fragment = String.join("\r\n", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=ice-ufrag:newone",
            "a=ice-pwd:abcdefghijklmnopqrstuvwx", "");
        final ObjectNode restart = request("restart", 8).put("resource", spec.resource()).put("fragment", fragment);
        final JsonNode restarted = client.ask(restart);
        assertEquals("restarted", restarted.path("type").asText(), restarted.toString());
        final String ufrag = harness.door.restarts.getLast().ufrag();
        assertTrue(restarted.path("fragment").asText().contains("a=ice-ufrag:" + ufrag + "\r\n"));
        assertEquals(restarted.path("fragment"), client.ask(restart.put("id", 9)).path("fragment"),
            "the same after a lost answer");
        assertEquals(1, harness.door.restarts.size());

        assertEquals("done", client.ask(request("unpublish", 10).put("resource", spec.resource())).path("type")
            .asText());
        assertEquals(java.util.List.of(spec.resource()), harness.door.removed);
    }

    @Test
    void aReceiverIsMadeAsByWhepAndOverHttpToo() throws Exception {
        harness.door.publications.add(AnswerFixtures.audio(7, "mic", ""));
        final Client client = new Client("doctor", Role.PRACTITIONER);
        final JsonNode made = client.ask(request("subscribe", 1).put("sdp", SignalHarness.offer(RECEIVE))
            .put("from", "site"));
        assertEquals("subscribed", made.path("type").asText(), made.toString());
        assertFalse(peer().publisher());
        assertEquals("site", peer().from());
        assertTrue(peer().sources().contains(7));
        // A client whose WebSocket is down restarts ICE over HTTP.
        final String resource = "/whep/c1/" + made.path("resource").asText();
        final var patched = harness.call("PATCH", resource, "a=ice-ufrag:newone\r\na=ice-pwd:abcdefghijklmnopqrstuvwx"
            + "\r\n", "Authorization", "Bearer " + SignalHarness.token("doctor", Role.PRACTITIONER), "Content-Type",
            "application/trickle-ice-sdpfrag", "If-Match", "*");
        assertEquals(200, patched.status(), patched.body());
        assertEquals("done", client.ask(request("unsubscribe", 2).put("resource", made.path("resource").asText()))
            .path("type").asText());
    }

    @Test
    void whatIsRefusedOverHttpIsRefusedHereWithTheSameName() throws Exception {
        final Client client = new Client("site", Role.COMPANION, "publish:audio", "subscribe:audio");
        final String offer = Json.object().put("x", SignalHarness.offer(SEND)).path("x").toString();
        client.refused(ProblemType.NOT_GRANTED, "{\"type\":\"publish\",\"id\":1,\"sdp\":" + offer + "}");
        client.refused(ProblemType.MALFORMED_SDP, "{\"type\":\"publish\",\"id\":1,\"sdp\":\"nonsense\"}");
        client.refused(ProblemType.NOT_FOUND, "{\"type\":\"unpublish\",\"id\":1,\"resource\":\"x\"}");
        client.refused(ProblemType.NOT_FOUND,
            "{\"type\":\"restart\",\"id\":1,\"resource\":\"x\",\"fragment\":\"a=ice-ufrag:abcd\"}");
        final Client full = new Client("site", Role.COMPANION);
        SignalHarness.await("attached", () -> harness.door.links.size() == 2);
        harness.door.refuseAll = Reason.EXHAUSTED;
        full.refused(ProblemType.EXHAUSTED, "{\"type\":\"publish\",\"id\":1,\"sdp\":" + offer + "}");
        harness.door.refuseAll = null;
        harness.door.broken = true;
        full.refused(ProblemType.INTERNAL_ERROR, "{\"type\":\"publish\",\"id\":1,\"sdp\":" + offer + "}");
        full.refused(ProblemType.INVALID_ID, "{\"type\":\"publish\",\"id\":1,\"sdp\":" + offer
            + ",\"label\":\"1 85 05 78 006 084 36\"}");
        full.refused(ProblemType.INVALID_FIELD, "{\"type\":\"publish\",\"id\":1,\"sdp\":" + offer
            + ",\"profiles\":{\"video\":\"best\"}}");
    }

    @Test
    @Tag("REQ-O27")
    void messagesOfALaterVersionAreAnsweredAndTheConnectionGoesOn() throws Exception {
        final Client client = new Client("site", Role.COMPANION);
        final JsonNode error = client.refused(ProblemType.UNKNOWN_TYPE, "{\"type\":\"hologram\",\"id\":3,\"x\":1}");
        assertEquals("hologram", error.path("request").asText());
        assertEquals(3, error.path("id").asInt());
        final JsonNode nameless = client.refused(ProblemType.UNKNOWN_TYPE,
            "{\"type\":\"" + "x".repeat(1000) + "\"}");
        assertEquals(64, nameless.path("request").asText().length());
        assertTrue(nameless.path("id").isMissingNode());
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"mute\",\"publication\":\"x\",\"muted\":true}");
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"mute\",\"publication\":1}");
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"mute\",\"id\":-1,\"publication\":1,\"muted\":true}");
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"publish\",\"sdp\":\"x\"}");
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"quality\",\"up\":{\"lossPercent\":101}}");
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"quality\",\"up\":{\"rttMs\":-1}}");
        client.refused(ProblemType.INVALID_FIELD, "{\"type\":\"endToEnd\",\"key\":\"AA\",\"mac\":\"AA\"}");
        client.refused(ProblemType.INVALID_FIELD, epoch("0", wrapped("a", "_".repeat(107))));
        client.refused(ProblemType.INVALID_FIELD, epoch("4294967296", wrapped("a", "_".repeat(107))));
        client.refused(ProblemType.INVALID_FIELD, epoch("1", wrapped("a", "_".repeat(106))));
        client.refused(ProblemType.INVALID_FIELD, epoch("1", wrapped("a", "+".repeat(107))));
        client.refused(ProblemType.INVALID_FIELD, epoch("1", "7"));
        client.refused(ProblemType.INVALID_FIELD,
            epoch("1", wrapped("a", "_".repeat(107)) + "," + wrapped("a", "_".repeat(107))));
        client.refused(ProblemType.INVALID_FIELD, epoch("1", "{}" + ",{}".repeat(256)));
        client.refused(ProblemType.INVALID_ID, "{\"type\":\"evict\",\"participant\":\"a b\"}");
        client.raw("{\"type\":\"mute\",\"publication\":1,\"muted\":true,\"later\":[1,2]}");
        SignalHarness.await("taken", () -> harness.door.links.getFirst().received.size() == 1);
        assertEquals(new SessionRequest.Mute(SessionRequest.NO_ID, 1, true), link().received.getFirst());
        assertFalse(client.closed.isDone());
    }

    private static String epoch(final String number, final String wrapped) {
        return "{\"type\":\"epoch\",\"id\":4,\"epoch\":" + number + ",\"wrapped\":[" + wrapped + "]}";
    }

    private static String wrapped(final String participant, final String sealed) {
        return "{\"participant\":\"" + participant + "\",\"nonce\":\"" + "A".repeat(22) + "\",\"sealed\":\""
            + sealed + "\"}";
    }

    @Test
    void whatIsNoMessageCloses4400() throws Exception {
        for (final String text : new String[] {"", "hello", "[]", "7", "{", "{}", "{\"type\":7}",
            "{\"type\":\"ping\",\"type\":\"pong\",\"t\":1}", "{\"type\":\"ping\",\"t\":1}{}",
            "{\"type\":\"ping\",\"t\":" + "[".repeat(50) + "]".repeat(50) + "}"}) {
            final Client client = new Client("site", Role.COMPANION);
            client.raw(text);
            assertEquals(4400, client.closed.get(10, TimeUnit.SECONDS), text);
        }
    }

    @Test
    void requestsAboutMediaAreBounded() throws Exception {
        final CompletableFuture<Boolean> admission = new CompletableFuture<>();
        harness.door.admission = admission;
        final Client client = new Client("doctor", Role.PRACTITIONER);
        link();
        for (int i = 0; i < SessionSocket.MAX_MEDIA_CALLS + 3; i++) {
            client.raw(request("subscribe", i).put("sdp", SignalHarness.offer(RECEIVE)).toString());
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(ProblemType.TOO_MANY_REQUESTS.urn(), client.next().path("problem").asText());
        }
        assertTrue(admission.complete(true), "the lane comes round");
        for (int i = 0; i < SessionSocket.MAX_MEDIA_CALLS; i++) {
            assertEquals("subscribed", client.next().path("type").asText());
        }
        assertEquals(3, harness.server.stats().refused(ProblemType.TOO_MANY_REQUESTS));
    }

    @Test
    void aClientThatSaysItLeavesIsToldApartFromOneThatIsLost() throws Exception {
        final Client leaves = new Client("site", Role.COMPANION);
        final FakeDoor.FakeLink first = link();
        leaves.socket.sendClose(WebSocket.NORMAL_CLOSURE, "left").join();
        SignalHarness.await("closed", () -> first.closed);
        assertEquals(Ending.LEFT, first.ending);
        final Client other = new Client("site", Role.COMPANION);
        SignalHarness.await("second", () -> harness.door.links.size() == 2);
        final FakeDoor.FakeLink second = link();
        other.socket.sendClose(4000, "interrupted").join();
        SignalHarness.await("closed", () -> second.closed);
        assertEquals(Ending.LOST, second.ending);
        assertEquals(64, first.resumeToken.length(), "256 bits in hexadecimal");
        assertNotEquals(first.resumeToken, second.resumeToken);
    }
}
