package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Modules of the console, each by itself, in the browser. */
class ConsoleModulesTest {
    private static final Path SCHEMA = Path.of("../codec/src/main/sbe/vitals.xml");
    /** Types of the tables in sbe.js by type of the schema. */
    private static final Map<String, List<String>> TYPES = Map.of("uint8", List.of("u8"), "uint16", List.of("u16"),
        "uint32", List.of("u32"), "uint64", List.of("u64", "index"), "int64", List.of("i64"),
        "double", List.of("f64"), "optionalIndex", List.of("optionalIndex"),
        "optionalTimeNs", List.of("optionalTime"));

    private static ConsoleServer server;
    private static Chromium browser;
    private static Page page;

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        server = new ConsoleServer();
        browser = Chromium.start();
        page = browser.open(server.url("/"));
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
    void aTokenIsAskedForAWhileAndOthersThanANewerOneOfTheSamePersonAreNotTaken() {
        final JsonNode told = page.evaluate("""
            import('/console/renewal.js').then(async ({ TokenRenewal }) => {
              const made = (sub, consultation, s) => `e30.${btoa(JSON.stringify({ sub, consultation,
                exp: Math.floor(Date.now() / 1000) + s })).replace(/=/g, '')}.x`;
              const told = { taken: [], wants: [] };
              const answers = ['', 'rubbish', made('b', 'c', 900), made('a', 'd', 900), made('a', 'c', 50)];
              const good = made('a', 'c', 900);
              const renew = async () => answers.shift() ?? good;
              const one = new TokenRenewal({ token: made('a', 'c', 60), renew,
                taken: token => told.taken.push(token === good) });
              told.forbidden = one.wants({ status: 403 });
              for (let i = 0; i < 6; i++) {
                told.wants.push(one.wants({ status: 401 }));
                told.last = await one.now();
              }
              one.stop();
              const without = new TokenRenewal({ token: made('a', 'c', -1),
                renew: () => Promise.reject(new Error('no')), taken: () => told.taken.push('never') });
              for (let i = 0; i < 8; i++) {
                told.patience = without.wants({ status: 401 }) ? i + 1 : told.patience;
                await without.now();
              }
              without.stop();
              return told;
            })""");
        assertEquals("{\"taken\":[true],\"wants\":[true,true,true,true,true,true],\"forbidden\":false,"
            + "\"last\":true,\"patience\":6}", told.toString());
    }

    @Test
    void linkHeadersOfTurnServersBecomeIceServers() {
        final JsonNode servers = page.evaluate("import('/console/whip.js').then(m => m.iceServersOf("
            + "'<turn:a:3478?transport=udp>; rel=\"ice-server\"; username=\"1:b\"; credential=\"c+/=\"; "
            + "credential-type=\"password\", </x>; rel=\"next\", <turns:d:443>; rel=\"ice-server\"'))");
        assertEquals("[{\"urls\":\"turn:a:3478?transport=udp\",\"username\":\"1:b\",\"credential\":\"c+/=\"},"
            + "{\"urls\":\"turns:d:443\"}]", servers.toString());
        assertEquals(0, page.evaluate("import('/console/whip.js').then(m => m.iceServersOf(''))").size());
    }

    @Test
    void sbeTablesAreTheSchemaFieldByField() throws Exception {
        final JsonNode tables = page.evaluate("import('/console/sbe.js').then(m => m.MESSAGES)");
        final Document schema = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(SCHEMA.toFile());
        final NodeList messages = schema.getElementsByTagName("sbe:message");
        assertEquals(messages.getLength(), tables.size());
        for (int i = 0; i < messages.getLength(); i++) {
            final Element message = (Element) messages.item(i);
            final String name = message.getAttribute("name");
            final JsonNode table = tables.path(name);
            assertEquals(message.getAttribute("id"), table.path("id").asText(), name);
            assertEquals(described(message, "field"), described(message, table.path("fields")), name);
            assertEquals(described(message, "data"), described(message, table.path("data")), name);
            for (final Element group : children(message, "group")) {
                assertEquals(group.getAttribute("name"), table.path("group").path("name").asText(), name);
                assertEquals(described(group, "field"), described(group, table.path("group").path("fields")), name);
                assertEquals(described(group, "data"), described(group, table.path("group").path("data")), name);
            }
        }
    }

    @Test
    void sbeEnumsAreTheSchemaValueByValue() throws Exception {
        final JsonNode module = page.evaluate("import('/console/sbe.js').then(({Kind, ClinicalClass, SampleFormat, "
            + "AckMode, StartFrom, StreamStatus, CloseReason, GapReason, ErrorCode, BlockFlag, AlertPriority, "
            + "AlertPhase, AlertAckState}) => ({Kind, "
            + "ClinicalClass, SampleFormat, AckMode, StartFrom, StreamStatus, CloseReason, GapReason, ErrorCode, "
            + "BlockFlag, AlertPriority, AlertPhase, AlertAckState}))");
        final Document schema = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(SCHEMA.toFile());
        final NodeList enums = schema.getElementsByTagName("enum");
        int compared = 0;
        for (int i = 0; i < enums.getLength(); i++) {
            final Element one = (Element) enums.item(i);
            final JsonNode table = module.path(one.getAttribute("name"));
            if (one.getAttribute("name").equals("YesNo")) {
                continue;
            }
            final List<Element> values = children(one, "validValue");
            assertEquals(values.size(), table.size(), one.getAttribute("name"));
            for (final Element value : values) {
                assertEquals(value.getTextContent(), table.path(value.getAttribute("name")).asText(),
                    one.getAttribute("name") + "." + value.getAttribute("name"));
                compared++;
            }
        }
        assertTrue(compared > 30, "compared " + compared);
        for (final Element choice : children((Element) schema.getElementsByTagName("set").item(0), "choice")) {
            assertEquals(1 << Integer.parseInt(choice.getTextContent()),
                module.path("BlockFlag").path(choice.getAttribute("name")).asInt(), choice.getAttribute("name"));
        }
    }

    @Test
    @Tag("REQ-A8")
    void alertIsShownAcceptedAndALostLinkIsNotSilence() {
        final JsonNode result = page.evaluate("""
            Promise.all([import('/console/alerts.js'), import('/console/remotestream.js')]).then(([a, r]) => {
              const sent = [];
              const stream = new r.RemoteStream('k', (name, values) => sent.push([name, values]));
              const info = {streamId: 4, kind: 5, status: 1, name: 'alarms', label: 'Monitor', device: '', keyId: 0,
                sampleFormat: 6, missingValue: 0n, staleAfterMs: 3000, channels: []};
              stream.announced(info);
              const host = document.createElement('div');
              const banners = new a.AlertBanners(host);
              banners.board.add(stream);
              const texts = [];
              const note = () => texts.push([...host.children].map((one) => one.className).join());
              const alert = (sequence, alertId, priority, ageMs) => stream.take('alert', {sequence,
                firstSample: sequence, sampleCount: 1, flags: 0, deviceTimeNs: null, alertId, priority, phase: 1,
                ttlMs: 60000,
                escalateAfterMs: 0, ageMs, payload: new TextEncoder().encode('SpO2 low')}, 0n);
              note();
              alert(0, 1, 2, 0); note();
              alert(1, 2, 1, 0); note();
              alert(2, 3, 1, 60000); note();
              const shown = host.textContent.includes('SpO2 low');
              host.querySelector('button').click(); note();
              stream.alertAcknowledged({alertId: 1, participant: 'nurse', state: 3}); note();
              stream.take('stateChanged', {status: 2}); note();
              stream.announced(info); note();
              const acks = sent.filter(([name]) => name === 'AlertAck').map(([, v]) => `${v.alertId}:${v.state}`);
              return {texts, shown, acks};
            })""");
        assertEquals("[\"\",\"alert alert-medium\",\"alert alert-high,alert alert-medium\","
            + "\"alert alert-high,alert alert-medium\",\"alert alert-medium\",\"\",\"alert alert-link\",\"\"]",
            result.path("texts").toString());
        assertTrue(result.path("shown").asBoolean(), "what the device says is readable");
        assertEquals("[\"1:1\",\"1:2\",\"2:1\",\"2:2\",\"2:3\",\"1:2\",\"2:3\"]", result.path("acks").toString());
    }

    @Test
    @Tag("REQ-O18")
    void anObjectIsSentAtTheReceiversPaceAndChecked() {
        final JsonNode result = page.evaluate("""
            Promise.all([import('/console/objects.js'), import('/console/remotestream.js')]).then(async ([o, r]) => {
              const run = async (spoil) => {
                const bytes = new Uint8Array(10000).map((_, i) => i * 7);
                const stream = new r.RemoteStream('k', () => true);
                stream.announced({streamId: 1, kind: 6, status: 1, keyId: 0, sampleFormat: 7, missingValue: 0n,
                  channels: []});
                const receiver = new o.ObjectReceiver(stream);
                const ended = new Promise((resolve) => {
                  receiver.on('complete', (one) => resolve(`${one.name} ${one.type} ${one.bytes.length} `
                    + one.bytes.every((byte, i) => byte === bytes[i])));
                  receiver.on('broken', resolve);
                });
                const sent = [];
                const file = new File([bytes], 'a/b.jpg', {type: 'image/jpeg'});
                const sender = await o.ObjectSender.of(1, file, 'x', (name, values) => sent.push([name, values]));
                sender.open();
                sender.opened({streamId: 1, nextSequence: 0});
                const before = sent.length;
                sender.credited({receivedBelow: 0, credit: 2});
                sender.opened({streamId: 1, nextSequence: 2});
                sender.credited({receivedBelow: 2, credit: 9});
                const blocks = sent.filter(([name]) => name === 'Block').map(([, values]) => values);
                blocks.forEach((block, i) => stream.take('block', {...block, payload: spoil && i === 2
                  ? block.payload.map((b) => b ^ 1) : block.payload}, 0n));
                return [before, blocks.map((block) => block.sequence).join(), await ended];
              };
              return [await run(false), await run(true)];
            })""");
        assertEquals("[[1,\"0,1,2,3\",\"a_b.jpg image/jpeg 10000 true\"],[1,\"0,1,2,3\",\"SHA-256 differs\"]]",
            result.toString());
    }

    @Test
    void everyMessageComesBackAsItWasAndCutOnesAreRefused() {
        final JsonNode faults = page.evaluate("""
            import('/console/sbe.js').then(({MESSAGES, encode, decode, MalformedMessage}) => {
              const faults = [];
              const sample = {u8: 3, u16: 515, u32: 4000000000, u64: 2n ** 63n + 5n, i64: -5n, f64: -0.125,
                index: 2 ** 52, optionalIndex: null, optionalTime: -7n, text: 'né µV',
                bytes: new Uint8Array([1, 2, 3])};
              const fill = (fields) => Object.fromEntries((fields ?? []).map(([name, type]) => [name, sample[type]]));
              const same = (a, b) => JSON.stringify(a, text) === JSON.stringify(b, text);
              const text = (key, value) => typeof value === 'bigint' ? `${value}n`
                : value instanceof Uint8Array ? [...value] : value;
              for (const [name, m] of Object.entries(MESSAGES)) {
                const values = {...fill(m.fields)};
                if (m.group) {
                  values[m.group.name] = [1, 2].map(() => ({...fill(m.group.fields), ...fill(m.group.data)}));
                }
                Object.assign(values, fill(m.data));
                const bytes = encode(name, values);
                const back = decode(bytes.buffer);
                if (!same({type: name, ...values}, back)) {
                  faults.push(`${name}: ${JSON.stringify(back, text)}`);
                }
                for (let cut = 0; cut < bytes.length; cut++) {
                  try {
                    decode(bytes.slice(0, cut).buffer);
                    faults.push(`${name} cut to ${cut} of ${bytes.length} was accepted`);
                  } catch (error) {
                    if (!(error instanceof MalformedMessage)) {
                      faults.push(`${name} cut to ${cut}: ${error}`);
                    }
                  }
                }
              }
              return faults;
            })""");
        assertEquals("[]", faults.toString());
    }

    @Test
    void clockRejectsSlowExchangesAndBoundsItsError() {
        final JsonNode result = page.evaluate("""
            import('/console/clock.js').then(({ClockEstimator}) => {
              const e = new ClockEstimator();
              const offset = 123_000_000n;
              const exchange = (there, back) => {
                const t1 = 1_000_000_000n;
                e.add(t1, t1 + there + offset, t1 + there + offset + 10_000n, t1 + there + back + 10_000n);
              };
              for (let i = 0; i < 7; i++) {
                exchange(2_000_000n, 2_100_000n);
              }
              const early = e.estimate();
              exchange(300_000_000n, 1_000_000n);
              exchange(1_900_000n, 2_100_000n);
              e.add(10n, 0n, 500n, 20n);
              const {offsetNs, uncertaintyNs, samples} = e.estimate();
              const error = offsetNs > offset ? offsetNs - offset : offset - offsetNs;
              return {early, within: error <= uncertaintyNs, errorUs: Number(error) / 1000, samples};
            })""");
        assertTrue(result.path("early").isNull());
        assertTrue(result.path("within").asBoolean(), result.toString());
        assertTrue(result.path("errorUs").asDouble() < 200, result.toString());
        assertEquals(9, result.path("samples").asInt(), result.toString());
    }

    @Test
    void heartWorkletPlaysExactSamplesAndSilenceForHoles() {
        final JsonNode result = page.evaluate("""
            (async () => {
              let Player;
              globalThis.AudioWorkletProcessor = class { constructor() { this.port = {postMessage() {}}; } };
              globalThis.registerProcessor = (name, one) => { Player = one; };
              await import('/console/heart-worklet.js');
              const player = new Player({processorOptions: {target: 200, most: 5000}});
              const wanted = Float32Array.from({length: 1000}, (_, i) => (i * 37 % 65536 - 32768) / 32768);
              player.take({samples: wanted.slice(0, 333)});
              player.take({silence: 50});
              player.take({samples: wanted.slice(333)});
              const got = [];
              for (let i = 0; i < 9; i++) {
                const out = new Float32Array(128);
                player.process([], [[out]]);
                got.push(...out);
              }
              const holes = got.slice(333, 383).every((one) => one === 0);
              const heard = [...got.slice(0, 333), ...got.slice(383, 1050)];
              return {exact: heard.length === 1000 && heard.every((one, i) => one === wanted[i]), holes,
                played: player.played, underruns: player.underruns};
            })()""");
        assertTrue(result.path("exact").asBoolean(), result.toString());
        assertTrue(result.path("holes").asBoolean(), result.toString());
        assertEquals(1050, result.path("played").asInt());
        assertEquals(1, result.path("underruns").asInt(), "the end of the queue is one underrun");
    }

    @Test
    void upsamplingKeepsEverySampleAndHalfADecibelUpTo1000Hz() {
        final JsonNode result = page.evaluate("""
            import('/console/upsample.js').then(({Upsampler}) => {
              const results = [];
              for (const hz of [20, 50, 100, 400, 1000]) {
                const up = new Upsampler(2);
                const wave = (i, rate) => Math.sin(2 * Math.PI * hz * i / rate);
                const out = [];
                for (let block = 0; block < 20; block++) {
                  out.push(...up.push(Float32Array.from({length: 200}, (_, i) => wave(block * 200 + i, 4000))));
                }
                let worst = 0;
                let moved = 0;
                for (let i = 200; i < out.length; i++) {
                  worst = Math.max(worst, Math.abs(out[i] - wave(i - 32, 8000)));
                  moved += i % 2 === 0 && out[i] !== Math.fround(wave((i - 32) / 2, 4000)) ? 1 : 0;
                }
                results.push({hz, worst, moved});
              }
              return results;
            })""");
        for (final JsonNode one : result) {
            assertEquals(0, one.path("moved").asInt(), one.toString());
            assertTrue(one.path("worst").asDouble() < 0.01, one.toString());
        }
        assertEquals(5, result.size());
    }

    @Test
    void frenchAndEnglishHaveTheSameTextsWithTheSameNames() {
        final JsonNode faults = page.evaluate("""
            Promise.all([import('/console/texts-en.js'), import('/console/texts-fr.js')]).then(([{EN}, {FR}]) => {
              const names = (text) => (text?.match(/\\{\\w+\\}/g) ?? []).sort().join();
              return [...new Set([...Object.keys(EN), ...Object.keys(FR)])]
                .filter((key) => !EN[key] || !FR[key] || names(EN[key]) !== names(FR[key]));
            })""");
        assertEquals("[]", faults.toString());
    }

    @Test
    void csvAndWavKeepSamplesAndHoles() {
        final JsonNode result = page.evaluate("""
            Promise.all([import('/console/recordings.js'), import('/console/sbe.js')]).then(async ([r, s]) => {
              const csv = r.readCsv('II;V5\\n0,5;1\\n;-0,25\\n', 249.89, 'x');
              const wav = new Uint8Array(await (await fetch('/console/recordings/circor-40840-mv.wav')).arrayBuffer());
              const sound = r.readWav(wav, 'y');
              let refused = '';
              try { r.readWav(new Uint8Array(100), 'z'); } catch (error) { refused = error.message; }
              return {csv: [...s.samplesOf(csv.bytes, csv.stream.sampleFormat)].map(String),
                rate: csv.stream.rateNumerator / csv.stream.rateDenominator, mdc: csv.stream.channels[0].mdc,
                frames: sound.bytes.length / sound.frameBytes, hz: sound.stream.rateNumerator, refused};
            })""");
        assertEquals("[\"0.5\",\"1\",\"NaN\",\"-0.25\"]", result.path("csv").toString());
        assertEquals(249.89, result.path("rate").asDouble(), 1e-9);
        assertEquals(131330, result.path("mdc").asInt());
        assertEquals(83008, result.path("frames").asInt());
        assertEquals(4000, result.path("hz").asInt());
        assertFalse(result.path("refused").asText().isEmpty());
    }

    @Test
    void everyModuleIsLoadable() throws IOException {
        final List<String> modules = new ArrayList<>();
        try (var files = Files.list(Path.of("src/main/resources/console"))) {
            files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".js"))
                .filter(name -> !List.of("practitioner.js", "site.js", "home.js", "heart-worklet.js").contains(name))
                .forEach(modules::add);
        }
        assertTrue(modules.size() > 15, modules.toString());
        for (final String module : modules) {
            assertTrue(page.evaluate("import('/console/" + module + "').then(m => Object.keys(m).length > 0)")
                .asBoolean(), module);
        }
    }

    private static List<String> described(final Element parent, final String tag) {
        final List<String> names = new ArrayList<>();
        for (final Element element : children(parent, tag)) {
            names.add(element.getAttribute("name"));
        }
        return names;
    }

    /** Names of the table, after a check of each type against the schema. */
    private static List<String> described(final Element parent, final JsonNode table) {
        final List<String> names = new ArrayList<>();
        for (final JsonNode row : table) {
            final String name = row.path(0).asText();
            final String type = row.path(1).asText();
            for (final String tag : List.of("field", "data")) {
                for (final Element element : children(parent, tag)) {
                    if (element.getAttribute("name").equals(name)) {
                        final String declared = element.getAttribute("type");
                        final List<String> accepted = switch (declared) {
                            case "varText" -> List.of("text");
                            case "varBytes" -> List.of("bytes");
                            case "BlockFlags" -> List.of("u32");
                            default -> TYPES.getOrDefault(declared, List.of("u8"));
                        };
                        assertTrue(accepted.contains(type), name + " is " + declared + ", not " + type);
                    }
                }
            }
            names.add(name);
        }
        return names;
    }

    private static List<Element> children(final Element parent, final String tag) {
        final List<Element> elements = new ArrayList<>();
        for (int i = 0; i < parent.getChildNodes().getLength(); i++) {
            if (parent.getChildNodes().item(i) instanceof Element element && element.getTagName().equals(tag)) {
                elements.add(element);
            }
        }
        return elements;
    }
}
