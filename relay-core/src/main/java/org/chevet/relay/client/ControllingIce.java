package org.chevet.relay.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/**
 * The controlling side of ICE towards an ICE-lite relay (RFC 8445): checks every candidate from one socket, nominates
 * the first pair that answers, and then keeps consent fresh (RFC 7675). Sans-IO; one thread.
 */
final class ControllingIce {
    /** Remote candidates checked; further ones are left out. */
    static final int MAX_CANDIDATES = 16;
    /** Bytes of the longest message written. */
    static final int MAX_MESSAGE = 256;

    private static final long NS_PER_MS = 1_000_000L;
    private static final long PACING_NS = 20 * NS_PER_MS;
    private static final long FIRST_RETRY_NS = 100 * NS_PER_MS;
    private static final long LONGEST_RETRY_NS = 1_600 * NS_PER_MS;
    private static final long CONSENT_NS = 2_500 * NS_PER_MS;
    private static final long CONSENT_TIMEOUT_NS = 30_000 * NS_PER_MS;
    /** Checks of one pair whose answers are still taken. */
    private static final int MAX_OPEN = 4;
    /** RFC 8445 section 5.1.2.1: a peer-reflexive candidate of the first component. */
    private static final long PRIORITY = (110L << 24) | (65_535L << 8) | 255;

    enum State {
        CHECKING, VALIDATED, NOMINATED, EXPIRED
    }

    private static final class Pair {
        private final TransportAddress remote;
        private final UnsafeBuffer ids = new UnsafeBuffer(new byte[MAX_OPEN * StunMessage.TRANSACTION_ID_LENGTH]);
        private int checks;
        private long dueNs;
        private long retryNs = FIRST_RETRY_NS;

        Pair(final TransportAddress remote, final long dueNs) {
            this.remote = remote;
            this.dueNs = dueNs;
        }
    }

    private final byte[] username;
    private final StunIntegrity remoteKey;
    private final long tieBreaker;
    private final RandomGenerator random;
    private final List<Pair> pairs = new ArrayList<>();
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private @Nullable Pair selected;
    private State state = State.CHECKING;
    private TransportAddress transmitTo = TransportAddress.ofIpv4(0, 0);
    private long consentNs;

    ControllingIce(final String localUfrag, final String remoteUfrag, final String remotePassword,
        final List<TransportAddress> candidates, final RandomGenerator random, final long nowNs) {
        username = (remoteUfrag + ":" + localUfrag).getBytes(StandardCharsets.US_ASCII);
        remoteKey = new StunIntegrity(remotePassword.getBytes(StandardCharsets.US_ASCII));
        tieBreaker = random.nextLong();
        this.random = random;
        for (int i = 0; i < Math.min(MAX_CANDIDATES, candidates.size()); i++) {
            final Pair pair = new Pair(candidates.get(i), nowNs + i * PACING_NS);
            forget(pair);
            pairs.add(pair);
        }
    }

    State state() {
        return state;
    }

    /** Where to send DTLS and media: the first pair that answered; null before. */
    @Nullable TransportAddress selected() {
        final Pair pair = selected;
        return pair == null ? null : pair.remote;
    }

    /** Takes a datagram; true when it answered a check of ours with the right integrity. */
    boolean handleStun(final DirectBuffer in, final int offset, final int length, final TransportAddress from,
        final long nowNs) {
        if (!message.wrap(in, offset, length) || message.type() != StunMessage.BINDING_SUCCESS
            || !remoteKey.verify(message)) {
            return false;
        }
        for (final Pair pair : pairs) {
            if (pair.remote.equals(from) && isOpen(pair)) {
                answered(pair, nowNs);
                return true;
            }
        }
        return false;
    }

    private boolean isOpen(final Pair pair) {
        for (int i = 0; i < MAX_OPEN; i++) {
            if (message.hasTransactionId(pair.ids, i * StunMessage.TRANSACTION_ID_LENGTH)) {
                return true;
            }
        }
        return false;
    }

    private void answered(final Pair pair, final long nowNs) {
        if (selected == null) {
            selected = pair;
            state = State.VALIDATED;
            pair.dueNs = nowNs;
            pair.retryNs = FIRST_RETRY_NS;
            forget(pair);
        } else if (pair.equals(selected)) {
            state = State.NOMINATED;
            // RFC 7675 section 5.1: randomised between 0.8 and 1.2 of the interval.
            pair.dueNs = nowNs + (long) (CONSENT_NS * (0.8 + 0.4 * random.nextDouble()));
            pair.retryNs = FIRST_RETRY_NS;
        }
        consentNs = nowNs;
    }

    /** Answers to earlier checks, which nominated nothing, are no longer taken. */
    private void forget(final Pair pair) {
        for (int i = 0; i < MAX_OPEN; i++) {
            newTransaction(pair);
        }
    }

    /**
     * Every check is a transaction of its own (RFC 7675 section 5.1): one that is repeated from another address,
     * because ours has changed, would look like somebody's replay.
     *
     * @return where the new id is
     */
    private int newTransaction(final Pair pair) {
        final int at = pair.checks++ % MAX_OPEN * StunMessage.TRANSACTION_ID_LENGTH;
        pair.ids.putLong(at, random.nextLong());
        pair.ids.putInt(at + Long.BYTES, random.nextInt());
        return at;
    }

    /** Writes the next check that is due, to {@link #transmitTo}; 0 when none is. */
    int pollTransmit(final MutableDirectBuffer out, final int offset, final long nowNs) {
        if (selected != null && nowNs - consentNs > CONSENT_TIMEOUT_NS) {
            state = State.EXPIRED;
        }
        for (final Pair pair : pairs) {
            if (state != State.EXPIRED && pair.dueNs <= nowNs && (selected == null || pair.equals(selected))) {
                pair.dueNs = nowNs + pair.retryNs;
                pair.retryNs = Math.min(2 * pair.retryNs, LONGEST_RETRY_NS);
                transmitTo = pair.remote;
                final int id = newTransaction(pair);
                writer.begin(out, offset, MAX_MESSAGE, StunMessage.BINDING_REQUEST, pair.ids, id).username(username)
                    .iceControlling(tieBreaker).priority(PRIORITY);
                if (selected != null) {
                    writer.useCandidate();
                }
                return writer.integrity(remoteKey).fingerprint().length();
            }
        }
        return 0;
    }

    TransportAddress transmitTo() {
        return transmitTo;
    }

    /** When {@link #pollTransmit} has something to do. */
    long nextDeadlineNs() {
        long deadlineNs = Long.MAX_VALUE;
        for (final Pair pair : pairs) {
            if (state != State.EXPIRED && (selected == null || pair.equals(selected))) {
                deadlineNs = Math.min(deadlineNs, pair.dueNs);
            }
        }
        return deadlineNs;
    }
}
