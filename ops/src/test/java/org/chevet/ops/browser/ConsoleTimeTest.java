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
