package org.chevet.relay.client.e2ee;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages of data channels: length and name of the sender, then the SFrame message, which authenticates both. One
 * owner thread.
 */
public final class MessageSeal {
    private static final int MAX_NAME = 255;

    private final SealKind kind;
    private final Sealer sealer;
    private final Opener opener;
    private final byte[] prefix;

    /**
     * A message that was opened.
     *
     * @param participant who sealed it
     * @param bytes what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares messages
    public record Opened(String participant, byte[] bytes) {
    }

    /** Seals as the participant, opens everybody's. */
    public MessageSeal(final KeySource keys, final SealKind kind, final String participant,
        final LongSupplier random) {
        final byte[] name = participant.getBytes(UTF_8);
        if (name.length > MAX_NAME) {
            throw new IllegalArgumentException("a participant's name of " + name.length + " bytes");
        }
        this.kind = kind;
        sealer = new Sealer(keys, kind, participant, random);
        opener = new Opener(keys);
        prefix = new byte[1 + name.length];
        prefix[0] = (byte) name.length;
        System.arraycopy(name, 0, prefix, 1, name.length);
    }

    /** The message to send; null while the epoch has not arrived, or when the counters are used up. */
    public byte @Nullable [] seal(final byte[] bytes) {
        final byte[] out = Arrays.copyOf(prefix, prefix.length + bytes.length + Sealer.MAX_OVERHEAD);
        final int written = sealer.seal(prefix, prefix.length, bytes, 0, bytes.length, out, prefix.length);
        return written < 0 ? null : Arrays.copyOf(out, prefix.length + written);
    }

    /** What a message says and who sealed it; null when it does not open. */
    public @Nullable Opened open(final byte[] message, final long nowNs) {
        final int head = message.length == 0 ? 1 : 1 + (message[0] & 0xFF);
        if (message.length <= head) {
            return null;
        }
        final String participant = new String(message, 1, head - 1, UTF_8);
        final byte[] out = new byte[message.length - head];
        final int length = opener.open(kind, participant, Opener.ANY_COUNTER, message, head, message, head,
            message.length - head, out, 0, nowNs);
        return length < 0 ? null : new Opened(participant, Arrays.copyOf(out, length));
    }

    /** Messages that did not open. */
    public long refused() {
        return opener.refused();
    }
}
