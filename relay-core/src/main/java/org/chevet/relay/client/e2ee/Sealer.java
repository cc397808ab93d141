package org.chevet.relay.client.e2ee;

import java.util.function.LongSupplier;
import org.chevet.codec.sframe.SframeHeader;
import org.chevet.codec.sframe.SframeKey;
import org.chevet.codec.sframe.SframeSuite;
import org.jspecify.annotations.Nullable;

/**
 * Seals what one sender sends of one kind. Each object, and each epoch, has a key id of its own, so that no counter
 * has to be stored anywhere. One owner thread.
 */
public final class Sealer {
    /** The epoch of the consultation has not arrived yet: try again later. */
    public static final int NO_EPOCH = -10;
    /** The counters of this key are used up. */
    public static final int EXHAUSTED = -11;
    /** Bytes a message has at most besides its plaintext. */
    public static final int MAX_OVERHEAD = SframeHeader.MAX_LENGTH + SframeSuite.TAG_BYTES;
    /** One above the highest counter. */
    public static final long MAX_COUNTER = 1L << 48;

    static final int KID_RANDOM_BITS = 40;
    private static final long KID_MASK = (1L << KID_RANDOM_BITS) - 1;
    private static final int EPOCH_MASK = 0xFF;

    private final KeySource keys;
    private final SealKind kind;
    private final String participant;
    private final LongSupplier random;
    private @Nullable SframeKey key;
    private int epoch = -1;
    private long next;
    private long refused;

    /**
     * Seals for one participant.
     *
     * @param random 40 bits of each value are used; unpredictable
     */
    public Sealer(final KeySource keys, final SealKind kind, final String participant, final LongSupplier random) {
        this.keys = keys;
        this.kind = kind;
        this.participant = participant;
        this.random = random;
    }

    /** The counter that {@link #seal} takes next under the key in use. */
    public long nextCounter() {
        return next;
    }

    /** Calls that were refused with a code. */
    public long refused() {
        return refused;
    }

    /** Seals with the next counter; otherwise as {@link #sealAt}. */
    public int seal(final byte[] metadata, final int metadataLength, final byte[] in, final int offset,
        final int length, final byte[] out, final int outOffset) {
        final SframeKey used = keyNow();
        return used == null ? refuse(NO_EPOCH)
            : with(used, next, metadata, metadataLength, in, offset, length, out, outOffset);
    }

    /**
     * Seals with a counter that is greater than all before.
     *
     * @param out has room for length + {@link #MAX_OVERHEAD}
     * @return bytes written, or {@link #NO_EPOCH}, {@link #EXHAUSTED}
     */
    public int sealAt(final long counter, final byte[] metadata, final int metadataLength, final byte[] in,
        final int offset, final int length, final byte[] out, final int outOffset) {
        final SframeKey used = keyNow();
        return used == null ? refuse(NO_EPOCH)
            : with(used, counter, metadata, metadataLength, in, offset, length, out, outOffset);
    }

    private int with(final SframeKey used, final long counter, final byte[] metadata, final int metadataLength,
        final byte[] in, final int offset, final int length, final byte[] out, final int outOffset) {
        if (counter < next || counter >= MAX_COUNTER) {
            return refuse(EXHAUSTED);
        }
        next = counter + 1;
        return used.seal(counter, metadata, metadataLength, in, offset, length, out, outOffset);
    }

    private int refuse(final int code) {
        refused++;
        return code;
    }

    private @Nullable SframeKey keyNow() {
        final KeySource.Epoch now = keys.current();
        if (now == null) {
            return null;
        }
        if (key == null || epoch != now.number()) {
            epoch = now.number();
            final long kid = (long) (epoch & EPOCH_MASK) << KID_RANDOM_BITS | (random.getAsLong() & KID_MASK);
            key = SframeKey.of(KeySchedule.SUITE, KeySchedule.baseKey(now.secret(), kind, participant, kid), kid);
            next = 0;
        }
        return key;
    }
}
