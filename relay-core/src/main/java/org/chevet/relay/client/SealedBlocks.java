package org.chevet.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.e2ee.SealKind;

/** What is authenticated beside the payload of a block of an encrypted stream (relay-core/docs/e2ee.md). */
final class SealedBlocks {
    /** Value of keyId of a stream whose payloads are SFrame messages. */
    static final int KEY_ID = 1;
    /** First byte of a plaintext: samples as the stream's format has them. */
    static final byte PLAIN = 0;
    /** First byte of a plaintext: samples packed. */
    static final byte PACKED = 1;

    private static final byte[] LABEL = "chevet vitals 1".getBytes(UTF_8);
    private static final int HASH_BYTES = 32;
    private static final int TERMS_BYTES = Long.BYTES + 2 * Integer.BYTES + 2;
    /** What is authenticated besides of a block that is no alert. */
    static final byte[] NO_TERMS = {};
    /** Bytes of metadata, without terms. */
    static final int METADATA_BYTES = LABEL.length + HASH_BYTES + 3 * Long.BYTES + 2 * Integer.BYTES;

    private SealedBlocks() {
    }

    /** What the key of a stream is for. */
    static SealKind kindOf(final Kind kind) {
        return switch (kind) {
            case ALERT -> SealKind.ALERT;
            case OBJECT -> SealKind.OBJECT;
            case WAVEFORM, NUMERIC, DEVICE_AUDIO, EVENT, NULL_VAL -> SealKind.VITALS;
        };
    }

    /** The definition of a stream as it is hashed. */
    static byte[] definition(final String participant, final long instance, final StreamSpec spec) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            text(out, participant);
            text(out, spec.name());
            text(out, spec.label());
            text(out, spec.device());
            out.writeLong(instance);
            out.writeLong(spec.rateNumerator());
            out.writeInt((int) spec.rateDenominator());
            out.writeDouble(spec.scale());
            out.writeDouble(spec.zeroOffset());
            out.writeLong(spec.missingValue().orElse(0));
            out.writeByte(spec.missingValue().isPresent() ? 1 : 0);
            out.writeInt(spec.mdcCode());
            out.writeInt(spec.bodySite());
            out.writeInt(spec.staleAfterMs());
            out.writeByte(spec.kind().value());
            out.writeByte(spec.clinicalClass().value());
            out.writeByte(spec.sampleFormat().value());
            out.writeShort(spec.channels().size());
            for (final StreamSpec.Channel channel : spec.channels()) {
                out.writeInt(channel.mdc());
                text(out, channel.label());
                text(out, channel.unit());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** SHA-256 of {@link #definition}: what the blocks of a stream mean. */
    static byte[] definitionHash(final String participant, final long instance, final StreamSpec spec) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(definition(participant, instance, spec));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /** What the relay may read of an alert, as it is authenticated. */
    static byte[] terms(final long alertId, final VitalsAlert.Terms terms) {
        return ByteBuffer.allocate(TERMS_BYTES).putLong(alertId).putInt(terms.ttlMs())
            .putInt(terms.escalateAfterMs()).put((byte) terms.priority().value()).put((byte) terms.phase().value())
            .array();
    }

    /** What is authenticated beside a block; {@code terms} of an alert or {@link #NO_TERMS}. */
    static byte[] metadata(final byte[] hash, final long sequence, final long firstSample, final long deviceTimeNs,
        final int sampleCount, final int flags, final byte[] terms) {
        return ByteBuffer.allocate(METADATA_BYTES + terms.length).put(LABEL).put(hash).putLong(sequence)
            .putLong(firstSample).putLong(deviceTimeNs).putInt(sampleCount).putInt(flags).put(terms).array();
    }

    private static void text(final DataOutputStream out, final String text) throws IOException {
        final byte[] bytes = text.getBytes(UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }
}
