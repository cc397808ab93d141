package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.Refusal.Reason;
import org.chevet.relay.net.Await;
import org.chevet.relay.signal.SignalHarness.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("REQ-A1")
class WhipWhepTest {
    private static final String OFFER = "chromium156-av-sendonly";
    private static final String FRAGMENT_TYPE = "application/trickle-ice-sdpfrag";
    private SignalHarness harness;

    @BeforeEach
    void start() throws IOException {
        harness = new SignalHarness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private static String ufrag(final String sdp) {
        return sdp.lines().filter(line -> line.startsWith("a=ice-ufrag:")).findFirst().orElseThrow()
            .substring("a=ice-ufrag:".length());
    }

    @Test
    void anOfferOfOnlyDataChannelsIsAnsweredToWhoeverHasAUseForThem() throws Exception {
        final String offer = SignalHarness.offer("chromium156-datachannel");
        final String gateway = SignalHarness.token("gateway", Role.DEVICE, "publish:waveform");
        final Result created = harness.whip(gateway, offer, "");
        assertEquals(201, created.status(), created.body());
        assertTrue(created.body().contains("m=application "), created.body());
        assertTrue(created.body().contains("a=sctp-port:5000\r\n"), created.body());
        final PeerSpec spec = harness.door.peers.get("c1").getFirst();
        assertEquals(new DataTerms(5000, 262_144), spec.data());
        assertEquals(List.of(), spec.sections());
        final String doctor = SignalHarness.token("doctor", Role.PRACTITIONER);
        assertEquals(201, harness.whep(doctor, offer, "").status());
        final String sound = SignalHarness.token("sound", Role.DEVICE, "publish:audio");
        final Result refused = harness.whip(sound, offer, "");
        assertEquals(422, refused.status(), refused.body());
        assertTrue(refused.body().contains("the token grants nothing that data channels carry"), refused.body());
    }

    @Test
    void aPublisherGetsAnAnswerALocationAndAnEntityTag() throws Exception {
        final String offer = SignalHarness.offer(OFFER);
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, offer, "?label=camera");
        assertEquals(201, created.status(), created.body());
        assertEquals("application/sdp", created.header("content-type"));
        assertTrue(created.header("location").matches("/whip/c1/[0-9a-f]{32}"), created.header("location"));
        assertTrue(created.header("etag").matches("\"[0-9a-f]{16}\""), created.header("etag"));
        assertTrue(created.body().startsWith("v=0\r\n"));
        assertTrue(created.body().contains("a=ice-lite\r\n"));
        assertTrue(created.body().contains("a=recvonly\r\n"));
        final PeerSpec spec = harness.door.peers.get("c1").getFirst();
        assertEquals("site", spec.claims().participant());
        assertTrue(spec.publisher());
        assertEquals(ufrag(offer), spec.remoteUfrag());
        assertEquals(ufrag(created.body()), spec.localUfrag());
        assertTrue(created.header("location").endsWith(spec.resource()));
        assertTrue(spec.localPassword().length() >= 22);
        assertEquals(List.of("camera", "camera"), spec.sections().stream().map(section -> section.label()).toList());
        assertEquals(1, harness.server.stats().counted(SignalCounter.WHIP_CREATED));
    }

    @Test
    void labelsNameTracksByKindAndDeviceAudioAsksForAudioMode() throws Exception {
        final String token = SignalHarness.token("cart", Role.DEVICE);
        final Result created = harness.whip(token, SignalHarness.offer(OFFER),
            "?label=audio:heart&label=video:otoscope&audio=device");
        assertEquals(201, created.status(), created.body());
        assertEquals(List.of("heart", "otoscope"), harness.door.peers.get("c1").getFirst().sections().stream()
            .map(section -> section.label()).sorted().toList());
        assertTrue(created.body().contains("stereo=1"), created.body());
    }

    @Test
    @Tag("REQ-A3")
    void aLabelOfAuscultationAsksForAudioModeToo() throws Exception {
        final String offer = SignalHarness.offer(OFFER);
        int number = 0;
        for (final String label : List.of("heart", "audio:Lung%20sounds", "St%C3%A9thoscope%201", "Auscultation",
            "audio:bruits%20du%20C%C5%93ur", "audio:poumons")) {
            final Result created = harness.whip(SignalHarness.token("cart" + number++, Role.DEVICE), offer,
                "?label=" + label);
            assertEquals(201, created.status(), created.body());
            assertTrue(created.body().contains("stereo=1"), label + ": " + created.body());
            assertTrue(created.body().contains("usedtx=0"), label);
            assertTrue(created.body().contains("maxaveragebitrate=128000"), label);
        }
        for (final String label : List.of("camera", "audio:otoscope", "video:heart")) {
            final Result created = harness.whip(SignalHarness.token("nurse" + number++, Role.COMPANION), offer,
                "?label=" + label);
            assertFalse(created.body().contains("stereo=1"), label + ": " + created.body());
        }
        final Result notGranted = harness.whip(SignalHarness.token("doctor", Role.PRACTITIONER), offer,
            "?label=heart");
        assertEquals(201, notGranted.status(), "a label is free text and no claim to a right");
        assertFalse(notGranted.body().contains("stereo=1"), notGranted.body());
    }

    @Test
    void credentialsAndIdsOfTwoResourcesDiffer() throws Exception {
        final String offer = SignalHarness.offer(OFFER);
        final Result one = harness.whip(SignalHarness.token("a", Role.COMPANION), offer, "");
        final Result two = harness.whip(SignalHarness.token("b", Role.COMPANION), offer, "");
        assertNotEquals(one.header("location"), two.header("location"));
        assertNotEquals(one.header("etag"), two.header("etag"));
        assertNotEquals(ufrag(one.body()), ufrag(two.body()));
    }

    @Test
    void aViewerGetsThePublicationsOfOneParticipant() throws Exception {
        harness.door.publications.add(AnswerFixtures.audio(7, "mic", ""));
        final Result created = harness.whep(SignalHarness.token("doctor", Role.PRACTITIONER),
            SignalHarness.offer("chromium156-recvonly"), "?from=site");
        assertEquals(201, created.status(), created.body());
        assertTrue(created.body().contains("a=sendonly\r\n"));
        final PeerSpec spec = harness.door.peers.get("c1").getFirst();
        assertEquals("site", spec.from());
        assertTrue(spec.sources().contains(7), spec.sources().toString());
        assertTrue(created.header("location").startsWith("/whep/c1/"));
    }

    @Test
    void deleteEndsTheResourceOnce() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, SignalHarness.offer(OFFER), "");
        final String bearer = "Bearer " + token;
        final Result deleted = harness.call("DELETE", created.header("location"), null, "Authorization", bearer);
        assertEquals(200, deleted.status());
        assertEquals(1, harness.door.removed.size());
        harness.refused(ProblemType.NOT_FOUND,
            () -> harness.call("DELETE", created.header("location"), null, "Authorization", bearer));
    }

    @Test
    void onlyTheOwnerMayDelete() throws Exception {
        final Result created = harness.whip(SignalHarness.token("site", Role.COMPANION),
            SignalHarness.offer(OFFER), "");
        harness.refused(ProblemType.NOT_FOUND, () -> harness.call("DELETE", created.header("location"), null,
            "Authorization", "Bearer " + SignalHarness.token("other", Role.COMPANION)));
        assertEquals(List.of(), harness.door.removed);
    }

    @Test
    void trickleIsTakenAsBinbatSendsIt() throws Exception {
        final String offer = SignalHarness.offer("chromium156-av-sendonly-trickle-nocand");
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, offer, "");
        final String fragment = "a=ice-ufrag:" + ufrag(offer) + "\r\na=ice-pwd:0123456789012345678901\r\n"
            + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
            + "a=candidate:1 1 udp 2122260223 192.0.2.2 50000 typ host generation 0\r\n";
        for (final String body : List.of(fragment, fragment + "a=end-of-candidates\r\n")) {
            final Result patched = harness.call("PATCH", created.header("location"), body, "Authorization",
                "Bearer " + token, "Content-Type", FRAGMENT_TYPE, "If-Match", created.header("etag"));
            assertEquals(204, patched.status(), patched.body());
        }
        // RFC 9725 section 4.3.1: If-Match is required; binbat's WHEP sends none and must be served.
        harness.refused(ProblemType.PRECONDITION_REQUIRED, () -> harness.call("PATCH", created.header("location"),
            fragment, "Authorization", "Bearer " + token, "Content-Type", FRAGMENT_TYPE));
        final String viewer = SignalHarness.token("doctor", Role.PRACTITIONER);
        final String viewOffer = SignalHarness.offer("chromium156-recvonly");
        final Result viewing = harness.whep(viewer, viewOffer, "");
        assertEquals(204, harness.call("PATCH", viewing.header("location"),
            "a=ice-ufrag:" + ufrag(viewOffer) + "\r\na=end-of-candidates\r\n", "Authorization", "Bearer " + viewer,
            "Content-Type", FRAGMENT_TYPE).status());
    }

    @Test
    void patchesThatCannotBeAreRefused() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, SignalHarness.offer(OFFER), "");
        final String location = created.header("location");
        final String[] good = {"Authorization", "Bearer " + token, "Content-Type", FRAGMENT_TYPE, "If-Match",
            created.header("etag")};
        harness.refused(ProblemType.PRECONDITION_FAILED, () -> harness.call("PATCH", location,
            "a=end-of-candidates\r\n", "Authorization", "Bearer " + token, "Content-Type", FRAGMENT_TYPE, "If-Match",
            "\"0000000000000000\""));
        for (final String bad : List.of("a=ice-ufrag:newone\r\n", "a=ice-ufrag:newone\r\na=ice-pwd:x\r\n",
            "a=ice-ufrag:new\r\na=ice-pwd:0123456789012345678901\r\n",
            "a=ice-ufrag:new one\r\na=ice-pwd:0123456789012345678901\r\n")) {
            harness.refused(ProblemType.MALFORMED_SDP, () -> harness.call("PATCH", location, bad, good));
        }
        harness.refused(ProblemType.MALFORMED_SDP, () -> harness.call("PATCH", location, "hello", good));
        harness.refused(ProblemType.MALFORMED_SDP, () -> harness.call("PATCH", location, "", good));
        final String candidate = "a=candidate:1 1 udp 2122260223 192.0.2.2 50000 typ host\r\n";
        assertEquals(204, harness.call("PATCH", location, candidate.repeat(256), good).status());
        for (final String bad : List.of("a=candidate:\r\n", "a=candidate:1 1 udp 1 192.0.2.2 70000 typ host\r\n",
            "a=candidate:1 0 udp 1 192.0.2.2 5000 typ host\r\n", "a=candidate:1 1 udp 1 192.0.2.2 5000\r\n",
            candidate.repeat(257), candidate.replace("\r\n", " x".repeat(2100) + "\r\n"))) {
            harness.refused(ProblemType.MALFORMED_SDP, () -> harness.call("PATCH", location, bad, good));
        }
        harness.refused(ProblemType.UNSUPPORTED_MEDIA_TYPE, () -> harness.call("PATCH", location, "v=0",
            "Authorization", "Bearer " + token, "Content-Type", "application/sdp"));
        harness.refused(ProblemType.NOT_FOUND, () -> harness.call("PATCH", location.replace("/whip/", "/whep/"),
            "a=end-of-candidates\r\n", good));
        harness.refused(ProblemType.NOT_FOUND, () -> harness.call("PATCH",
            "/whip/c1/00000000000000000000000000000000", "a=end-of-candidates\r\n", good));
    }

    private static String fragment(final String ufrag) {
        return "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=ice-ufrag:" + ufrag
            + "\r\na=ice-pwd:0123456789012345678901\r\n";
    }

    private Result patch(final String location, final String token, final String body, final String match)
        throws IOException, InterruptedException {
        return match.isEmpty() ? harness.call("PATCH", location, body, "Authorization", "Bearer " + token,
            "Content-Type", FRAGMENT_TYPE) : harness.call("PATCH", location, body, "Authorization", "Bearer " + token,
            "Content-Type", FRAGMENT_TYPE, "If-Match", match);
    }

    @Test
    @Tag("REQ-E3")
    void iceRestartsByPatchWithNewCredentialsAndANewEntityTag() throws Exception {
        final String offer = SignalHarness.offer(OFFER);
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, offer, "");
        final String location = created.header("location");
        final Result restarted = patch(location, token, fragment("new1"), "*");
        assertEquals(200, restarted.status(), restarted.body());
        assertEquals(FRAGMENT_TYPE, restarted.header("content-type"));
        assertTrue(restarted.header("etag").matches("\"[0-9a-f]{16}\""), restarted.header("etag"));
        assertNotEquals(created.header("etag"), restarted.header("etag"));
        final String local = harness.door.restarts.getFirst().ufrag();
        assertNotEquals(ufrag(created.body()), local);
        final String mid = offer.lines().filter(line -> line.startsWith("a=mid:")).findFirst().orElseThrow();
        final List<String> lines = restarted.body().lines().toList();
        assertEquals("a=ice-lite", lines.getFirst());
        assertTrue(lines.get(1).startsWith("a=group:BUNDLE "), restarted.body());
        assertTrue(created.body().contains(lines.get(2) + "\r\n") && lines.get(2).startsWith("m="), lines.get(2));
        assertEquals(mid, lines.get(3));
        assertEquals("a=ice-ufrag:" + local, lines.get(4));
        assertEquals("a=ice-pwd:" + harness.door.restarts.getFirst().password(), lines.get(5));
        assertEquals(created.body().lines().filter(line -> line.startsWith("a=candidate:")).distinct().toList(),
            lines.stream().filter(line -> line.startsWith("a=candidate:")).toList());
        assertEquals("a=end-of-candidates", lines.getLast());

        harness.refused(ProblemType.PRECONDITION_FAILED,
            () -> patch(location, token, fragment("new1"), created.header("etag")));
        assertEquals(204, patch(location, token, fragment("new1"), restarted.header("etag")).status(), "trickle");
        harness.refused(ProblemType.PRECONDITION_FAILED,
            () -> patch(location, token, fragment(ufrag(offer)), restarted.header("etag")));
        final Result repeated = patch(location, token, fragment("new1"), "\"*\"");
        assertEquals(200, repeated.status());
        assertEquals(restarted.body(), repeated.body(), "the response was lost: the same credentials again");
        assertEquals(restarted.header("etag"), repeated.header("etag"));
        assertEquals(1, harness.door.restarts.size());
        assertEquals(200, patch(location, token, fragment("new2"), "\"*\"").status());
        assertEquals(2, harness.door.restarts.size());
        assertEquals(200, harness.call("DELETE", location, null, "Authorization", "Bearer " + token, "If-Match",
            created.header("etag")).status(), "which ICE session it is does not matter any more");
    }

    @Test
    @Tag("REQ-E3")
    void aRestartThatCannotBeLeavesTheSessionAsItWas() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, SignalHarness.offer(OFFER), "");
        final String location = created.header("location");
        harness.refused(ProblemType.PRECONDITION_REQUIRED, () -> patch(location, token, fragment("new1"), ""));
        harness.refused(ProblemType.PRECONDITION_FAILED,
            () -> patch(location, token, fragment("new1"), "\"0000000000000000\""));
        harness.refused(ProblemType.NOT_FOUND, () -> patch(location, SignalHarness.token("other", Role.COMPANION),
            fragment("new1"), "*"));
        assertEquals(List.of(), harness.door.restarts);
        harness.door.refuseAll = Reason.UNAVAILABLE;
        harness.refused(ProblemType.UNAVAILABLE, () -> patch(location, token, fragment("new1"), "*"));
        harness.door.refuseAll = null;
        assertEquals(204, patch(location, token, "a=end-of-candidates\r\n", created.header("etag")).status());
        assertEquals(200, patch(location, token, fragment("new1"), created.header("etag")).status());
        final String viewer = SignalHarness.token("doctor", Role.PRACTITIONER);
        final Result viewing = harness.whep(viewer, SignalHarness.offer("chromium156-recvonly"), "");
        assertEquals(200, patch(viewing.header("location"), viewer, fragment("new2"), "").status(),
            "some players send no If-Match");
    }

    @Test
    @Tag("REQ-E3")
    void restartsOfOneSessionComeOneAfterTheOther() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, SignalHarness.offer(OFFER), "");
        final String location = created.header("location");
        final CompletableFuture<Void> lane = new CompletableFuture<>();
        harness.door.restarting = lane;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            final Future<Result> first = clients.submit(() -> patch(location, token, fragment("new1"),
                created.header("etag")));
            assertTrue(Await.until(() -> harness.door.restartsAsked.get() == 1));
            final Future<Result> stale = clients.submit(() -> patch(location, token, fragment("new2"),
                created.header("etag")));
            assertTrue(Await.until(() -> harness.server.stats().counted(SignalCounter.HTTP_REQUESTS) == 3));
            lane.complete(null);
            assertEquals(200, first.get().status());
            assertEquals(412, stale.get().status(), "it was asked of the ICE session before");
            assertEquals(1, harness.door.restarts.size());
            assertEquals(204, patch(location, token, fragment("new1"), first.get().header("etag")).status());
        }
    }

    @Test
    void requestsThatWaitForARestartAreBounded() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        final String location = harness.whip(token, SignalHarness.offer(OFFER), "").header("location");
        final CompletableFuture<Void> lane = new CompletableFuture<>();
        harness.door.restarting = lane;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Future<Result>> all = new ArrayList<>();
            for (int i = 0; i < MediaResources.MAX_WAITING + 2; i++) {
                final String ufrag = "new" + i;
                all.add(clients.submit(() -> patch(location, token, fragment(ufrag), "*")));
            }
            assertTrue(Await.until(() -> all.stream().filter(Future::isDone).count() == 1));
            lane.complete(null);
            int restarted = 0;
            for (final Future<Result> one : all) {
                assertTrue(one.get().status() == 200 || one.get().status() == 429, one.get().body());
                restarted += one.get().status() == 200 ? 1 : 0;
            }
            assertEquals(MediaResources.MAX_WAITING + 1, restarted);
            assertEquals(restarted, harness.door.restarts.size());
        }
    }

    @Test
    void aResourceIsForgottenWhenItsConnectionExpires() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        final Result created = harness.whip(token, SignalHarness.offer(OFFER), "");
        final String location = created.header("location");
        assertEquals(204, patch(location, token, "a=end-of-candidates\r\n", "*").status());
        harness.door.expire(location.substring(location.lastIndexOf('/') + 1));
        assertTrue(Await.until(() -> status(() -> patch(location, token, "a=end-of-candidates\r\n", "*")) == 404));
    }

    private static int status(final Callable<Result> call) {
        try {
            return call.call().status();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void preflightsOfAnAllowedOriginPassAndItsResponsesAreReadable() throws Exception {
        for (final String path : List.of("/whip/c1", "/whep/c1", "/whip/c1/abc", "/v1/tokens")) {
            final Result preflight = harness.call("OPTIONS", path, null, "Origin", SignalHarness.ORIGIN,
                "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers",
                "authorization,content-type");
            assertEquals(204, preflight.status());
            assertEquals(SignalHarness.ORIGIN, preflight.header("access-control-allow-origin"));
            assertTrue(preflight.header("access-control-allow-headers").contains("Authorization"));
            assertTrue(preflight.header("access-control-allow-headers").contains("If-Match"));
            assertEquals("Origin", preflight.header("vary"));
        }
        assertTrue(harness.call("OPTIONS", "/whip/c1/abc", null, "Origin", SignalHarness.ORIGIN,
            "Access-Control-Request-Method", "PATCH").header("access-control-allow-methods").contains("PATCH"));
        final Result created = harness.call("POST", "/whip/c1", SignalHarness.offer(OFFER), "Origin",
            SignalHarness.ORIGIN, "Authorization", "Bearer " + SignalHarness.token("site", Role.COMPANION),
            "Content-Type", "application/sdp");
        assertEquals(201, created.status());
        assertEquals(SignalHarness.ORIGIN, created.header("access-control-allow-origin"));
        for (final String exposed : List.of("Location", "ETag", "Link")) {
            assertTrue(created.header("access-control-expose-headers").contains(exposed));
        }
        final Result refused = harness.call("POST", "/whip/c1", "", "Origin", SignalHarness.ORIGIN);
        assertEquals(SignalHarness.ORIGIN, refused.header("access-control-allow-origin"), "errors are readable too");
    }

    @Test
    void eyevinnAsksOptionsFirst() throws Exception {
        final Result options = harness.call("OPTIONS", "/whip/c1", null);
        assertEquals(204, options.status());
        assertEquals("application/sdp", options.header("accept-post"));
        assertEquals("POST, OPTIONS", options.header("allow"));
        assertEquals("", options.header("access-control-allow-origin"));
    }

    @Test
    void foreignOriginsGetNoCorsHeaders() throws Exception {
        harness.refused(ProblemType.ORIGIN_NOT_ALLOWED, () -> harness.call("OPTIONS", "/whip/c1", null, "Origin",
            "https://evil.example", "Access-Control-Request-Method", "POST"));
        final Result created = harness.call("POST", "/whip/c1", SignalHarness.offer(OFFER), "Origin",
            "https://evil.example", "Authorization", "Bearer " + SignalHarness.token("site", Role.COMPANION),
            "Content-Type", "application/sdp");
        assertEquals("", created.header("access-control-allow-origin"));
    }

    @Test
    void aFullRelaySaysWhenToComeBack() throws Exception {
        harness.door.refuseAll = Reason.EXHAUSTED;
        final Result full = harness.refused(ProblemType.EXHAUSTED, () -> harness.whip(
            SignalHarness.token("site", Role.COMPANION), SignalHarness.offer(OFFER), ""));
        assertEquals("5", full.header("retry-after"));
    }
}
