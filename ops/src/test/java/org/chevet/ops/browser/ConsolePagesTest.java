package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pages against a relay inside the page: what is drawn, said and sent. */
class ConsolePagesTest {
    private static final Path ARTEFACTS = Path.of("target/artefacts");
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long FAR_S = 4_000_000_000L;
    private static final String ROSTER = """
        {roster: [{participant: 'me', role: 'practitioner', name: 'Dr Test', connections: [], publications: []},
          {participant: 'site', role: 'companion', name: 'Nurse', connections: ['whip'], publications: []}],
         pictures: [{participant: 'site', label: 'room'}]}""";
    private static final String ECG = """
        (async () => {
          window.ecg = fakeRelay.addStream({name: 'ecg', label: 'ECG', kind: 1, rateNumerator: 500, rateDenominator: 1,
            scale: 0.001, device: 'Test ECG',
            channels: [{label: 'I', mdc: 131329, unit: 'mV'}, {label: 'II', mdc: 131330, unit: 'mV'}]});
          const bytes = new Uint8Array(await (await fetch('/console/recordings/ptbxl-hr06004-12x500hz.i16le'))
            .arrayBuffer());
          const two = new Uint8Array(bytes.length / 6);
          for (let i = 0; i < bytes.length / 24; i++) {
            two.set(bytes.subarray(24 * i, 24 * i + 4), 4 * i);
          }
          window.timer = fakeRelay.play(ecg, two, 4, 100, {missing: (s) => s > 1 && s < 1.4});
          return true;
        })()""";
    private static final String STREAM = "chevetStats.streams.find(one => one.name === 'ecg')";

    private static ConsoleServer server;
    private static Chromium browser;

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        server = new ConsoleServer();
        browser = Chromium.start();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    @Tag("REQ-A3")
    void ecgIsDrawnSampleBySampleAndMissingOnesAreHatched() throws IOException {
        try (Page page = practitioner()) {
            page.evaluate(ECG);
            page.await(STREAM + "?.drawn > 1200", SOON);
            final JsonNode stream = page.evaluate(STREAM);
            assertEquals(0, stream.path("lostBlocks").asInt());
            assertEquals(1, stream.path("holes").asInt(), stream.toString());
            assertTrue(stream.path("fromDevice").asBoolean());
            assertTrue(stream.path("drawn").asLong() <= stream.path("samples").asLong()
                + stream.path("missingSamples").asLong(), stream.toString());
            assertTrue(ink(page, "#ecg") > 2000, "the trace has ink");
            page.screenshot(ARTEFACTS.resolve("practitioner-fake-relay.png"));
            final long before = page.evaluate(STREAM).path("drawn").asLong();
            page.await(STREAM + ".drawn > " + (before + 200), SOON);
            assertEquals(List.of(), page.errors());
        }
    }

    @Test
    void afterAnInterruptionTheStreamGoesOnWithoutLossOrRepeat() throws IOException {
        try (Page page = practitioner()) {
            page.evaluate(ECG);
            page.await(STREAM + "?.drawn > 300", SOON);
            for (int i = 0; i < 3; i++) {
                page.evaluate("chevetStats.session.vitals.interrupt()");
                page.await("chevetStats.parts.vitals === 'reconnecting'", SOON);
                page.await("chevetStats.parts.vitals === 'connected'", SOON);
                page.await(STREAM + "?.resumed === " + (i + 1), SOON);
            }
            page.evaluate("clearInterval(timer)");
            page.await(STREAM + ".next === ecg.next", SOON);
            final JsonNode stream = page.evaluate(STREAM);
            assertEquals(0, stream.path("lostBlocks").asInt(), stream.toString());
            assertEquals(0, stream.path("duplicates").asInt(), stream.toString());
            assertEquals(page.evaluate("ecg.next").asLong(), stream.path("next").asLong());
        }
    }

    @Test
    void whatFellOutOfTheRingIsToldAsOneGap() throws IOException {
        try (Page page = practitioner()) {
            page.evaluate(ECG);
            page.await(STREAM + "?.drawn > 300", SOON);
            page.evaluate("fakeRelay.vitalsDown = true, ecg.ring = 3, chevetStats.session.vitals.interrupt()");
            page.await("new Promise(done => setTimeout(() => done(true), 1200))", SOON);
            page.evaluate("fakeRelay.vitalsDown = false");
            page.await(STREAM + "?.gaps === 1", SOON);
            page.await(STREAM + ".next === ecg.next", SOON);
            final JsonNode stream = page.evaluate(STREAM);
            assertTrue(stream.path("lostBlocks").asInt() > 0, stream.toString());
            page.await("document.querySelector('#ecg-badges').textContent.includes('gap')", SOON);
        }
    }

    @Test
    @Tag("REQ-A4")
    void measurementsShowTheirLastValueAtOnceAndSayWhenItIsOld() throws IOException {
        try (Page page = practitioner()) {
            page.evaluate("""
                (() => {
                  const now = BigInt(Date.now()) * 1000000n;
                  const give = (source, values, ageS) => {
                    const stream = fakeRelay.addStream({kind: 2, sampleFormat: 5, staleAfterMs: 5000, ...source});
                    fakeRelay.push(stream, new Uint8Array(new Float64Array(values).buffer), 1,
                      {deviceTimeNs: now - BigInt(ageS) * 1000000000n});
                  };
                  give({name: 'spo2', mdcCode: 150456, channels: [{label: 'SpO2', mdc: 150456, unit: '%'}]}, [97], 0);
                  give({name: 'cuff', mdcCode: 150020, channels: [150021, 150022, 150023]
                    .map((mdc) => ({label: '', mdc, unit: 'mm[Hg]'}))}, [128, 76, 93], 120);
                })()""");
            page.await("chevetStats.numerics.length === 2", SOON);
            assertEquals("{\"label\":\"Oxygen saturation\",\"value\":\"97\",\"unit\":\"%\",\"stale\":false}",
                page.evaluate("chevetStats.numerics[0]").toString());
            assertEquals("{\"label\":\"Blood pressure\",\"value\":\"128/76 (93)\",\"unit\":\"mmHg\",\"stale\":true}",
                page.evaluate("chevetStats.numerics[1]").toString());
            page.await("chevetStats.numerics[0].stale", SOON);
        }
    }

    @Test
    void keysChangePaperAndLanguageAndListTheShortcuts() throws IOException {
        try (Page page = practitioner()) {
            page.press("v");
            assertEquals("50", page.evaluate("document.querySelector('input[name=speed]:checked').value").asText());
            page.press("a");
            assertEquals("20", page.evaluate("document.querySelector('input[name=gain]:checked').value").asText());
            page.press("l");
            page.await("document.documentElement.lang === 'fr' && document.querySelector('#leave').textContent === "
                + "'Quitter'", SOON);
            page.press("?");
            page.await("document.querySelector('#help-dialog').open", SOON);
            assertTrue(page.evaluate("document.querySelectorAll('#help-list kbd').length").asInt() >= 8);
            page.evaluate("localStorage.clear()");
        }
    }

    @Test
    void everyControlHasANameAndCanBeReachedByKeyboard() throws IOException {
        for (final String path : List.of("/practitioner", "/site")) {
            try (Page page = open(path, path.equals("/site") ? "companion" : "practitioner")) {
                assertEquals("[]", page.evaluate("""
                    [...document.querySelectorAll('button, input, select, a, [role=img]')]
                      .filter((one) => one.offsetParent !== null)
                      .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()
                        || one.closest('label')?.textContent.trim()) || one.tabIndex < 0)
                      .map((one) => one.outerHTML.slice(0, 80))""").toString(), path);
            }
        }
    }

    @Test
    void aMissingExpiredOrRefusedTokenIsExplained() throws IOException {
        try (Page page = browser.open()) {
            page.beforeLoad(ConsoleServer.fakeRelay("{}"));
            page.navigate(server.url("/practitioner"));
            page.await("document.querySelector('#entrance h2')?.textContent.includes('needs a join link')", SOON);
        }
        try (Page page = browser.open()) {
            page.beforeLoad(ConsoleServer.fakeRelay("{}"));
            page.navigate(server.url("/practitioner#t=" + ConsoleServer.token("practitioner", 1_000_000_000)));
            page.await("document.querySelector('#entrance h2')?.textContent.includes('has expired')", SOON);
        }
        try (Page page = browser.open()) {
            page.beforeLoad(ConsoleServer.fakeRelay("{}")
                + "\nfakeRelay.refuse = [401, 'Unauthorized', 'The signature of the token does not match.'];");
            page.navigate(server.url("/site#t=" + ConsoleServer.token("companion", FAR_S)));
            page.await("document.querySelector('#entrance p')?.textContent.includes('signature of the token')", SOON);
            assertEquals("failed", page.evaluate("chevetStats.state").asText());
        }
    }

    @Test
    void aPastedLinkOpensThePageOfItsRole() throws IOException {
        try (Page page = browser.open()) {
            page.beforeLoad(ConsoleServer.fakeRelay(ROSTER));
            page.navigate(server.url("/"));
            page.await("document.querySelector('input[name=link]')", SOON);
            page.evaluate("document.querySelector('input[name=link]').value = 'nonsense'");
            page.click(".paste button");
            page.await("document.querySelector('.paste .fault').textContent.includes('not a join link')", SOON);
            page.evaluate("document.querySelector('input[name=link]').value = 'https://relay.example/x#t="
                + ConsoleServer.token("companion", FAR_S) + "'");
            page.click(".paste button");
            page.await("location.pathname === '/site' && window.chevetStats?.state === 'connected'", SOON);
        }
    }

    @Test
    void siteSendsCameraAndDevicesAndKeepsBlocksWhileTheLinkIsDown() throws IOException {
        try (Page page = open("/site", "companion")) {
            page.click("#allow");
            page.click("#publish");
            page.await("chevetStats.parts['publish:camera'] === 'connected'", SOON);
            page.evaluate("document.querySelector('#recording').value = 'mitbih'");
            page.click("#start-device");
            page.await("chevetStats.published[0]?.heldBelow > 5", SOON);
            page.evaluate("fakeRelay.vitalsDown = true, chevetStats.session.vitals.interrupt()");
            page.await("chevetStats.published[0].unacknowledged > 5", SOON);
            page.evaluate("fakeRelay.vitalsDown = false");
            page.await("chevetStats.published[0].state === 'open' && chevetStats.published[0].unacknowledged === 0",
                SOON);
            assertTrue(page.evaluate("fakeRelay.held.get('ecg-2').every((block, i) => block.sequence === i)")
                .asBoolean(), "every block once and in order");
            page.screenshot(ARTEFACTS.resolve("site-fake-relay.png"));
            page.click("#publish");
            page.await("fakeRelay.deleted.includes('p1')", SOON);
            assertEquals(List.of(), page.errors());
        }
    }

    @Test
    void theHeartSoundPlaysOnlyAfterAGesture() throws IOException {
        try (Page page = practitioner()) {
            page.evaluate("""
                (async () => {
                  const file = await fetch('/console/recordings/circor-40840-mv.wav');
                  const wav = new Uint8Array(await file.arrayBuffer());
                  const stream = fakeRelay.addStream({name: 'heart', kind: 3, rateNumerator: 4000, rateDenominator: 1,
                    scale: 1 / 32768, hasMissingValue: 0, channels: [{label: '', mdc: 0, unit: '1'}]});
                  fakeRelay.play(stream, wav.slice(44), 2, 50);
                })()""");
            page.await("chevetStats.streams[0]?.drawn > 4000", SOON);
            assertFalse(page.evaluate("chevetStats.heart.on").asBoolean());
            page.click("#listen");
            page.await("chevetStats.heart.played > 4000", SOON);
            page.click("#listen");
            page.await("!chevetStats.heart.on", SOON);
            assertEquals(List.of(), page.errors());
        }
    }

    private static Page practitioner() {
        return open("/practitioner", "practitioner");
    }

    private static Page open(final String path, final String role) {
        final Page page = browser.open();
        page.viewport(1440, 900, 1);
        page.beforeLoad(ConsoleServer.fakeRelay(ROSTER) + "\nlocalStorage.removeItem('chevet.paper');");
        page.navigate(server.url(path + "#t=" + ConsoleServer.token(role, FAR_S)));
        page.await("window.chevetStats?.state === 'connected'", SOON);
        return page;
    }

    /** Pixels of the upper canvas that are not empty. */
    private static int ink(final Page page, final String host) {
        return page.evaluate("""
            (() => {
              const canvas = document.querySelectorAll('%s canvas')[1];
              const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              let ink = 0;
              for (let i = 3; i < data.length; i += 4) {
                ink += data[i] > 0 ? 1 : 0;
              }
              return ink;
            })()""".formatted(host)).asInt();
    }
}
