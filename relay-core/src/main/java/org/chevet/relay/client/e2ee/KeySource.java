package org.chevet.relay.client.e2ee;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where epochs come from: the secret of the link with {@link EpochAgreement}, an embedder's own, or MLS. Safe on any
 * thread.
 */
public interface KeySource {
    /** Bytes of an epoch's secret. */
    int SECRET_BYTES = 64;

    /**
     * One epoch. The secret is shared, not copied: nobody writes to it.
     *
     * @param number 0, 1, 2, ...
     * @param secret 64 bytes
     * @param sinceNs when it became the newest here, on the clock that opening is given
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, not copied; nobody compares epochs
    record Epoch(int number, byte[] secret, long sinceNs) {
        /** Refuses a secret of another length. */
        public Epoch {
            if (number < 0 || secret.length != SECRET_BYTES) {
                throw new IllegalArgumentException("epoch " + number + " with a secret of " + secret.length + " bytes");
            }
        }
    }

    /** The epoch to seal with; null while the consultation is in one that has not arrived here. */
    @Nullable Epoch current();

    /** What may be opened, newest first, at most 16, numbers less than 256 apart. */
    List<Epoch> held();
}
