package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.api.Tuning;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** chevet.js in real Chromium with a real relay: everything over the session channel, and its loss. */
@Isolated
class SessionChannelTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String DECODED = "session.receiver.connection.getStats().then(all => [...all.values()]"
        + ".find(one => one.type === 'inbound-rtp' && one.kind === 'video')?.framesDecoded ?? 0)";
    private static Relay relay;
    private static Chromium browser;
    private static CuttableProxy proxy;

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(),
            Map.of("test", "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8)), List.of(),
            List.of(), 16, 16, 15_000, 30_000, 300_000, 16 * 1024 * 1024, Tuning.defaults(), Reach.plain()),
            started -> List.of(new ConsoleRoute()));
        proxy = new CuttableProxy(relay.httpPort());
        browser = Chromium.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (proxy != null) {
            proxy.close();
        }
        if (relay != null) {
            relay.close();
        }
    }

    @BeforeEach
    void open() {
        relay.open("session").toCompletableFuture().join();
    }

    @AfterEach
    void end() {
        relay.end("session").toCompletableFuture().join();
    }

    @Test
    @Tag("REQ-O22")
    @Tag("REQ-A8")
    void aCutWebSocketIsResumedAndThePictureGoesOnWithTheSameKeys() throws Exception {
        try (Page nurse = join("nurse", Role.COMPANION, proxy.port());
            Page doctor = join("doctor", Role.PRACTITIONER, proxy.port())) {
            doctor.evaluate("session.subscribe({ audio: 1, video: 1 }), 0");
            publish(nurse);
            doctor.await(DECODED + ".then(frames => frames > 20)", SOON);
            final LaneStats lane = relay.laneStats().getFirst();
            final long handshakes = lane.counted(Counter.DTLS_STARTED);
            final long restarts = lane.counted(Counter.ICE_RESTARTS);
            final long frames = doctor.evaluate(DECODED).asLong();
            assertTrue(proxy.cut() >= 4, "two WebSockets, both ends");
            for (final Page page : List.of(doctor, nurse)) {
                page.await("said.includes('reconnected true')", SOON);
                assertEquals("reconnecting", page.evaluate("said[0].split(' ')[0]").asText());
                page.await("session.state === 'connected'", SOON);
            }
            doctor.await(DECODED + ".then(now => now > " + (frames + 60) + ")", SOON);
            assertEquals(handshakes, lane.counted(Counter.DTLS_STARTED), "no new handshake");
            assertEquals(restarts, lane.counted(Counter.ICE_RESTARTS));
            assertEquals(2, doctor.evaluate("session.roster.size").asInt());
            // What is asked for afterwards is asked of the new connection.
            nurse.evaluate("session.mute('video', true)");
            doctor.await("session.roster.get('nurse').publications.find(one => one.kind === 'video').muted", SOON);
            assertEquals(1, nurse.evaluate("new Promise(done => { const off = session.connection.on('resumed', "
                + "({ resources }) => { off(); done(resources.length); }); session.connection.renew(); })").asInt());
            nurse.evaluate("session.mute('video', false)");
            final long muted = doctor.evaluate(DECODED).asLong();
            doctor.await(DECODED + ".then(now => now > " + (muted + 30) + ")", SOON);
            assertEquals(handshakes, lane.counted(Counter.DTLS_STARTED), "a newer connection took over");
        }
    }

    @Test
    @Tag("REQ-O15")
    void aRelayThatKnowsTheConsultationNoMoreIsAskedAgainUntilItIsOpened() throws Exception {
        try (Page nurse = join("nurse", Role.COMPANION, proxy.port())) {
            nurse.evaluate("session.connection.on('state', ({ reason }) => said.push('because ' + reason)), 0");
            // As a relay that was started anew: the connection ends without a word, and there is no consultation.
            assertTrue(proxy.cut() >= 2);
            end();
            nurse.await("said.some(one => one.startsWith('because There is no open consultation'))", SOON);
            assertEquals("reconnecting", nurse.evaluate("session.parts.session").asText());
            open();
            nurse.await("session.state === 'connected'", SOON);
            end();
            nurse.await("session.parts.session === 'failed'", SOON);
            assertTrue(nurse.evaluate("said.includes('failed The consultation has ended.')").asBoolean());
            open();
        }
    }

    @Test
    @Tag("REQ-P8")
    @Tag("REQ-A5")
    void muteReadyExamModeLayersLevelsAndScoresReachTheOtherPage() throws Exception {
        try (Page nurse = join("nurse", Role.COMPANION, relay.httpPort());
            Page doctor = join("doctor", Role.PRACTITIONER, relay.httpPort())) {
            doctor.evaluate("session.subscribe({ audio: 1, video: 1 }), 0");
            publish(nurse);
            doctor.await(DECODED + ".then(frames => frames > 10)", SOON);
            nurse.evaluate("session.ready()");
            doctor.evaluate("session.ready()");
            nurse.await("session.connection.presence.ready === true", SOON);
            doctor.evaluate("session.examMode('scope')");
            nurse.await("heard.examMode?.mode === 'scope'", SOON);
            assertEquals("detail", doctor.evaluate("session.roster.get('nurse').publications"
                + ".find(one => one.kind === 'video').profile").asText());
            doctor.await("heard.speakers?.levels.some(one => one.participant === 'nurse' && one.dbov > -100)", SOON);
            // Loopback is a good way, though pictures may stand still while the machine is at something else.
            doctor.await("(of => of('nurse')?.up >= 50 && of('doctor')?.down >= 50)(participant =>"
                + " heard.qualityScore?.scores.find(one => one.participant === participant))", SOON);
            final String video = "session.roster.get('nurse').publications.find(one => one.kind === 'video').id";
            doctor.evaluate("session.layers(" + video + ", { paused: true })");
            nurse.await("heard.layersWanted?.rids.length === 0", SOON);
            nurse.await("session.publishers.get('scope').connection.getSenders().find(one => one.track.kind === "
                + "'video').getParameters().encodings[0].active === false", SOON);
            final long paused = doctor.evaluate(DECODED).asLong();
            doctor.evaluate("session.layers(" + video + ")");
            doctor.await(DECODED + ".then(now => now > " + (paused + 30) + ")", SOON);
            assertEquals("NotFound", doctor.evaluate("session.layers(999999).then(() => '', one => one.status === 404 "
                + "? 'NotFound' : String(one))").asText());
            assertEquals(List.of(), doctor.errors());
        }
    }

    @Test
    @Tag("REQ-A2")
    void whatDoesNotFitIsReceivedOnAFurtherConnection() throws Exception {
        try (Page doctor = join("doctor", Role.PRACTITIONER, relay.httpPort());
            Page nurse = join("nurse", Role.COMPANION, relay.httpPort());
            Page aid = join("aid", Role.COMPANION, relay.httpPort())) {
            publish(nurse);
            publish(aid);
            doctor.evaluate("session.subscribe({ audio: 1, video: 1 }), 0");
            doctor.await("tracks.size === 4", SOON);
            assertEquals("[\"aid\",\"aid\",\"nurse\",\"nurse\"]",
                doctor.evaluate("[...tracks.values()].map(one => one.participant).sort()").toString());
            assertTrue(doctor.evaluate("session.further.size").asInt() >= 1);
            aid.evaluate("session.leave()");
            doctor.await("tracks.size === 2", SOON);
        }
    }

    /** Before it runs out, and after the relay has refused it; media goes on with the keys it has. */
    @Test
    @Tag("REQ-A8")
    void aTokenIsRenewedInTimeAndWhenItIsRefused() throws Exception {
        try (Page doctor = browser.open("http://127.0.0.1:" + relay.httpPort() + "/");
            Page nurse = join("nurse", Role.COMPANION, relay.httpPort())) {
            publish(nurse);
            final String short1 = token("doctor", Role.PRACTITIONER, 6_000);
            final String short2 = token("doctor", Role.PRACTITIONER, 600_000);
            final String last = token("doctor", Role.PRACTITIONER, 900_000);
            doctor.evaluate("import('/console/chevet.js').then(async ({ join }) => { window.said = [];"
                + " window.fresh = ['" + short2 + "', '" + last + "']; window.session = await join({ token: '" + short1
                + "', renew: async () => fresh.shift() }); session.on('failed', reason => said.push(reason));"
                + " session.on('renewed', () => said.push('renewed'));"
                + " session.subscribe({ audio: 1, video: 1 }); return 0; })");
            doctor.await("session.receiver.connection !== null", SOON);
            doctor.await(DECODED + ".then(frames => frames > 20)", SOON);
            doctor.await("said.length === 1 && session.state === 'connected'", SOON);
            final LaneStats lane = relay.laneStats().getFirst();
            final long handshakes = lane.counted(Counter.DTLS_STARTED);
            assertEquals(short2, doctor.evaluate("session.token").asText());
            assertEquals(short2, doctor.evaluate("session.receiver.signalling.token").asText());

            doctor.evaluate("session.connection.token = session.vitals.token = 'a.bad.token', "
                + "session.connection.interrupt(), session.vitals.interrupt(), 0");
            doctor.await("session.token === '" + last + "' && session.state === 'connected'", SOON);
            assertEquals("[\"renewed\",\"renewed\"]", doctor.evaluate("said").toString());
            final long frames = doctor.evaluate(DECODED).asLong();
            doctor.await(DECODED + ".then(now => now > " + (frames + 30) + ")", SOON);
            assertEquals(handshakes, lane.counted(Counter.DTLS_STARTED), "no new handshake");
        }
    }

    private static String token(final String participant, final Role role, final long lifeMs) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, "session", role, participant, Grants.defaultsOf(role),
            System.currentTimeMillis() + lifeMs));
    }

    private static void publish(final Page page) {
        page.evaluate("navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(stream => "
            + "session.publish(stream, { label: 'scope', profiles: { video: 'detail' } })).then(() => 0)");
    }

    /** A page without a user interface that has joined as {@code session}. */
    private static Page join(final String participant, final Role role, final int port) throws TokenRefusal {
        final String token = relay.issueToken(new Claims(participant, "session", role, participant,
            Grants.defaultsOf(role), System.currentTimeMillis() + 600_000));
        final Page page = browser.open("http://127.0.0.1:" + port + "/");
        page.evaluate("import('/console/chevet.js').then(async ({ join }) => { window.said = []; window.heard = {};"
            + " window.tracks = new Map(); window.session = await join({ token: '" + token + "' });"
            + " session.on('reconnecting', reason => said.push('reconnecting ' + reason));"
            + " session.on('reconnected', ({ resumed }) => said.push('reconnected ' + resumed));"
            + " session.on('failed', reason => said.push('failed ' + reason));"
            + " session.on('track', ({ mid, binding }) => tracks.set(mid, binding));"
            + " session.on('untrack', ({ mid }) => tracks.delete(mid));"
            + " for (const type of ['speakers', 'qualityScore', 'examMode', 'layersWanted']) {"
            + " session.on(type, message => { heard[type] = message; }); } return 0; })");
        return page;
    }
}
