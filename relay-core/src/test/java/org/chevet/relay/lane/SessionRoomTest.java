package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Consultation;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.dtls.FakeDtls;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.lane.RelayDoor.Ending;
import org.chevet.relay.lane.RelayDoor.Link;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.OfferedSource;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.signal.SessionSchema;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sessions of a consultation on their lane, in virtual time; every message is checked by the schema. */
class SessionRoomTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private final LaneStats stats = new LaneStats();
    private final LaneProxy proxy = new LaneProxy(() -> { });
    private final Lane lane = new Lane(new LaneContext(0, stats, LaneLimits.defaults(),
        new MediaAddresses(List.of(), "sha-256 00"), this::transport, proxy, () -> 1, () -> 1, 0, () -> 1,
        Steering.none()));
    private final Lanes lanes = new Lanes(List.of(new Lanes.Member(lane, proxy, Runnable::run)), 1);
    private final Port port = new Port();
    private long nowNs = SECOND_NS;
    private int made;
    private final List<String> ended = new ArrayList<>();

    SessionRoomTest() {
        lanes.open("c");
        turn();
    }

    /** One session WebSocket as the lane sees it. */
    private final class Client implements LinkClient {
        final List<JsonNode> heard = new ArrayList<>();
        final String token;
        final Claims claims;
        final Link link;
        int closed;

        Client(final String name, final Role role) {
            token = "token-" + made++;
            claims = new Claims(name, "c", role, name, Grants.parse(List.of("publish:*", "subscribe:*")),
                Long.MAX_VALUE);
            final var attached = lanes.attachSession(claims, token, this).toCompletableFuture();
            turn();
            link = attached.join().value();
        }

        void ask(final SessionRequest request) {
            assertTrue(link.receive(request));
            turn();
        }

        void lost() {
            link.closed(Ending.LOST);
            turn();
        }

        List<JsonNode> all(final String type) {
            return heard.stream().filter(message -> message.path("type").asText().equals(type)).toList();
        }

        JsonNode last(final String type) {
            return all(type).getLast();
        }

        JsonNode entry(final String participant) {
            return last("roster", participant);
        }

        private JsonNode last(final String type, final String participant) {
            return all(type).stream().map(message -> message.path("entry"))
                .filter(entry -> entry.path("participant").asText().equals(participant)).toList().getLast();
        }

        Outcome<PeerSpec> connect(final boolean publisher, final NegotiatedSection... sections) {
            return SessionRoomTest.this.connect(claims, publisher, link.number(), sections);
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void sendText(final String message) {
            heard.add(SessionSchema.fromRelay(message));
        }

        @Override
        public void sendError(final SessionRequest request, final Refusal refusal) {
            heard.add(new com.fasterxml.jackson.databind.node.ObjectNode(
                com.fasterxml.jackson.databind.node.JsonNodeFactory.instance).put("type", "error")
                .put("request", request.type()).put("reason", refusal.reason().name()));
        }

        @Override
        public void flush() {
            // Nothing is kept back here.
        }

        @Override
        public void close(final int code, final String reason) {
            closed = code;
            link.closed(Ending.LOST);
        }
    }

    private Outcome<PeerSpec> connect(final Claims claims, final boolean publisher, final int session,
        final NegotiatedSection... sections) {
        final String name = claims.participant() + "-" + made++;
        final var asked = lanes.addPeer(new PeerSpec(name, claims, publisher, name, "password-of-" + name
            + "-0123456789", "client", "client-password-0123456789", "sha-256", "00", false, List.of(sections),
            java.util.Collections.nCopies(sections.length, -1), "", session,
            publisher ? Map.of("v", TrackProfile.DETAIL) : Map.of(), null), () -> ended.add(name))
            .toCompletableFuture();
        turn();
        return asked.join();
    }

    private static NegotiatedSection section(final String mid, final MediaKind kind, final Flow flow, final int ssrc) {
        final NegotiatedCodec codec = new NegotiatedCodec(kind == MediaKind.AUDIO ? Codec.OPUS : Codec.VP8, 100, -1,
            kind == MediaKind.AUDIO ? 48_000 : 90_000, 0, "", true, true, false, false, false);
        return new NegotiatedSection(mid, kind, flow, List.of(codec), Map.of(), false, true,
            flow == Flow.RECEIVE ? List.of(new OfferedSource("", ssrc, 0)) : List.of(), flow == Flow.SEND ? ssrc : 0, 0,
            "stream", kind.name());
    }

    private static NegotiatedSection camera() {
        return section("v", MediaKind.VIDEO, Flow.RECEIVE, 11);
    }

    private static NegotiatedSection mic() {
        return section("a", MediaKind.AUDIO, Flow.RECEIVE, 12);
    }

    private static NegotiatedSection screen(final String mid) {
        return section(mid, MediaKind.VIDEO, Flow.SEND, 500 + mid.hashCode());
    }

    private PeerSession transport(final PeerSpec spec, final Runnable ready, final long now) {
        return new PeerSession(new IceAgent(spec.localUfrag(), spec.localPassword(), 3600 * SECOND_NS,
            3600 * SECOND_NS, now), FakeDtls.factory((byte) 1).open(DtlsRole.SERVER, "sha-256", "00", 1000, () -> { }),
            DtlsRole.SERVER, new JceAeadEngineProvider(), stats, now);
    }

    private void turn() {
        lane.endTurn(port, nowNs);
        lane.handedOver(nowNs);
    }

    private void advance(final long durationNs) {
        final long untilNs = nowNs + durationNs;
        while (lane.nextDeadlineNs() <= untilNs) {
            nowNs = Math.max(nowNs, lane.nextDeadlineNs());
            turn();
        }
        nowNs = untilNs;
        turn();
    }

    private boolean isOpen(final String resource) {
        final var found = lanes.restartIce("c", resource.substring(0, resource.lastIndexOf('-')), resource,
            new IceCredentials("ufrag" + made++, "password-of-a-restart-0123456789")).toCompletableFuture();
        turn();
        return found.join().refusal() == null;
    }

    @Test
    void whoMadeAConnectionHearsOnceThatItHasEndedHoweverItDid() {
        final Claims claims =
            new Claims("nurse", "c", Role.COMPANION, "nurse", Grants.parse(List.of("subscribe:*")), Long.MAX_VALUE);
        final Outcome<PeerSpec> kept = connect(claims, false, PeerSpec.NO_SESSION);
        final Outcome<PeerSpec> deleted = connect(claims, false, PeerSpec.NO_SESSION);
        assertEquals(List.of(), ended);
        lanes.removePeer("c", "nurse", deleted.value().resource());
        turn();
        assertEquals(List.of(deleted.value().resource()), ended);
        lanes.close("c");
        turn();
        assertEquals(List.of(deleted.value().resource(), kept.value().resource()), ended);
    }

    @Test
    @Tag("REQ-O27")
    void theWelcomeHoldsTheVersionTheTokenAndTheRoster() {
        final Client nurse = new Client("nurse", Role.COMPANION);
        final JsonNode welcome = nurse.heard.getFirst();
        assertEquals("welcome", welcome.path("type").asText());
        assertEquals(1, welcome.path("version").asInt());
        assertEquals(nurse.token, welcome.path("resume").path("token").asText());
        assertEquals(1, welcome.path("roster").size());
        nurse.ask(new SessionRequest.Ping(4, 17));
        assertEquals(17, nurse.last("pong").path("t").asInt());
        assertEquals(4, nurse.last("done").path("id").asInt());
    }

    @Test
    @Tag("REQ-A3")
    void aSessionWithoutVitalsExchangesClocks() {
        final Client nurse = new Client("nurse", Role.COMPANION);
        nurse.ask(new SessionRequest.Clock(5, 1_700_000_000_000_000L));
        final JsonNode clock = nurse.last("clock");
        assertEquals(1_700_000_000_000_000L, clock.path("t").asLong());
        assertEquals(5, clock.path("id").asInt());
        assertTrue(clock.path("relayUs").isIntegralNumber());
        assertEquals(0, clock.path("sections").size(), "it receives no media");
    }

    @Test
    @Tag("REQ-P8")
    void readinessIsOnTheRosterAndCountedByRole() {
        final Client nurse = new Client("nurse", Role.COMPANION);
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        assertFalse(nurse.last("presence").path("ready").asBoolean());
        doctor.ask(new SessionRequest.Ready(1, true));
        assertTrue(nurse.entry("doctor").path("ready").asBoolean());
        assertFalse(nurse.last("presence").path("ready").asBoolean());
        nurse.ask(new SessionRequest.Ready(1, true));
        assertTrue(doctor.last("presence").path("ready").asBoolean());
        assertEquals("[{\"role\":\"companion\",\"present\":1,\"ready\":1},{\"role\":\"practitioner\",\"present\":1,"
            + "\"ready\":1}]", doctor.last("presence").path("roles").toString());
        final int before = nurse.all("presence").size();
        doctor.ask(new SessionRequest.Ready(2, true));
        assertEquals(before, nurse.all("presence").size(), "only changes are told");
        doctor.link.closed(Ending.LEFT);
        turn();
        assertEquals(1, nurse.last("presence").path("roles").size());
    }

    @Test
    @Tag("REQ-A5")
    void aMutedPublicationIsMarkedOnTheRosterAndOnlyItsOwnerMayMuteIt() {
        final Client nurse = new Client("nurse", Role.COMPANION);
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        nurse.connect(true, camera(), mic());
        final JsonNode track = doctor.entry("nurse").path("publications").get(0);
        assertFalse(track.path("muted").asBoolean());
        assertEquals("detail", track.path("profile").asText());
        final int id = track.path("id").asInt();
        nurse.ask(new SessionRequest.Mute(5, id, true));
        assertEquals(5, nurse.last("done").path("id").asInt());
        assertTrue(doctor.entry("nurse").path("publications").get(0).path("muted").asBoolean());
        assertFalse(doctor.entry("nurse").path("publications").get(1).path("muted").asBoolean());
        doctor.ask(new SessionRequest.Mute(6, id, false));
        assertEquals("FORBIDDEN", doctor.last("error").path("reason").asText());
        doctor.ask(new SessionRequest.Mute(6, 99, false));
        assertEquals("NOT_FOUND", doctor.last("error").path("reason").asText());
        nurse.ask(new SessionRequest.Mute(SessionRequest.NO_ID, id, false));
        assertEquals(1, nurse.all("done").size(), "without an id there is no answer");
        assertFalse(doctor.entry("nurse").path("publications").get(0).path("muted").asBoolean());
    }

    @Test
    @Tag("REQ-A2")
    void aReceiverIsToldHowManySectionsAreMissingAndAFurtherConnectionCarriesThem() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        doctor.connect(false, screen("1"));
        assertEquals(List.of(), doctor.all("need"));
        new Client("nurse", Role.COMPANION).connect(true, camera(), mic());
        assertEquals(1, doctor.last("need").path("audio").asInt());
        assertEquals(0, doctor.last("need").path("video").asInt());
        new Client("aid", Role.COMPANION).connect(true, camera());
        assertEquals(1, doctor.last("need").path("video").asInt());
        final String further = doctor.connect(false, screen("2"), section("3", MediaKind.AUDIO, Flow.SEND, 77))
            .value().resource();
        assertEquals("{\"type\":\"need\",\"audio\":0,\"video\":0}", doctor.last("need").toString());
        final JsonNode sections = doctor.last("bindings").path("sections");
        assertEquals("aid", sections.get(0).path("participant").asText(), "not the nurse's picture a second time");
        assertEquals("nurse", sections.get(1).path("participant").asText());
        lanes.removePeer("c", "doctor", further);
        turn();
        assertEquals("{\"type\":\"need\",\"audio\":1,\"video\":1}", doctor.last("need").toString());
    }

    @Test
    @Tag("REQ-A8")
    void aLostSessionIsResumedWithItsMediaAndItsPlaceOnTheRoster() {
        final Client nurse = new Client("nurse", Role.COMPANION);
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final String camera = nurse.connect(true, camera()).value().resource();
        final String receiver = doctor.connect(false, screen("1")).value().resource();
        doctor.lost();
        advance(29 * SECOND_NS);
        assertTrue(isOpen(receiver));
        assertEquals(List.of(), nurse.all("roster").stream().filter(message ->
            message.path("event").asText().equals("left")).toList());
        final Client again = new Client("doctor", Role.PRACTITIONER);
        assertEquals(2, again.heard.getFirst().path("roster").size(), "what was missed comes with the welcome");
        assertEquals(receiver, again.last("bindings").path("resource").asText());
        again.ask(new SessionRequest.Resume(3, doctor.token));
        assertEquals("[\"" + receiver + "\"]", again.last("resumed").path("resources").toString());
        advance(60 * SECOND_NS);
        assertTrue(isOpen(receiver) && isOpen(camera));
        again.lost();
        advance(31 * SECOND_NS);
        assertFalse(isOpen(receiver), "nobody came back");
        assertTrue(isOpen(camera));
        assertEquals("left", nurse.last("roster").path("event").asText());
    }

    @Test
    void aTokenOpensOnceAndOnlyToItsOwnParticipant() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        doctor.connect(false, screen("1"));
        doctor.lost();
        final Client thief = new Client("nurse", Role.COMPANION);
        thief.ask(new SessionRequest.Resume(1, doctor.token));
        assertEquals("NOT_FOUND", thief.last("error").path("reason").asText());
        final Client again = new Client("doctor", Role.PRACTITIONER);
        again.ask(new SessionRequest.Resume(1, again.token));
        assertEquals("NOT_FOUND", again.last("error").path("reason").asText(), "not its own");
        again.ask(new SessionRequest.Resume(1, doctor.token));
        assertEquals(1, again.all("resumed").size());
        final Client third = new Client("doctor", Role.PRACTITIONER);
        third.ask(new SessionRequest.Resume(1, doctor.token));
        assertEquals("NOT_FOUND", third.last("error").path("reason").asText(), "a second time");
        third.connect(false, screen("1"));
        third.ask(new SessionRequest.Resume(1, again.token));
        assertEquals("CONFLICT", third.last("error").path("reason").asText(), "it has media of its own");
    }

    @Test
    void theNewConnectionIsThereBeforeTheOldOneIsClosed() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final String receiver = doctor.connect(false, screen("1")).value().resource();
        final Client again = new Client("doctor", Role.PRACTITIONER);
        assertEquals(0, doctor.closed);
        again.ask(new SessionRequest.Resume(1, doctor.token));
        turn();
        assertEquals(SessionLinks.CLOSE_REPLACED, doctor.closed);
        advance(60 * SECOND_NS);
        assertTrue(isOpen(receiver));
        assertEquals(1, again.entry("doctor").path("connections").toString().split("session", -1).length - 1);
    }

    @Test
    void whoLeavesTakesWhatTheSessionMadeAlong() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final Client nurse = new Client("nurse", Role.COMPANION);
        final String receiver = doctor.connect(false, screen("1")).value().resource();
        final String overHttp = connect(doctor.claims, false, PeerSpec.NO_SESSION, screen("1")).value().resource();
        doctor.link.closed(Ending.LEFT);
        turn();
        assertFalse(isOpen(receiver));
        assertTrue(isOpen(overHttp), "what came over HTTP lives by itself");
        assertEquals("changed", nurse.last("roster").path("event").asText());
        assertEquals(Refusal.Reason.UNAVAILABLE, doctor.connect(false, screen("2")).refusal().reason());
    }

    @Test
    @Tag("REQ-A5")
    void wishesReachTheVideoAndItsPublisherHearsWhatIsWanted() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final String receiver = doctor.connect(false, screen("1")).value().resource();
        final Client nurse = new Client("nurse", Role.COMPANION);
        nurse.connect(true, camera());
        final int id = doctor.last("bindings").path("sections").get(0).path("publication").asInt();
        doctor.ask(new SessionRequest.Layers(1, "", "", id, 640, 360, 15, false, TrackProfile.MOTION));
        doctor.ask(new SessionRequest.Layers(2, receiver, "1", -1, 320, 180, 15, true, null));
        assertEquals(2, doctor.all("done").size());
        doctor.ask(new SessionRequest.Layers(3, receiver, "9", -1, 320, 180, 15, true, null));
        doctor.ask(new SessionRequest.Layers(3, "", "", id + 1, 320, 180, 15, true, null));
        nurse.ask(new SessionRequest.Layers(3, receiver, "1", -1, 320, 180, 15, true, null));
        assertEquals(2, doctor.all("error").size());
        assertEquals("NOT_FOUND", nurse.last("error").path("reason").asText(), "another participant's");
        advance(4 * SECOND_NS);
        doctor.ask(new SessionRequest.Layers(4, receiver, "1", -1, 320, 180, 15, true, null));
        assertEquals(0, nurse.last("layersWanted").path("rids").size(), "nobody wants it");
        doctor.ask(new SessionRequest.Layers(5, receiver, "1", -1, 1280, 720, 30, false, null));
        final JsonNode wanted = nurse.last("layersWanted");
        assertEquals(1, wanted.path("rids").size());
        assertEquals(1280, wanted.path("maxWidth").asInt());
        assertEquals(List.of(), doctor.all("layersWanted"));
    }

    @Test
    void examModesAreForPractitionersAndCompanionsAndToldToAll() {
        final Client patient = new Client("patient", Role.PATIENT);
        assertEquals("normal", patient.heard.getFirst().path("examMode").asText());
        patient.ask(new SessionRequest.Exam(1, SessionRequest.Mode.SCOPE));
        assertEquals("FORBIDDEN", patient.last("error").path("reason").asText());
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        doctor.ask(new SessionRequest.Exam(1, SessionRequest.Mode.AUSCULTATION));
        assertEquals("auscultation", patient.last("examMode").path("mode").asText());
        assertEquals("doctor", patient.last("examMode").path("participant").asText());
        assertEquals("auscultation",
            new Client("nurse", Role.COMPANION).heard.getFirst().path("examMode").asText());
    }

    @Test
    void qualityIsReportedAtMostOnceASecondAndToldToAll() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final Client nurse = new Client("nurse", Role.COMPANION);
        final SessionRequest.Quality report =
            new SessionRequest.Quality(7, new SessionRequest.Measures(0, 0, 0, 0), null);
        doctor.ask(report);
        doctor.ask(report);
        assertEquals(1, doctor.all("done").size());
        assertEquals("EXHAUSTED", doctor.last("error").path("reason").asText());
        advance(2 * SECOND_NS);
        assertEquals("[{\"participant\":\"doctor\",\"up\":99,\"down\":null}]",
            nurse.last("qualityScore").path("scores").toString());
        assertEquals(99, new Client("late", Role.GUEST).last("qualityScore").path("scores").get(0).path("up").asInt());
        doctor.link.closed(Ending.LEFT);
        advance(2 * SECOND_NS);
        assertEquals(0, nurse.last("qualityScore").path("scores").size());
    }

    @Test
    void mediaThatWasAdmittedOutlivesATokenThatRunsOut() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final String receiver = doctor.connect(false, screen("1")).value().resource();
        doctor.link.closed(Ending.EXPIRED);
        turn();
        advance(20 * SECOND_NS);
        final Client again = new Client("doctor", Role.PRACTITIONER);
        again.ask(new SessionRequest.Resume(1, doctor.token));
        assertEquals(1, again.last("resumed").path("resources").size(), "with a new token in time it is resumed");
        again.link.closed(Ending.EXPIRED);
        turn();
        advance(60 * SECOND_NS);
        assertTrue(isOpen(receiver));
        final Client later = new Client("doctor", Role.PRACTITIONER);
        later.ask(new SessionRequest.Resume(1, again.token));
        assertEquals("NOT_FOUND", later.last("error").path("reason").asText());
        later.link.closed(Ending.LEFT);
        turn();
        assertTrue(isOpen(receiver), "it is nobody's any more");
    }

    @Test
    void sessionsThatAreHeldAreBounded() {
        final List<String> resources = new ArrayList<>();
        for (int i = 0; i < SessionLinks.MAX_HELD + 3; i++) {
            final Client client = new Client("doctor", Role.PRACTITIONER);
            final Outcome<PeerSpec> peer = client.connect(false, screen("1"));
            assertNull(peer.refusal());
            resources.add(peer.value().resource());
            client.lost();
        }
        assertEquals(SessionLinks.MAX_HELD, resources.stream().filter(this::isOpen).count());
        assertTrue(isOpen(resources.getLast()));
    }

    @Test
    @Tag("REQ-O7")
    void anEpochIsTakenOnceAndHandedToWhomItNames() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final Client nurse = new Client("nurse", Role.COMPANION);
        final Client patient = new Client("patient", Role.PATIENT);
        assertEquals(0, patient.last("welcome").path("epoch").asInt());
        doctor.ask(epoch(1, "patient"));
        assertEquals("EPOCH_CONFLICT", doctor.last("error").path("reason").asText(), "has announced nothing");
        for (final Client one : List.of(doctor, nurse, patient)) {
            one.ask(key(one, "key"));
            one.ask(key(one, "key"));
        }
        assertEquals(key("key-patient"), doctor.entry("patient").path("endToEnd").path("key").asText());
        assertEquals(3,
            doctor.all("roster").stream().filter(one -> one.path("event").asText().equals("changed")).count(),
            "the same again is no news");
        patient.ask(epoch(1, "doctor"));
        assertEquals("EPOCH_CONFLICT", patient.last("error").path("reason").asText(), "patients do not");
        doctor.ask(epoch(1, "doctor", "patient", "nobody"));
        final JsonNode carried = patient.last("epoch");
        assertEquals(1, carried.path("epoch").asInt());
        assertEquals("doctor", carried.path("from").asText());
        assertEquals(sealed("for-patient"), carried.path("sealed").asText());
        assertEquals(key("key-doctor"), carried.path("key").asText());
        assertEquals(List.of(), nurse.all("epoch"), "it was not named");
        assertEquals(List.of(), doctor.all("epoch"), "it has it");
        nurse.ask(epoch(1, "patient"));
        assertEquals("EPOCH_CONFLICT", nurse.last("error").path("reason").asText(), "slower");
        nurse.ask(epoch(3, "patient"));
        assertEquals(2, nurse.all("error").size(), "none is left out");
        nurse.ask(epoch(2, "patient"));
        assertEquals(2, patient.last("epoch").path("epoch").asInt());
        assertEquals(2, patient.all("epoch").size());
        assertEquals(2, stats.counted(Counter.EPOCHS_STARTED));
        assertEquals(2, stats.counted(Counter.EPOCH_SECRETS_CARRIED));
    }

    @Test
    void whoWasAwayGetsTheNewestEpochAgainAndWhoCameLaterIsServed() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final Client patient = new Client("patient", Role.PATIENT);
        doctor.ask(key(doctor, "key"));
        patient.ask(key(patient, "key"));
        patient.lost();
        doctor.ask(epoch(1, "patient", "doctor"));
        final Client back = new Client("patient", Role.PATIENT);
        assertEquals(1, back.last("welcome").path("epoch").asInt());
        back.ask(key(back, "key"));
        assertEquals(sealed("for-patient"), back.last("epoch").path("sealed").asText());
        // The one who made it, when its answer was lost.
        doctor.lost();
        final Client again = new Client("doctor", Role.PRACTITIONER);
        again.ask(key(again, "key"));
        assertEquals(sealed("for-doctor"), again.last("epoch").path("sealed").asText());
        // With another key it cannot unwrap that one.
        final Client reloaded = new Client("patient", Role.PATIENT);
        reloaded.ask(key(reloaded, "another-key"));
        assertEquals(List.of(), reloaded.all("epoch"));
        reloaded.ask(new SessionRequest.EpochFor(1, 1, wrapped("doctor", "s")));
        assertEquals("EPOCH_CONFLICT", reloaded.last("error").path("reason").asText(), "patients serve nobody");
        again.ask(new SessionRequest.EpochFor(1, 2, wrapped("patient", "s")));
        assertEquals("EPOCH_CONFLICT", again.last("error").path("reason").asText(), "not the newest");
        again.ask(new SessionRequest.EpochFor(1, 1, wrapped("nobody", "s")));
        assertEquals("NOT_FOUND", again.last("error").path("reason").asText());
        again.ask(new SessionRequest.EpochFor(1, 1, wrapped("patient", "s")));
        assertEquals(sealed("s"), reloaded.last("epoch").path("sealed").asText());
    }

    @Test
    void aRelayThatWasStartedAgainTakesWhateverEpochItsParticipantsAreIn() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final Client patient = new Client("patient", Role.PATIENT);
        doctor.ask(key(doctor, "key"));
        patient.ask(key(patient, "key"));
        doctor.ask(new SessionRequest.EpochFor(1, 7, wrapped("patient", "s")));
        assertEquals(7, new Client("late", Role.GUEST).last("welcome").path("epoch").asInt());
        doctor.ask(epoch(7, "patient"));
        assertEquals("EPOCH_CONFLICT", doctor.last("error").path("reason").asText());
        doctor.ask(epoch(8, "patient"));
        assertEquals(8, patient.last("epoch").path("epoch").asInt());
    }

    @Test
    @Tag("REQ-O7")
    void whoIsPutOutIsGoneAtOnceAndNotLetInAgain() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        final Client guest = new Client("guest", Role.GUEST);
        guest.ask(key(guest, "key"));
        final String sending = guest.connect(true, camera()).value().resource();
        final String receiving = connect(guest.claims, false, PeerSpec.NO_SESSION, screen("1")).value().resource();
        final Client held = new Client("guest", Role.GUEST);
        held.lost();
        guest.ask(new SessionRequest.Evict(1, "doctor"));
        assertEquals("FORBIDDEN", guest.last("error").path("reason").asText());
        doctor.ask(new SessionRequest.Evict(1, "doctor"));
        assertEquals("FORBIDDEN", doctor.last("error").path("reason").asText(), "oneself");
        final int heard = guest.heard.size();
        doctor.ask(new SessionRequest.Evict(2, "guest"));
        assertEquals("evict", doctor.last("done").path("request").asText());
        assertEquals(SessionLinks.CLOSE_EVICTED, guest.closed);
        assertEquals(heard, guest.heard.size(), "it hears nothing more");
        assertFalse(isOpen(sending));
        assertFalse(isOpen(receiving));
        final JsonNode left = doctor.last("roster");
        assertEquals("left", left.path("event").asText());
        assertEquals("evicted", left.path("reason").asText());
        assertEquals("guest", left.path("entry").path("participant").asText());
        assertEquals(0, left.path("entry").path("connections").size());
        assertEquals(1, rosterSize());
        assertEquals(Refusal.Reason.EVICTED,
            connect(guest.claims, false, PeerSpec.NO_SESSION, screen("1")).refusal().reason());
        final var session = lanes.attachSession(guest.claims, "token", guest).toCompletableFuture();
        final var offer = lanes.media("c", "guest", "", PeerSpec.NO_SESSION).toCompletableFuture();
        turn();
        assertEquals(Refusal.Reason.EVICTED, session.join().refusal().reason());
        assertEquals(Refusal.Reason.EVICTED, offer.join().refusal().reason());
        assertEquals(1, stats.counted(Counter.PARTICIPANTS_EVICTED));
        doctor.ask(epoch(1, "guest"));
        assertEquals(0, stats.counted(Counter.EPOCH_SECRETS_CARRIED));
    }

    @Test
    void whoIsNotHereIsKeptOutAllTheSameAndTheListIsBounded() {
        final Client doctor = new Client("doctor", Role.PRACTITIONER);
        doctor.ask(new SessionRequest.Evict(1, "guest"));
        assertEquals(1, doctor.all("done").size());
        final var session = lanes.attachSession(new Claims("guest", "c", Role.GUEST, "", Grants.parse(List.of()),
            Long.MAX_VALUE), "token", doctor).toCompletableFuture();
        turn();
        assertEquals(Refusal.Reason.EVICTED, session.join().refusal().reason());
        for (int i = 1; i < Consultation.MAX_EVICTED; i++) {
            doctor.ask(new SessionRequest.Evict(SessionRequest.NO_ID, "other-" + i));
        }
        assertEquals(List.of(), doctor.all("error"));
        doctor.ask(new SessionRequest.Evict(1, "one-more"));
        assertEquals("EXHAUSTED", doctor.last("error").path("reason").asText());
        doctor.ask(new SessionRequest.Evict(2, "guest"));
        assertEquals(2, doctor.all("done").size(), "again is no fault");
    }

    private int rosterSize() {
        final var asked = lanes.consultation("c").toCompletableFuture();
        turn();
        return asked.join().value().roster().size();
    }

    private static SessionRequest.Announce key(final Client client, final String key) {
        return new SessionRequest.Announce(SessionRequest.NO_ID, key(key + "-" + client.claims.participant()),
            padded("mac", 43));
    }

    private static SessionRequest.Epoch epoch(final int number, final String... participants) {
        return new SessionRequest.Epoch(1, number, java.util.Arrays.stream(participants)
            .map(one -> wrapped(one, "for-" + one)).toList());
    }

    private static SessionRequest.Wrapped wrapped(final String participant, final String sealed) {
        return new SessionRequest.Wrapped(participant, padded("nonce", 22), sealed(sealed));
    }

    private static String key(final String text) {
        return padded(text, 87);
    }

    private static String sealed(final String text) {
        return padded(text, 107);
    }

    private static String padded(final String text, final int length) {
        return text + "_".repeat(length - text.length());
    }

    /** Takes what is sent. */
    private static final class Port implements DatagramPort {
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CAPACITY]);

        @Override
        public MutableDirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public void send(final int socket, final TransportAddress to, final int length) {
            // Nobody listens.
        }
    }
}
