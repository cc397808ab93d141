package org.chevet.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.chevet.codec.sframe.SframeKey;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.EpochWrap;
import org.chevet.relay.client.e2ee.FrameSeal;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.client.e2ee.MessageSeal;
import org.chevet.relay.client.e2ee.SealKind;
import org.chevet.relay.client.e2ee.Sealer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The vectors that Java, the browser and other languages share. Run {@link #main} with a path to write them anew: only
 * when the scheme has changed.
 */
@Tag("REQ-O7")
class EndToEndVectorsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    private static final String JOIN_CODE = " k7pé-3x ";
    private static final String ALICE = "p-alice";
    private static final String BORIS = "p-börje";
    private static final byte[] ALICE_KEY = HEX.parseHex(
        "b6d5f69d3e1ebd849e3bcd9d446495c1cef818d7f21590b99e376d1d19a71bcf");
    private static final byte[] ALICE_POINT = HEX.parseHex(
        "0407736b6c1a726e07331d41e4934bffc90739a3bdcc42653afa4e7a86163a35bb"
        + "4cfb47d1cbe7ace2e057ab12afbc06059e2f41e251a55db6f6b6ff97b298ee11");
    private static final byte[] BORIS_KEY = HEX.parseHex(
        "b5bd39591f8dea98cea0a47df017072e05434d6e22c4ea9eacbcbea396b09411");
    private static final byte[] BORIS_POINT = HEX.parseHex(
        "048895432bd2ccc80a340b164ab3df970c172b5dddaa30fc71bb5567016c117108"
        + "8996b6eebb01912ac652239c741c4325f8264f6ae3d200e7d5557f51203cfc7d");
    private static final long KID_RANDOM = 0x1122334455L;

    static StreamSpec spec() {
        return StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1, List.of(new StreamSpec.Channel(131_329, "I", "uV"),
            new StreamSpec.Channel(131_330, "II", "uV"))).withMissingValue(-32_768)
            .withDescription(131_328, 0, "ECG", "Böhm & Co, type 1").encrypted();
    }

    private static PrivateKey privateKey(final byte[] scalar) throws GeneralSecurityException {
        final AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(EpochWrap.CURVE));
        return KeyFactory.getInstance("EC").generatePrivate(
            new ECPrivateKeySpec(new BigInteger(1, scalar), parameters.getParameterSpec(ECParameterSpec.class)));
    }

    private static byte[] bytes(final int count, final int first) {
        final byte[] out = new byte[count];
        for (int i = 0; i < count; i++) {
            out[i] = (byte) (first + i);
        }
        return out;
    }

    private static String base64(final byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static ObjectNode vectors() throws GeneralSecurityException {
        final byte[] secret = KeySchedule.linkSecret(SECRET);
        final byte[] zero = KeySchedule.epochZero(secret, "");
        final byte[] zeroWithCode = KeySchedule.epochZero(secret, JOIN_CODE);
        final byte[] three = bytes(64, 100);
        final ObjectNode all = JSON.createObjectNode();
        all.put("about", "Vectors of relay-core/docs/e2ee.md; hex unless said otherwise; key ids in hex");
        all.put("secret", SECRET);
        all.put("joinCode", JOIN_CODE);
        all.putObject("epochZero").put("withoutJoinCode", HEX.formatHex(zero))
            .put("withJoinCode", HEX.formatHex(zeroWithCode));
        all.putObject("safetyCode").put("withoutJoinCode", KeySchedule.safetyCode(zero))
            .put("withJoinCode", KeySchedule.safetyCode(zeroWithCode));
        all.put("epochThree", HEX.formatHex(three));
        messages(all.putArray("messages"), zero, 0);
        messages((ArrayNode) all.get("messages"), three, 3);
        frames(all.putArray("frames"), zero);
        channel(all.putObject("chat"), zero);
        vitals(all.putObject("vitals"), zero);
        epochs(all, zero, three);
        return all;
    }

    private static void messages(final ArrayNode out, final byte[] epochSecret, final int epoch) {
        final byte[] plain = "samples, frames and words".getBytes(UTF_8);
        final byte[] metadata = "beside".getBytes(UTF_8);
        int number = 0;
        for (final SealKind kind : SealKind.values()) {
            final long kid = (long) epoch << 40 | (KID_RANDOM + number);
            final long ctr = 5L * number * number * number;
            number++;
            final byte[] baseKey = KeySchedule.baseKey(epochSecret, kind, BORIS, kid);
            final SframeKey key = SframeKey.of(KeySchedule.SUITE, baseKey, kid);
            final byte[] sealed = new byte[key.sealedLength(ctr, plain.length)];
            key.seal(ctr, metadata, metadata.length, plain, 0, plain.length, sealed, 0);
            out.addObject().put("epoch", epoch).put("kind", kind.label()).put("participant", BORIS)
                .put("kid", Long.toHexString(kid)).put("ctr", ctr).put("baseKey", HEX.formatHex(baseKey))
                .put("metadata", HEX.formatHex(metadata)).put("plaintext", HEX.formatHex(plain))
                .put("message", HEX.formatHex(sealed));
        }
    }

    private static EpochKeys keys(final byte[] zero) {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, zero, 0);
        return keys;
    }

    private static void frames(final ArrayNode out, final byte[] zero) {
        final byte[] key = bytes(40, 0);
        final byte[] delta = bytes(30, 1);
        final Sealer video = new Sealer(keys(zero), SealKind.VIDEO, ALICE, () -> KID_RANDOM);
        for (final byte[] frame : List.of(key, delta)) {
            final int clear = FrameSeal.vp8Clear(frame, 0, frame.length);
            final byte[] sealed = new byte[frame.length + Sealer.MAX_OVERHEAD];
            final int length = FrameSeal.seal(video, frame, frame.length, clear, sealed);
            out.addObject().put("codec", "VP8").put("kind", "video").put("participant", ALICE).put("clear", clear)
                .put("frame", HEX.formatHex(frame)).put("sealed", HEX.formatHex(sealed, 0, length));
        }
        final Sealer audio = new Sealer(keys(zero), SealKind.AUDIO, ALICE, () -> KID_RANDOM);
        final byte[] sealed = new byte[key.length + Sealer.MAX_OVERHEAD];
        final int length = FrameSeal.seal(audio, key, key.length, 0, sealed);
        out.addObject().put("codec", "opus").put("kind", "audio").put("participant", ALICE).put("clear", 0)
            .put("frame", HEX.formatHex(key)).put("sealed", HEX.formatHex(sealed, 0, length));
    }

    private static void channel(final ObjectNode out, final byte[] zero) {
        final byte[] text = "{\"text\":\"Bonjour, ça va ?\"}".getBytes(UTF_8);
        final byte[] message = new MessageSeal(keys(zero), SealKind.CHAT, BORIS, () -> KID_RANDOM).seal(text);
        out.put("participant", BORIS).put("plaintext", HEX.formatHex(text)).put("message", HEX.formatHex(message));
    }

    private static void vitals(final ObjectNode out, final byte[] zero) {
        final StreamSpec spec = spec();
        final long instance = 0x8877665544332211L;
        final ObjectNode definition = out.putObject("definition");
        definition.put("participant", BORIS).put("name", spec.name()).put("label", spec.label())
            .put("device", spec.device()).put("instance", Long.toUnsignedString(instance))
            .put("rateNumerator", spec.rateNumerator()).put("rateDenominator", spec.rateDenominator())
            .put("scale", spec.scale()).put("zeroOffset", spec.zeroOffset())
            .put("missingValue", spec.missingValue().orElse(0)).put("hasMissingValue", 1)
            .put("mdcCode", spec.mdcCode()).put("bodySite", spec.bodySite()).put("staleAfterMs", spec.staleAfterMs())
            .put("kind", spec.kind().value()).put("clinicalClass", spec.clinicalClass().value())
            .put("sampleFormat", spec.sampleFormat().value());
        final ArrayNode channels = definition.putArray("channels");
        spec.channels().forEach(channel ->
            channels.addObject().put("mdc", channel.mdc()).put("label", channel.label()).put("unit", channel.unit()));
        final byte[] hash = SealedBlocks.definitionHash(BORIS, instance, spec);
        out.put("definitionBytes", HEX.formatHex(SealedBlocks.definition(BORIS, instance, spec)));
        out.put("definitionHash", HEX.formatHex(hash));
        final Sealer sealer = new Sealer(keys(zero), SealKind.VITALS, BORIS, () -> KID_RANDOM);
        final ArrayNode blocks = out.putArray("blocks");
        block(blocks, sealer, hash, 7, 350, 1_700_000_000_000_000_000L, 3, 0,
            HEX.parseHex("00010002000300040005000600"));
        block(blocks, sealer, hash, 300, 353, Long.MIN_VALUE, 50, VitalsBlock.MISSING, new byte[0]);
    }

    private static void block(final ArrayNode out, final Sealer sealer, final byte[] hash, final long sequence,
        final long firstSample, final long deviceTimeNs, final int sampleCount, final int flags,
        final byte[] plaintext) {
        final byte[] metadata =
            SealedBlocks.metadata(hash, sequence, firstSample, deviceTimeNs, sampleCount, flags,
                SealedBlocks.NO_TERMS);
        final byte[] sealed = new byte[plaintext.length + Sealer.MAX_OVERHEAD];
        final int length =
            sealer.sealAt(sequence, metadata, metadata.length, plaintext, 0, plaintext.length, sealed, 0);
        out.addObject().put("sequence", sequence).put("firstSample", firstSample)
            .put("deviceTimeNs", Long.toString(deviceTimeNs)).put("sampleCount", sampleCount).put("flags", flags)
            .put("metadata", HEX.formatHex(metadata)).put("plaintext", HEX.formatHex(plaintext))
            .put("payload", HEX.formatHex(sealed, 0, length));
    }

    private static void epochs(final ObjectNode all, final byte[] zero, final byte[] three)
        throws GeneralSecurityException {
        final byte[] mac = KeySchedule.announceMac(zero, BORIS, BORIS_POINT);
        all.putObject("announce").put("participant", BORIS).put("point", HEX.formatHex(BORIS_POINT))
            .put("key", base64(BORIS_POINT)).put("mac", base64(mac));
        final byte[] nonce = bytes(EpochWrap.NONCE_BYTES, 200);
        final byte[] sealed = EpochWrap.wrap(privateKey(ALICE_KEY), BORIS_POINT, ALICE, BORIS, 3, nonce, three);
        assertArrayEquals(three,
            EpochWrap.unwrap(privateKey(BORIS_KEY), ALICE_POINT, ALICE, BORIS, 3, nonce, sealed));
        all.putObject("wrap").put("from", ALICE).put("to", BORIS).put("epoch", 3)
            .put("fromPrivate", HEX.formatHex(ALICE_KEY)).put("fromPoint", HEX.formatHex(ALICE_POINT))
            .put("toPrivate", HEX.formatHex(BORIS_KEY)).put("toPoint", HEX.formatHex(BORIS_POINT))
            .put("nonce", base64(nonce)).put("secret", HEX.formatHex(three)).put("sealed", base64(sealed));
    }

    @Test
    void theFileHoldsWhatIsComputed() throws IOException, GeneralSecurityException {
        try (InputStream in = EndToEndVectorsTest.class.getResourceAsStream("/e2ee/vectors.json")) {
            final JsonNode file = JSON.readTree(in);
            assertEquals(file, JSON.readTree(JSON.writeValueAsString(vectors())));
        }
    }

    @Test
    void aJoinCodeIsTheSameHoweverItIsTyped() {
        final byte[] secret = KeySchedule.linkSecret(SECRET);
        final byte[] expected = KeySchedule.epochZero(secret, JOIN_CODE);
        assertArrayEquals(expected, KeySchedule.epochZero(secret, "K7PE\u0301-3X"));
        assertEquals(false, Arrays.equals(expected, KeySchedule.epochZero(secret, "K7PE-3X")));
    }

    /** Writes the file. */
    public static void main(final String[] args) throws IOException, GeneralSecurityException {
        Files.writeString(Path.of(args[0]), JSON.writeValueAsString(vectors()) + System.lineSeparator());
    }
}
