package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.chevet.codec.pack.SamplePacker;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.relay.signal.HttpRoute;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Keys, SFrame and epochs of the browser, each by itself, in Chromium. */
@Tag("REQ-O8")
class EndToEndKeysTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Path VECTORS = Path.of("../relay-core/src/test/resources/e2ee/vectors.json");
    private static final Path PACKED = Path.of("../codec/src/test/resources/pack/vectors.json");
    private static final Path RECORDING =
        Path.of("src/main/resources/console/recordings/ptbxl-hr06004-12x500hz.i16le");
    private static final long FAR_S = 4_000_000_000L;
    private static final String MODULES = """
        const load = (name) => import('/console/' + name + '.js');
        const [sframe, keys, blocks, pages] = await Promise.all(['sframe', 'keys', 'sealedblocks', 'frames-worker']
          .map(load));
        const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (one) => parseInt(one, 16));
        const hex = (array) => [...array].map((one) => one.toString(16).padStart(2, '0')).join('');
        const why = (promise) => promise.then(() => 'opened', (error) => error.reason ?? error.message);
        const ringOf = async (fill, clock) => {
          const ring = new keys.Keyring(clock);
          await ring.hold(0, await keys.epochZero(new Uint8Array(32).fill(fill)));
          return ring;
        };
        """;

    @AutoClose
    private static ConsoleServer server;
    @AutoClose
    private static Chromium browser;
    private static Page page;

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        final HttpRoute console = new ConsoleRoute();
        final HttpRoute tests = new TestPages();
        server = new ConsoleServer(new HttpRoute() {
            @Override
            public String path() {
                return console.path();
            }

            @Override
            public Reply handle(final Request request) {
                return (request.path().startsWith(tests.path()) ? tests : console).handle(request);
            }
        });
        browser = Chromium.start();
        page = browser.open(server.url(TestPages.EMPTY));
    }

    /** RFC 9605 appendix C, suites 4 and 5. */
    @Test
    void theRfcsVectorsComeOutByteForByte() {
        final JsonNode made = run("""
            const made = [];
            for (const suite of Object.values(sframe.SUITES)) {
              const key = await sframe.SFrameKey.derive(bytes('000102030405060708090a0b0c0d0e0f'), 0x123, suite);
              const metadata = bytes('4945544620534672616d65205747');
              const plain = bytes('64726166742d696574662d736672616d652d656e63');
              const sealed = await key.seal(0x4567, plain, metadata);
              made.push(hex(sealed), hex(await key.open(sframe.decodeHeader(sealed), sealed, metadata)) === hex(plain));
              sealed[sealed.length - 1] ^= 1;
              made.push(await why(key.open(sframe.decodeHeader(sealed), sealed, metadata)));
            }
            return made;""");
        assertEquals("[\"9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb\",true,"
            + "\"authentication\","
            + "\"990123456794f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279\",true,"
            + "\"authentication\"]", made.toString());
        assertEquals("[\"07\",\"08ff\",\"80ff\",\"ca0100000000010000\",\"dd010000000000ffffffffffff\"]", run("""
            return [[0, 7], [0, 255], [255, 0], [2 ** 32, 65536], [2 ** 40, 2 ** 48 - 1]]
              .map(([kid, counter]) => hex(sframe.encodeHeader(kid, counter)));""").toString());
        assertEquals("[\"malformed\",\"malformed\",\"malformed\"]", run("""
            return [[], [0x99, 1], [0x6f, ...Array(40).fill(255)]].map((message) => {
              try {
                sframe.decodeHeader(Uint8Array.from(message));
                return 'read';
              } catch (error) {
                return error.reason;
              }
            });""").toString());
    }

    /** The Java client and the browser read and write the same bytes. */
    @Test
    void everyVectorOfTheJavaClientComesOut() throws IOException {
        // Numbers of more than 53 bits, as text.
        final String vectors = Files.readString(VECTORS).replaceAll(": (-?\\d{16,})", ": \"$1\"");
        final JsonNode faults = run("const v = " + vectors + ";" + """
            const faults = [];
            let compared = 0;
            const same = (name, one, other) => {
              compared += 1;
              if (one !== other) {
                faults.push(name + ': ' + one + ' instead of ' + other);
              }
            };
            const secret = keys.secretBytes(v.secret);
            const zero = await keys.epochZero(secret);
            const coded = await keys.epochZero(secret, v.joinCode);
            same('epochZero', hex(zero), v.epochZero.withoutJoinCode);
            same('epochZero, code', hex(coded), v.epochZero.withJoinCode);
            const ring = new keys.Keyring();
            await ring.hold(0, zero);
            same('code', await ring.safetyCode(), v.safetyCode.withoutJoinCode);
            const withCode = new keys.Keyring();
            await withCode.hold(0, coded);
            same('code, code', await withCode.safetyCode(), v.safetyCode.withJoinCode);
            const opening = new keys.OpeningKeys(ring);
            const later = new keys.Keyring();
            await later.hold(3, bytes(v.epochThree));
            for (const one of v.messages) {
              const held = one.epoch === 0 ? ring : later;
              const kid = parseInt(one.kid, 16);
              const key = await held.derive(one.epoch, one.kind, one.participant, kid);
              const sealed = await key.seal(one.ctr, bytes(one.plaintext), bytes(one.metadata));
              same(one.kind, hex(sealed), one.message);
              same(one.kind, hex(await new keys.OpeningKeys(held).open(one.kind, one.participant, bytes(one.message),
                bytes(one.metadata))), one.plaintext);
            }
            for (const one of v.frames) {
              const type = one.kind + '/' + one.codec.toLowerCase();
              same(type, pages.clearBytes(type, bytes(one.frame)), one.clear);
              same(type, hex(await pages.openFrame(opening, one.kind, one.participant, type, bytes(one.sealed))),
                one.frame);
            }
            const chat = await new keys.MessageKeys(ring, 'x').open('chat', bytes(v.chat.message));
            same('chat', chat.participant + hex(chat.bytes), v.chat.participant + v.chat.plaintext);
            const big = ({ ...one }, ...names) => {
              names.filter((name) => name in one).forEach((name) => {
                one[name] = BigInt(one[name]);
              });
              return one;
            };
            const stream = big(v.vitals.definition, 'instance', 'missingValue');
            const hash = await blocks.definitionHash(stream);
            same('definition', hex(hash), v.vitals.definitionHash);
            for (const one of v.vitals.blocks.map((block) => big(block, 'deviceTimeNs'))) {
              same('metadata', hex(blocks.blockMetadata(hash, one)), one.metadata);
              const opened = await new blocks.BlockOpener({ keyring: ring, opening }, stream).open({ ...one,
                payload: bytes(one.payload) });
              same('block', hex(opened), one.plaintext.slice(2));
            }
            const epochs = await load('epochs');
            const point = bytes(v.announce.point);
            same('point', keys.toBase64Url(point), v.announce.key);
            same('mac', keys.toBase64Url(await epochs.announcementMac(ring, v.announce.participant, point)),
              v.announce.mac);
            const { from, to, epoch, nonce, sealed } = v.wrap;
            const privateKey = (d, xy) => crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256',
              d: keys.toBase64Url(bytes(d)), x: keys.toBase64Url(bytes(xy).slice(1, 33)),
              y: keys.toBase64Url(bytes(xy).slice(33)) }, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
            const wrapped = await epochs.wrap({ own: await privateKey(v.wrap.fromPrivate, v.wrap.fromPoint),
              point: bytes(v.wrap.toPoint), from, to, epoch, secret: bytes(v.wrap.secret),
              nonce: keys.fromBase64Url(nonce) });
            same('wrap', wrapped.sealed + wrapped.nonce, sealed + nonce);
            same('unwrap', hex(await epochs.unwrap({ own: await privateKey(v.wrap.toPrivate, v.wrap.toPoint),
              point: bytes(v.wrap.fromPoint), from, to, epoch, nonce, sealed })), v.wrap.secret);
            return [faults, compared];""");
        assertEquals("[]", faults.path(0).toString());
        assertTrue(faults.path(1).asInt() > 40, faults.toString());
    }

    @Test
    void everyPackedVectorIsUnpackedAndPackedToTheSameBytes() throws IOException {
        final JsonNode result = run("const rows = " + Files.readString(PACKED) + ";" + """
            const { unpack } = await load('pack');
            const { pack } = await load('packer');
            const formats = [0, 0, 1, 2, 3];
            return [rows.length > 2, rows.every(({ width, channels, samples, plain, packed }) =>
              hex(unpack(bytes(packed), formats[width], channels, samples)) === plain),
              rows.every(({ width, channels, samples, plain, packed }) =>
                hex(pack(bytes(plain), formats[width], channels, samples)) === packed)];""");
        assertEquals("[true,true,true]", result.toString());
    }

    /** Real ECG in blocks as a device sends them, packed by the Java side and by the browser. */
    @Test
    void whatJavaPacksIsUnpackedSampleBySampleAndPackedToTheSameBytes() throws IOException {
        final byte[] ecg = Files.readAllBytes(RECORDING);
        final SamplePacker packer = new SamplePacker();
        final StringBuilder rows = new StringBuilder();
        int packed = 0;
        for (int block = 0; block < 40; block++) {
            final int channels = block % 2 == 0 ? 12 : 1;
            final int samples = 1 + (7 * block) % 60;
            final int offset = block * 24 * 60;
            final byte[] out = new byte[channels * samples * 2];
            final int length = packer.pack(2, channels, samples, ecg, offset, out, 0);
            if (length > 0) {
                packed++;
                rows.append("['").append(HexFormat.of().formatHex(out, 0, length)).append("','")
                    .append(HexFormat.of().formatHex(ecg, offset, offset + out.length)).append("',")
                    .append(channels).append(',').append(samples).append("],");
            }
        }
        assertTrue(packed > 30, packed + " blocks became smaller");
        final JsonNode result = run("const rows = [" + rows + "];" + """
            const { unpack, MalformedPack } = await load('pack');
            const { pack } = await load('packer');
            let equal = 0;
            let same = 0;
            let refused = 0;
            for (const [packed, plain, channels, samples] of rows) {
              equal += hex(unpack(bytes(packed), 1, channels, samples)) === plain ? 1 : 0;
              same += hex(pack(bytes(plain), 1, channels, samples)) === packed ? 1 : 0;
              for (const other of [packed.slice(0, -2), packed + '00']) {
                try {
                  unpack(bytes(other), 1, channels, samples);
                } catch (error) {
                  refused += error instanceof MalformedPack ? 1 : 0;
                }
              }
            }
            return [equal, same, refused];""");
        assertEquals("[" + packed + "," + packed + "," + 2 * packed + "]", result.toString());
    }

    @Test
    void aMessageOpensOnceForItsSenderAndKindOnly() {
        assertEquals("[\"opened\",\"replay\",\"authentication\",\"authentication\",\"authentication\",\"opened\"]",
            run("""
                const ring = await ringOf(1);
                const key = new keys.SealingKey(ring, 'audio', 'a');
                const opening = new keys.OpeningKeys(ring);
                const [one, two] = [await key.seal(bytes('01')), await key.seal(bytes('02'))];
                return [await why(opening.open('audio', 'a', one)), await why(opening.open('audio', 'a', one)),
                  await why(opening.open('audio', 'b', two)), await why(opening.open('video', 'a', two)),
                  await why(new keys.OpeningKeys(await ringOf(2)).open('audio', 'a', two)),
                  await why(opening.open('audio', 'a', two))];""").toString());
        assertEquals("[true,true,false,true,false,true,true,false,false,true]", run("""
            const window = new keys.ReplayWindow();
            return [0, 5, 5, 3, 3, 2000, 1500, 900, 976, 977].map((one) => window.take(one));""").toString());
    }

    @Test
    void theSecretIsWholeOrRefusedAndTheJoinCodeIsReadLeniently() {
        assertEquals("[\"key-malformed\",\"key-malformed\",\"key-malformed\",32]", run("""
            const title = (secret) => {
              try {
                return keys.secretBytes(secret).length;
              } catch (refusal) {
                return refusal.title;
              }
            };
            return [title('A'.repeat(42)), title('A'.repeat(44)), title('='.repeat(43)), title('A'.repeat(43))];""")
            .toString());
        assertEquals("[true,true,false,\"x\",\"\"]", run("""
            const secret = new Uint8Array(32);
            const code = async (text) => hex(await keys.epochZero(secret, text));
            const plain = await code('');
            return [await code(' me\\u0301d ') === await code('M\\u00c9D'), await code('  ') === plain,
              await code('a') === plain, keys.secretIn('https://x/site#t=a.b.c&s=x'), keys.secretIn('#t=a')];""")
            .toString());
    }

    @Test
    void anEpochThatIsOverIsTakenForTenSecondsAndDeviceBlocksLonger() {
        assertEquals("[\"opened\",\"opened\",\"no-epoch\",\"old-epoch\",\"opened\",\"unknown-epoch\"]", run("""
            let now = 0;
            const ring = await ringOf(1, () => now);
            const opening = new keys.OpeningKeys(ring);
            const sound = new keys.SealingKey(ring, 'audio', 'a');
            const [one, two, three] = [await sound.seal(bytes('')), await sound.seal(bytes('')),
              await sound.seal(bytes(''))];
            const block = await new keys.SealingKey(ring, 'vitals', 'a').seal(bytes('01'));
            const results = [await why(opening.open('audio', 'a', one))];
            now = 1_000_000;
            await ring.hold(1, new Uint8Array(64));
            now += 9_999;
            results.push(await why(opening.open('audio', 'a', two)));
            ring.needs(2);
            results.push(await why(sound.seal(bytes(''))));
            now += 2;
            results.push(await why(opening.open('audio', 'a', three)), await why(opening.open('vitals', 'a', block)));
            const other = new keys.Keyring();
            await other.hold(7, new Uint8Array(64));
            results.push(await why(opening.open('audio', 'a', await new keys.SealingKey(other, 'audio', 'a')
              .seal(bytes('')))));
            return results;""").toString());
    }

    @Test
    void clearBytesOfAFrameAreAuthenticatedAndOtherCodecsAreNotCarried() {
        assertEquals("[true,true,0,0,\"authentication\",\"codec\",\"codec\"]", run("""
            const ring = await ringOf(1);
            const key = new keys.SealingKey(ring, 'video', 'a');
            const opening = new keys.OpeningKeys(ring);
            const frame = Uint8Array.from({ length: 40 }, (_, i) => i * 2);
            const sealed = await pages.sealFrame(key, 'video/vp8', frame);
            const whole = await pages.openFrame(opening, 'video', 'a', 'video/vp8', sealed);
            const changed = await pages.sealFrame(key, 'video/vp8', frame);
            changed[5] ^= 1;
            return [hex(sealed.subarray(0, 10)) === hex(frame.subarray(0, 10)), hex(whole) === hex(frame),
              pages.clearBytes('audio/opus', frame), pages.clearBytes('video/vp9', frame),
              await why(pages.openFrame(opening, 'video', 'a', 'video/vp8', changed)),
              await why(pages.sealFrame(key, 'video/h264', frame)), await why(pages.sealFrame(key, '', frame))];""")
            .toString());
    }

    @Test
    void aBlockOpensOnlyAsWhatItsPublisherSaidOfItAndOfItsStream() {
        assertEquals("[\"0102\",\"\",\"authentication\",\"authentication\",\"authentication\",\"authentication\","
            + "\"malformed\"]", run("""
                const keyring = await ringOf(1);
                const end = { keyring, opening: new keys.OpeningKeys(keyring) };
                const stream = { participant: 'a', instance: 5n, name: 'ecg', label: 'ECG', device: '', kind: 1,
                  rateNumerator: 500, rateDenominator: 1, scale: 0.001, zeroOffset: 0, missingValue: 0,
                  hasMissingValue: 0, mdcCode: 0, bodySite: 0, staleAfterMs: 0, clinicalClass: 3, sampleFormat: 1,
                  channels: [{ mdc: 131330, label: 'II', unit: 'mV' }] };
                const sealer = new blocks.BlockSealer(end, stream);
                const opener = new blocks.BlockOpener(end, stream);
                const block = { sequence: 9, firstSample: 450, sampleCount: 1, flags: 0, deviceTimeNs: -5n,
                  payload: bytes('0102') };
                const sealed = { ...block, payload: await sealer.seal(block) };
                const none = { ...block, sequence: 10, flags: 1, payload: bytes('') };
                const results = [hex(await opener.open(sealed)),
                  hex(await opener.open({ ...none, payload: await sealer.seal(none) }))];
                for (const change of [{ sequence: 10 }, { firstSample: 451 }, { deviceTimeNs: null }]) {
                  results.push(await why(opener.open({ ...sealed, ...change })));
                }
                results.push(await why(new blocks.BlockOpener(end, { ...stream, scale: 0.01 }).open(sealed)));
                const short = { ...block, sequence: 11, sampleCount: 2 };
                results.push(await why(opener.open({ ...short, payload: await sealer.seal(short) })));
                return results;""").toString());
    }

    @Test
    void whoIsPutOutHasNoKeyOfTheNextEpochAndWhoComesLaterGetsIt() {
        page.evaluate("""
            import('/test/epochs.js').then(async ({ Channel }) => {
              const channel = new Channel();
              const join = async (participant, role) => channel.join(participant, role);
              window.all = { channel, nurse: await join('nurse', 'companion'), doctor: await join('doctor',
                'practitioner'), guest: await join('guest', 'guest') };
            })""");
        page.await("[...all.channel.members.values()].every(one => one.entry.endToEnd)", SOON);
        page.evaluate("all.channel.leave(all.guest, 'evicted')");
        page.await("all.nurse.keyring.current === 1 && all.doctor.keyring.current === 1", SOON);
        assertEquals("[\"doctor\"]", page.evaluate("all.channel.carried.filter(one => one.type === 'epoch')"
            + ".map(one => one.from)").toString());
        assertTrue(page.evaluate("Promise.all([all.nurse, all.doctor].map(one => one.keyring.safetyCode()))"
            + ".then(([a, b]) => a === b)").asBoolean());
        assertEquals("doctor", page.evaluate("all.doctor.to(all.nurse)").asText());
        assertEquals("unknown-epoch", page.evaluate("all.doctor.to(all.guest)").asText());

        page.evaluate("all.channel.join('late', 'patient').then(one => { all.late = one; })");
        page.await("all.late.keyring.current === 1", SOON);
        assertEquals("late", page.evaluate("all.late.to(all.doctor)").asText());
        assertEquals("nurse", page.evaluate("all.nurse.to(all.late)").asText());
        assertEquals("epoch-conflict", page.evaluate("all.late.exchange.rotate().catch(error => error.message)")
            .asText());
        assertEquals(2, page.evaluate("all.nurse.exchange.rotate()").asInt());
        page.await("['doctor', 'late', 'nurse'].every(one => all[one].keyring.current === 2)", SOON);
    }

    /** The first by id is silent; and nobody is left who could serve the one who comes. */
    @Test
    void keysChangeAlsoWhenTheFirstIsSilentAndWhenNobodyCanServe() {
        page.evaluate("""
            import('/test/epochs.js').then(async ({ Channel }) => {
              const one = new Channel();
              const doctor = await one.join('doctor', 'practitioner');
              const nurse = await one.join('nurse', 'companion');
              const guest = await one.join('guest', 'guest');
              const two = new Channel();
              const patient = await two.join('patient', 'patient');
              two.epoch = 4;
              window.still = { one, doctor, nurse, guest, patient, alone: await two.join('alone', 'practitioner') };
            })""");
        page.await("[still.one, still.alone.channel].every(all => [...all.members.values()]"
            + ".every(member => member.entry.endToEnd))", SOON);
        page.evaluate("still.doctor.exchange.close(), still.one.leave(still.guest, 'evicted')");
        page.await("still.nurse.keyring.current === 1", SOON);
        assertEquals("[\"nurse\"]", page.evaluate("still.one.carried.filter(one => one.type === 'epoch')"
            + ".map(one => one.from)").toString());
        page.await("still.alone.keyring.current === 5 && still.patient.keyring.current === 5", SOON);
        assertEquals("[]", page.evaluate("still.alone.faults").toString());
    }

    /** An epoch that was made before an eviction, and works its way through after it, is not the answer to it. */
    @Test
    void anEpochMadeBeforeAnEvictionDoesNotAnswerIt() {
        page.evaluate("""
            import('/test/epochs.js').then(async ({ Channel }) => {
              const channel = new Channel();
              const doctor = await channel.join('doctor', 'practitioner');
              const nurse = await channel.join('nurse', 'companion');
              window.late = { channel, doctor, nurse, guest: await channel.join('guest', 'guest') };
            })""");
        page.await("[...late.channel.members.values()].every(one => one.entry.endToEnd)", SOON);
        assertEquals(1, page.evaluate("new Promise(done => { const { channel } = late; const take = channel.take;"
            + " channel.take = (from, type, message) => { take.call(channel, from, type, message);"
            + " if (type === 'epoch') { channel.take = take; channel.leave(late.guest, 'evicted'); } };"
            + " late.nurse.exchange.rotate().then(done); })").asInt());
        page.await("late.doctor.keyring.current === 2 && late.nurse.keyring.current === 2", SOON);
        assertEquals("[\"nurse\",\"doctor\"]", page.evaluate("late.channel.carried"
            + ".filter(one => one.type === 'epoch').map(one => one.from)").toString());
    }

    @Test
    void anAnnouncementOfSomebodyWithAnotherSecretIsNotServed() {
        page.evaluate("""
            import('/test/epochs.js').then(async ({ Channel }) => {
              const channel = new Channel();
              window.two = { channel, doctor: await channel.join('doctor', 'practitioner'),
                spy: await channel.join('spy', 'companion', new Uint8Array(32).fill(9)) };
            })""");
        page.await("[...two.channel.members.values()].every(one => one.entry.endToEnd)", SOON);
        assertEquals(1, page.evaluate("two.doctor.exchange.rotate()").asInt());
        assertEquals("[\"doctor\"]", page.evaluate("two.channel.carried.find(one => one.type === 'epoch').wrapped"
            + ".map(one => one.participant)").toString());
        assertEquals("[\"spy: the announced key is not of this consultation\"]",
            page.evaluate("two.doctor.faults").toString());
        two("two.spy.exchange.rotate().catch(() => 0)");
        two("two.channel.epoch = 1, two.spy.keyring.hold(1, new Uint8Array(64)).then(() => two.spy.exchange.rotate())");
        assertEquals(1, page.evaluate("two.doctor.keyring.current").asInt());
    }

    @Test
    void aKeySourceGivesTheEpochsInstead() {
        final JsonNode result = run("""
            const { EndToEnd } = await load('endtoend');
            const secrets = [new Uint8Array(64).fill(1), new Uint8Array(64).fill(2)];
            let epoch = 0;
            let tell;
            const keySource = { current: () => ({ epoch, secret: secrets[epoch] }), of: (one) => secrets[one] ?? null,
              onChange: (listener) => {
                tell = listener;
              } };
            const end = await EndToEnd.create({ participant: 'a', keySource });
            const first = end.safetyCode;
            epoch = 1;
            const changed = new Promise((resolve) => end.on('epoch', resolve));
            tell();
            const { safetyCode } = await changed;
            const refused = await end.rotate().catch((refusal) => refusal.title);
            const { participant } = await end.open('annotation', await end.seal('annotation', bytes('0a')));
            end.close();
            return [first !== safetyCode, end.epoch, refused, participant];""");
        assertEquals("[true,1,\"no session\",\"a\"]", result.toString());
    }

    /** Whatever the relay answers: neither page may make a media connection. */
    @Test
    void whoCannotEncryptIsToldBeforeAnyMediaIsOffered() throws IOException {
        final String without = "delete window.RTCRtpScriptTransform;\n";
        refused("", "&s=" + "A".repeat(43), without, "cannot take part");
        refused("e2ee: 'required'", "", "", "holds no key");
    }

    private static void refused(final String config, final String fragment, final String before, final String said)
        throws IOException {
        for (final String path : List.of("/practitioner", "/site")) {
            try (Page refused = browser.open()) {
                refused.beforeLoad(ConsoleServer.fakeRelay("{" + config + "}") + before);
                refused.navigate(server.url(path) + "#t=" + ConsoleServer.token("practitioner", FAR_S) + fragment);
                refused.await("document.querySelector('#entrance h2')?.textContent.includes('" + said + "')", SOON);
                assertEquals("[0,0,true]", refused.evaluate("[fakeRelay.whip.length, fakeRelay.whep, "
                    + "fakeRelay.sockets.every(one => !one.path.endsWith('vitals'))]").toString());
            }
        }
    }

    private static void two(final String expression) {
        page.evaluate("Promise.resolve(" + expression + ").then(() => 0)");
    }

    private static JsonNode run(final String body) {
        return page.evaluate("(async () => {" + MODULES + body + "})()");
    }
}
