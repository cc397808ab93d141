package org.chevet.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;

/**
 * ICE of a load client over one connected socket: the controlling side, which nominates with its first check, keeps
 * consent fresh and answers the checks of servers that make their own (RFC 8445, RFC 7675). One thread.
 */
final class IceEnd {
    /** Bytes of the longest message. */
    static final int MAX_MESSAGE = 256;

    private static final long FIRST_RETRY_NS = 50_000_000L;
    private static final long LONGEST_RETRY_NS = 1_600_000_000L;
    private static final long CONSENT_NS = 5_000_000_000L;
    private static final long PRIORITY = (126L << 24) | (65_535L << 8) | 255;

    private final byte[] username;
    private final StunIntegrity remoteKey;
    private final StunIntegrity localKey;
    private final TransportAddress remote;
    private final long tieBreaker;
    private final RandomGenerator random;
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final UnsafeBuffer id = new UnsafeBuffer(new byte[StunMessage.TRANSACTION_ID_LENGTH]);
    private long retryNs = FIRST_RETRY_NS;
    private long dueNs;
    private boolean valid;

    IceEnd(final String localUfrag, final String localPassword, final String remoteUfrag,
        final String remotePassword, final TransportAddress remote, final RandomGenerator random, final long nowNs) {
        username = (remoteUfrag + ":" + localUfrag).getBytes(StandardCharsets.US_ASCII);
        remoteKey = new StunIntegrity(remotePassword.getBytes(StandardCharsets.US_ASCII));
        localKey = new StunIntegrity(localPassword.getBytes(StandardCharsets.US_ASCII));
        this.remote = remote;
        this.random = random;
        tieBreaker = random.nextLong();
        dueNs = nowNs;
        newTransaction();
    }

    /** True once the server has answered a check with the right integrity. */
    boolean isValid() {
        return valid;
    }

    /** When {@link #check} has something to do. */
    long dueNs() {
        return dueNs;
    }

    /** Writes the check that is due and returns its length. */
    int check(final MutableDirectBuffer out, final int offset, final long nowNs) {
        dueNs = nowNs + retryNs;
        retryNs = Math.min(2 * retryNs, LONGEST_RETRY_NS);
        return writer.begin(out, offset, MAX_MESSAGE, StunMessage.BINDING_REQUEST, id, 0).username(username)
            .iceControlling(tieBreaker).priority(PRIORITY).useCandidate().integrity(remoteKey).fingerprint().length();
    }

    /**
     * Takes a message.
     *
     * @param out where an answer is written, room for {@link #MAX_MESSAGE}
     * @return bytes of the answer to send, 0 for none
     */
    int handle(final DirectBuffer in, final int offset, final int length, final MutableDirectBuffer out,
        final int outOffset, final long nowNs) {
        if (!message.wrap(in, offset, length)) {
            return 0;
        }
        if (message.type() == StunMessage.BINDING_SUCCESS) {
            if (message.hasTransactionId(id, 0) && remoteKey.verify(message)) {
                valid = true;
                retryNs = FIRST_RETRY_NS;
                dueNs = nowNs + (long) (CONSENT_NS * (0.8 + 0.4 * random.nextDouble()));
                newTransaction();
            }
            return 0;
        }
        if (message.type() == StunMessage.BINDING_REQUEST && localKey.verify(message)) {
            return writer.respond(out, outOffset, MAX_MESSAGE, StunMessage.BINDING_SUCCESS, message)
                .xorMappedAddress(remote).integrity(localKey).fingerprint().length();
        }
        return 0;
    }

    private void newTransaction() {
        id.putLong(0, random.nextLong());
        id.putInt(Long.BYTES, random.nextInt());
    }
}
