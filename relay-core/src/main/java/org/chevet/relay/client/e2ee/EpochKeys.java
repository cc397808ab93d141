package org.chevet.relay.client.e2ee;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The epochs that are held. What is needed never goes back; the oldest leave when there are too many. */
public final class EpochKeys implements KeySource {
    /** Blocks of device streams may be sent again long after. */
    public static final int MAX_EPOCHS = 16;
    private static final int WRAP = 256;

    private final Object lock = new Object();
    private volatile List<Epoch> epochs = List.of();
    private volatile int needed;
    private volatile @Nullable Epoch zero;

    /** Holds one; false when it is held already, or too far from the newest. */
    public boolean hold(final int number, final byte[] secret, final long nowNs) {
        final Epoch added = new Epoch(number, secret.clone(), nowNs);
        synchronized (lock) {
            if (of(number) != null || newest() - number >= WRAP - 1) {
                return false;
            }
            if (number == 0) {
                zero = added;
            }
            final List<Epoch> next = new ArrayList<>(epochs);
            next.add(added);
            next.sort(Comparator.comparingInt(Epoch::number).reversed());
            next.removeIf(epoch -> next.getFirst().number() - epoch.number() >= WRAP - 1);
            epochs = List.copyOf(next.subList(0, Math.min(next.size(), MAX_EPOCHS)));
            return true;
        }
    }

    /** Says which epoch the consultation is in: until it is held, nothing is sealed. */
    public void needs(final int number) {
        synchronized (lock) {
            needed = Math.max(needed, number);
        }
    }

    /** Number of the epoch after the newest that is held or known of. */
    public int next() {
        synchronized (lock) {
            return Math.max(newest(), needed) + 1;
        }
    }

    /** Number of the newest epoch held, -1 before the first. */
    public int newest() {
        final List<Epoch> now = epochs;
        return now.isEmpty() ? -1 : now.getFirst().number();
    }

    /** The epoch of a number; null when it is not held. */
    public @Nullable Epoch of(final int number) {
        for (final Epoch epoch : epochs) {
            if (epoch.number() == number) {
                return epoch;
            }
        }
        return null;
    }

    /** Epoch 0, also when it is no longer opened with: it proves who knows the secret of the link. */
    @Nullable Epoch zero() {
        return zero;
    }

    @Override
    public @Nullable Epoch current() {
        final List<Epoch> now = epochs;
        return now.isEmpty() || now.getFirst().number() < needed ? null : now.getFirst();
    }

    @Override
    public List<Epoch> held() {
        return epochs;
    }
}
