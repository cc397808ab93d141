package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Random;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.relay.signal.HttpRoute;
import org.chevet.relay.stream.ClockFilter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The console's clock, jitter buffer and alignment in virtual time, inside Chromium. */
class ConsoleTimeTest {
    private static final long MS = 1_000_000L;

    @AutoClose
    private static ConsoleServer console;
    @AutoClose
    private static Chromium browser;
    private static Page page;

    @BeforeAll
    static void open() throws IOException {
        Chromium.require();
        console = new ConsoleServer(new Both());
        browser = Chromium.start();
        page = browser.open(console.url(TestPages.EMPTY));
    }

    @Test
    @Tag("REQ-A3")
    void clockJsIsTheJavaFilterBitForBit() {
        final StringBuilder exchanges = new StringBuilder();
        final StringBuilder expected = new StringBuilder();
        for (int seed = 0; seed < 20; seed++) {
            final Random random = new Random(seed);
            final ClockFilter filter = new ClockFilter(100_000);
            final double drift = (random.nextDouble() * 2 - 1) * 100e-6;
            long offset = random.nextLong(1L << 60);
            long now = 1_700_000_000_000L * MS;
            for (int i = 0; i < 45; i++) {
                now += i < 12 ? 100 * MS : 10_000 * MS;
                // One clock is stepped on its way.
                offset += Math.round((i < 12 ? 100 * MS : 10_000 * MS) * drift);
                offset += seed == 7 && i == 30 ? 900 * MS : 0;
                final long up = 80 * MS + random.nextInt(3_000_000)
                    + (random.nextInt(4) == 3 ? random.nextInt(300) * MS : 0);
                final long t2 = now + up + offset;
                final long t3 = t2 + random.nextInt(100_000);
                final long t4 = t3 - offset + random.nextInt(3_000_000);
                filter.add(now, t2, t3, t4);
                exchanges.append("[" + now + "n," + t2 + "n," + t3 + "n," + t4 + "n," + (t4 + 7_000 * MS) + "n],");
                expected.append(filter.samples() < ClockFilter.MIN_SAMPLES ? "null;"
                    : filter.offsetNs(t4 + 7_000 * MS) + "," + filter.uncertaintyNs(t4 + 7_000 * MS) + ";");
            }
            exchanges.append("0,");
            expected.append('|');
        }
        final String got = page.evaluate("import('/console/clock.js').then(({ClockEstimator}) => { let text = '';"
            + " let one = new ClockEstimator(); for (const each of [" + exchanges + "]) {"
            + " if (each === 0) { text += '|';"
            + " one = new ClockEstimator(); } else { one.add(...each.slice(0, 4)); const e = one.estimate(each[4]);"
            + " text += e ? `${e.offsetNs},${e.uncertaintyNs};` : 'null;'; } } return text; })").asText();
        assertEquals(expected.toString(), got);
    }

    @Test
    @Tag("REQ-A3")
    void aMinuteOf100PpmAnd150MsOfJitterPlaysWithoutAnUnderrunAtTheDevicesRate() {
        final JsonNode runs = page.evaluate("import('/test/jitter.js').then(({play}) => [1, 2, 3, 4, 5, 6]"
            + ".map((seed) => play({seed: seed * 7919, seconds: 60, ppm: seed % 2 ? 100 : -100, jitterS: 0.15,"
            + " told: true})))");
        assertEquals(6, runs.size());
        for (final JsonNode run : runs) {
            assertEquals(0, run.path("underruns").asInt(), run.toString());
            assertEquals(0, run.path("skipped").asInt(), run.toString());
            assertEquals(0, run.path("silent").asInt(), run.toString());
            assertTrue(run.path("latencyMs").asDouble() <= 450, run.toString());
            assertTrue(run.path("offPpm").asDouble() <= 10, run.toString());
            assertTrue(run.path("spanMs").asDouble() <= 5, "no jitter after the buffer: " + run);
        }
    }

    /** Arrivals alone tell less: the pitch stands and nothing is lost, the rate is found in minutes. */
    @Test
    void withoutTheDevicesTimesNothingIsLostEither() {
        final JsonNode runs = page.evaluate("import('/test/jitter.js').then(({play}) => [1, 2].map((seed) => play("
            + "{seed: seed * 7919, seconds: 300, ppm: 100, jitterS: 0.15, told: false})))");
        for (final JsonNode run : runs) {
            assertEquals(0, run.path("underruns").asInt(), run.toString());
            assertEquals(0, run.path("skipped").asInt(), run.toString());
            assertTrue(run.path("latencyMs").asDouble() <= 450, run.toString());
            assertTrue(run.path("offPpm").asDouble() <= 100, run.toString());
        }
    }

    @Test
    void samplesPassBitForBitWhileTheRatioIsOneAndAnUnderrunIsSilence() {
        final JsonNode result = page.evaluate("""
            import('/console/jitterbuffer.js').then(({JitterBuffer}) => {
              const buffer = new JitterBuffer({rate: 4000, targetS: 0.05, mostS: 1});
              const wanted = Float32Array.from({length: 900}, (_, i) => Math.fround((i * 37 % 65536 - 32768) / 32768));
              const got = [];
              const pull = (n) => { for (let i = 0; i < n; i++) {
                const out = new Float32Array(128).fill(9); buffer.pull(out); got.push(...out); } };
              pull(1);
              buffer.push(wanted.subarray(0, 500));
              pull(5);
              buffer.push(wanted.subarray(500));
              pull(5);
              const heard = [...got.slice(128, 628), ...got.slice(768, 1168)];
              return {exact: heard.every((one, i) => one === wanted[i]) && heard.length === 900,
                silent: [...got.slice(0, 128), ...got.slice(628, 768), ...got.slice(1168)].every((one) => one === 0),
                underruns: buffer.underruns, counted: buffer.silent, played: buffer.played};
            })""");
        assertTrue(result.path("exact").asBoolean(), result.toString());
        assertTrue(result.path("silent").asBoolean(), result.toString());
        assertEquals(2, result.path("underruns").asInt(), result.toString());
        assertEquals(900, result.path("played").asInt(), result.toString());
        assertEquals(140 + 240, result.path("counted").asInt(), result.toString());
    }

    @Test
    void aResampledToneKeepsItsLevelAndPitch() {
        final JsonNode result = page.evaluate("""
            import('/console/jitterbuffer.js').then(({JitterBuffer}) => [20, 100, 400, 1000].map((hz) => {
              const buffer = new JitterBuffer({rate: 4000, targetS: 0.05, mostS: 1});
              buffer.given = 1.0002;
              buffer.reset();
              let worst = 0;
              let sent = 0;
              let place = 0;
              for (let i = 0; i < 200; i++) {
                buffer.push(Float32Array.from({length: 128}, () => Math.sin(2 * Math.PI * hz * sent++ / 4000)));
                const out = new Float32Array(128);
                const before = buffer.played;
                buffer.pull(out);
                for (let j = 0; j < buffer.played - before; j++) {
                  if (place > 32) {
                    worst = Math.max(worst, Math.abs(out[j] - Math.sin(2 * Math.PI * hz * place / 4000)));
                  }
                  place += 1.0002;
                }
              }
              return {hz, worst, played: buffer.played};
            }))""");
        for (final JsonNode one : result) {
            assertTrue(one.path("worst").asDouble() < 0.01, one.toString());
            assertTrue(one.path("played").asInt() > 20_000, one.toString());
        }
        assertEquals(4, result.size());
    }

    @Test
    void whatIsUnknownIsNamedAndTheBoundHoldsOffsAndUncertainties() {
        final JsonNode result = page.evaluate("""
            import('/console/alignment.js').then(({combine}) => {
              const path = (name, kind, lagS, uncertaintyS) => ({name, kind, lagS, uncertaintyS, quantumS: 0.01});
              return [combine([path('a', 'picture', 0.2, 0.003), path('b', 'curve', 0.23, 0.004)]),
                combine([path('a', 'picture', null, 0), path('b', 'curve', 0.2, 0.004)]),
                combine([path('a', 'picture', 5, 0), path('b', 'sound', 0.2, 0.004)]), combine([])];
            })""");
        assertTrue(result.path(0).path("known").asBoolean());
        assertEquals(0.057, result.path(0).path("errorS").asDouble(), 1e-9);
        assertEquals("[\"a\"]", result.path(1).path("unknown").toString());
        assertTrue(!result.path(1).path("known").asBoolean());
        assertTrue(result.path(2).path("targetS").asDouble() < 0.3, "nobody waits for five seconds");
        assertTrue(!result.path(3).path("known").asBoolean());
    }

    @Test
    @Tag("REQ-A9")
    void aPlaceInTheBoxIsThatPlaceOfTheFrameWhereverTheBlackBarsAre() {
        final JsonNode result = page.evaluate("""
            import('/console/drawing.js').then(({pictureBox, onFrame, nearestOnFrame, inBox}) => {
              const wide = pictureBox(400, 300, 1280, 720);
              const tall = pictureBox(400, 300, 480, 640);
              return {wide, tall, none: pictureBox(400, 300, 0, 0),
                middle: [wide, tall].map((one) => onFrame(200, 150, one)),
                quarter: onFrame(100, 37.5 + 56.25, wide), bars: [onFrame(200, 37, wide), onFrame(87, 150, tall)],
                near: nearestOnFrame(-5, 500, wide), back: inBox(0.25, 0.25, wide)};
            })""");
        assertEquals("{\"left\":0,\"top\":37.5,\"width\":400,\"height\":225}", result.path("wide").toString());
        assertEquals("{\"left\":87.5,\"top\":0,\"width\":225,\"height\":300}", result.path("tall").toString());
        assertTrue(result.path("none").isNull());
        assertEquals("[{\"x\":0.5,\"y\":0.5},{\"x\":0.5,\"y\":0.5}]", result.path("middle").toString());
        assertEquals("{\"x\":0.25,\"y\":0.25}", result.path("quarter").toString());
        assertEquals("[null,null]", result.path("bars").toString());
        assertEquals("{\"x\":0,\"y\":1}", result.path("near").toString());
        assertEquals("{\"x\":100,\"y\":93.75}", result.path("back").toString());
    }

    /** Events of a channel that loses, doubles and reorders. */
    @Test
    @Tag("REQ-A9")
    void strokesAreWholeWhateverWasLostOnTheWayAndFadeAndAreWiped() {
        final JsonNode result = page.evaluate("""
            import('/console/drawing.js').then(({Drawing, MAX_POINTS}) => {
              const drawing = new Drawing();
              const base = {source: 7, publication: 3, sentUs: null};
              const stroke = (n, first, ...points) => ({...base, type: 'stroke', n, stroke: 1, first, points,
                frameUs: 1000 + n});
              const shown = (ms, publication = 3) => drawing.shown(publication, ms);
              const take = (event, ms, who = 'doctor') => drawing.apply(who, event, ms);
              const said = [take(stroke(2, 2, 0.3, 0.3, 0.4, 0.4), 0), take(stroke(1, 0, 0.1, 0.1, 0.2, 0.2), 1),
                take(stroke(1, 0, 0.1, 0.1, 0.2, 0.2), 1)];
              const whole = shown(2).strokes.map(({points, frameUs, alpha, participant}) =>
                ({points, frameUs, alpha, participant}));
              const elsewhere = shown(2, 4).strokes.length;
              const fading = [5000, 6500, 6751].map((ms) => shown(ms).strokes[0]?.alpha ?? null);
              const gone = [shown(7501).strokes.length, drawing.isEmpty(7501)];
              take(stroke(5, 0, 0.5, 0.5), 8000);
              take({...base, type: 'clear', n: 6}, 8001);
              said.push(take(stroke(4, 0, 0.5, 0.5), 8002));
              const wiped = shown(8003).strokes.length;
              take({...base, type: 'pointer', n: 9, x: 0.5, y: 0.6}, 9000);
              said.push(take({...base, type: 'pointer', n: 8, x: 0, y: 0}, 9001));
              const pointer = shown(9002).pointers.map(({x, y}) => [x, y]);
              const lifted = shown(10201).pointers.length;
              // The page was loaded again, and counts from the beginning.
              said.push(take({...base, source: 8, type: 'pointer', n: 0, x: 1, y: 1}, 9003));
              const bad = [{}, {...base, type: 'pointer', n: 1, x: 1.1, y: 0}, {...base, type: 'pointer', n: -1, x: 0,
                y: 0}, stroke(9, 0, 0.1), stroke(9, MAX_POINTS, 0.1, 0.1), stroke(9, 0, '0.1', 0.2), {...base, n: 3,
                type: 'other'}].map((event) => take(event, 9004));
              const full = Array.from({length: 20}, (_, i) => take({...base, type: 'pointer', n: 1, x: 0, y: 0}, 9004,
                'p' + i)).filter((one) => one === 'full').length;
              return {said, whole, elsewhere, fading, gone, wiped, pointer, lifted, bad: [...new Set(bad)], full};
            })""");
        assertEquals("[\"\",\"\",\"\",\"old\",\"old\",\"\"]", result.path("said").toString());
        assertEquals("[{\"points\":[0.1,0.1,0.2,0.2,0.3,0.3,0.4,0.4],\"frameUs\":1001,\"alpha\":1,"
            + "\"participant\":\"doctor\"}]", result.path("whole").toString());
        assertEquals(0, result.path("elsewhere").asInt(), "only on its own video");
        assertEquals(1, result.path("fading").path(0).asDouble());
        assertEquals(0.667, result.path("fading").path(1).asDouble(), 0.001);
        assertEquals(0.5, result.path("fading").path(2).asDouble(), 0.001);
        assertEquals("[0,true]", result.path("gone").toString());
        assertEquals(0, result.path("wiped").asInt());
        assertEquals("[[0.5,0.6]]", result.path("pointer").toString());
        assertEquals(0, result.path("lifted").asInt());
        assertEquals("[\"malformed\"]", result.path("bad").toString());
        assertEquals(5, result.path("full").asInt(), "16 people");
    }

    @Test
    @Tag("REQ-A9")
    void ofWhatIsSupersededOnlyTheNewestIsSentAndUnknownLatenciesAreNotInvented() {
        final JsonNode result = page.evaluate("""
            Promise.all([import('/console/channels.js'), import('/console/latency.js')]).then(([{Waiting},
                {LatencyMeter, toneOf}]) => {
              const waiting = new Waiting();
              const replaced = [waiting.offer('a', 'pointer'), waiting.offer('words'), waiting.offer('b', 'pointer'),
                waiting.offer('more words'), waiting.offer('s', 'stroke 1')];
              const taken = [waiting.size, waiting.take(), waiting.take()];
              const meter = new LatencyMeter();
              const empty = meter.read(0);
              [50, 900, 60].forEach((ms, i) => meter.add(ms, i, 1000 * i));
              return {replaced, taken, empty, read: meter.read(2001), late: meter.read(4001),
                tones: [null, {ms: 200}, {ms: 299}, {ms: 300}].map(toneOf)};
            })""");
        assertEquals("[null,null,\"a\",null,null]", result.path("replaced").toString());
        assertEquals("[4,[\"words\",\"b\",\"more words\",\"s\"],[]]", result.path("taken").toString());
        assertTrue(result.path("empty").isNull());
        assertEquals("{\"ms\":900,\"errorMs\":2}", result.path("read").toString());
        assertTrue(result.path("late").isNull());
        assertEquals("[\"plain\",\"good\",\"plain\",\"warn\"]", result.path("tones").toString());
    }

    /** The console's modules and the test's from one origin. */
    private static final class Both implements HttpRoute {
        private final HttpRoute modules = new ConsoleRoute();
        private final HttpRoute pages = new TestPages();

        @Override
        public String path() {
            return "/";
        }

        @Override
        public Reply handle(final Request request) {
            return (request.path().startsWith(pages.path()) ? pages : modules).handle(request);
        }
    }
}
