package org.chevet.relay.client.e2ee;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chevet.codec.sframe.SframeHeader;
import org.chevet.codec.sframe.SframeKey;
import org.jspecify.annotations.Nullable;

/**
 * Opens what others sealed. A key is kept once it has opened something, so that a relay cannot push keys out with
 * rubbish. One owner thread.
 */
public final class Opener {
    /** No epoch that is held here goes with the key id. */
    public static final int UNKNOWN_EPOCH = -6;
    /** The epoch is over. */
    public static final int OLD_EPOCH = -7;
    /** It was opened before, or is too old to know. */
    public static final int REPLAYED = -8;
    /** The counter is not the one that is right here. */
    public static final int OTHER_COUNTER = -9;
    /** Any counter is right. */
    public static final long ANY_COUNTER = -1;
    /** Keys that are kept. */
    public static final int MAX_KEYS = 256;
    /** How long the epoch before the newest is taken, for kinds that pass. */
    public static final long GRACE_NS = 10_000_000_000L;

    private static final int EPOCH_MASK = 0xFF;

    private final KeySource keys;
    private final SframeHeader header = new SframeHeader();
    private final Map<Name, Known> known = new LinkedHashMap<>(MAX_KEYS, 0.75f, true);
    private long opened;
    private long refused;

    private record Name(int epoch, long kid, SealKind kind, String participant) {
    }

    private record Known(SframeKey key, ReplayWindow window) {
    }

    /** Opens with the epochs of a source. */
    public Opener(final KeySource keys) {
        this.keys = keys;
    }

    /** Messages that were opened. */
    public long opened() {
        return opened;
    }

    /** Messages that were refused. */
    public long refused() {
        return refused;
    }

    /** Keys kept now. */
    int keysKept() {
        return known.size();
    }

    /**
     * Opens one message.
     *
     * @param participant who must have sealed it
     * @param counter the only one that is right, or {@link #ANY_COUNTER}
     * @param nowNs the clock that the epochs were held by
     * @return bytes of plaintext written at outOffset, or a negative code of this class or of {@link SframeKey}
     */
    public int open(final SealKind kind, final String participant, final long counter, final byte[] metadata,
        final int metadataLength, final byte[] in, final int offset, final int length, final byte[] out,
        final int outOffset, final long nowNs) {
        final int result =
            tryOpen(kind, participant, counter, metadata, metadataLength, in, offset, length, out, outOffset, nowNs);
        if (result < 0) {
            refused++;
        } else {
            opened++;
        }
        return result;
    }

    private int tryOpen(final SealKind kind, final String participant, final long counter, final byte[] metadata,
        final int metadataLength, final byte[] in, final int offset, final int length, final byte[] out,
        final int outOffset, final long nowNs) {
        final int head = header.decode(in, offset, length);
        if (head < 0) {
            return head;
        }
        final long kid = header.kid();
        final long ctr = header.ctr();
        if (ctr < 0 || ctr >= Sealer.MAX_COUNTER || (counter != ANY_COUNTER && ctr != counter)) {
            return OTHER_COUNTER;
        }
        final List<KeySource.Epoch> held = keys.held();
        final int index = indexOf(held, kid);
        if (index < 0) {
            return UNKNOWN_EPOCH;
        }
        if (kind.isPassing() && index > 0 && (index > 1 || nowNs - held.getFirst().sinceNs() > GRACE_NS)) {
            return OLD_EPOCH;
        }
        final KeySource.Epoch epoch = held.get(index);
        final Name name = new Name(epoch.number(), kid, kind, participant);
        final Known before = known.get(name);
        if (before != null && kind.isPassing() && before.window().isTaken(ctr)) {
            return REPLAYED;
        }
        final Known used = before != null ? before : new Known(SframeKey.of(KeySchedule.SUITE,
            KeySchedule.baseKey(epoch.secret(), kind, participant, kid), kid), new ReplayWindow());
        final int result = used.key().open(metadata, metadataLength, in, offset, length, out, outOffset);
        if (result >= 0) {
            used.window().take(ctr);
            if (before == null) {
                keep(name, used);
            }
        }
        return result;
    }

    private void keep(final Name name, final Known entry) {
        known.put(name, entry);
        if (known.size() > MAX_KEYS) {
            final @Nullable Name eldest = known.keySet().iterator().next();
            known.remove(eldest);
        }
    }

    private static int indexOf(final List<KeySource.Epoch> held, final long kid) {
        final long top = kid >>> Sealer.KID_RANDOM_BITS;
        for (int i = 0; i < held.size(); i++) {
            if ((held.get(i).number() & EPOCH_MASK) == top) {
                return i;
            }
        }
        return -1;
    }
}
