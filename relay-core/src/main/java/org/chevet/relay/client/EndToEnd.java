package org.chevet.relay.client;

import java.security.SecureRandom;
import java.util.function.LongSupplier;
import org.chevet.relay.client.e2ee.KeySource;

/**
 * What a client needs to seal and open.
 *
 * @param keys epochs of the consultation
 * @param participant who this client is: the token's participant, known before the relay says it
 * @param clearAllowed also take streams that are not encrypted; never when the policy is "required", because a relay
 *     could make them up
 * @param random unpredictable; 40 bits of each value name a key
 */
public record EndToEnd(KeySource keys, String participant, boolean clearAllowed, LongSupplier random) {
    /** Takes encrypted streams only. */
    public static EndToEnd required(final KeySource keys, final String participant) {
        final SecureRandom random = new SecureRandom();
        return new EndToEnd(keys, participant, false, random::nextLong);
    }

    /** Takes clear streams too. */
    public static EndToEnd allowed(final KeySource keys, final String participant) {
        final SecureRandom random = new SecureRandom();
        return new EndToEnd(keys, participant, true, random::nextLong);
    }
}
