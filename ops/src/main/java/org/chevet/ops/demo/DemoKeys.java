package org.chevet.ops.demo;

import java.security.SecureRandom;
import java.util.Base64;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.EpochSession;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;

/** The key of a consultation that is tried out: made here, and in the links only. */
public final class DemoKeys {
    private DemoKeys() {
    }

    /** A new key as links carry it. */
    public static String randomSecret() {
        final byte[] secret = new byte[KeySchedule.LINK_BYTES];
        new SecureRandom().nextBytes(secret);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** What a participant seals and opens with who does not follow changes of keys: the first epoch, for good. */
    public static EndToEnd of(final String secret, final String participant) {
        return EndToEnd.required(of(secret), participant);
    }

    /** What a participant seals and opens with: the first epoch, and those that a session brings. */
    static EpochKeys of(final String secret) {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, KeySchedule.epochZero(KeySchedule.linkSecret(secret), ""), System.nanoTime());
        return keys;
    }

    /** Follows the epochs of the consultation, for a participant of the demo. */
    static EpochSession follow(final RelayAddress address, final String token, final String participant,
        final EpochKeys keys) {
        return EpochSession.start(address.webSocket("/v1/session"), () -> token, participant, keys);
    }
}
