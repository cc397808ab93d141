package org.chevet.relay.ice;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunAttribute;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * ICE-lite agent of one session (RFC 8445 section 2.5): answers checks, remembers which pairs passed one, follows
 * the controlling side's nomination, and notices silence.
 *
 * <p>Sans-IO, one thread, time comes in. A lite agent sends no checks of its own; what it may send to is an address
 * that an authenticated check came from. A pair is (index of the local address, remote address), because a client
 * drops answers from another local address than it asked. Allocates nothing on the packet path but what the JDK's Mac
 * makes. {@code docs/ice.md} lists the MUSTs that are skipped.
 */
public final class IceAgent {
    /** Disposition: an authenticated check; its answer waits in {@link #pollTransmit}. */
    public static final int ANSWERED = 0;
    /** Disposition: a Binding indication: right to ignore, proves nothing (RFC 8445 section 11). */
    public static final int IGNORED = 1;
    /** Disposition: not a whole STUN message, or FINGERPRINT is missing or wrong. */
    public static final int MALFORMED = 2;
    /** Disposition: USERNAME missing or not ours. An error answer may wait. */
    public static final int UNKNOWN_USER = 3;
    /** Disposition: MESSAGE-INTEGRITY missing or wrong. An error answer may wait. */
    public static final int BAD_INTEGRITY = 4;
    /** Disposition: a response, another method, a role conflict or unknown attributes. An error answer may wait. */
    public static final int UNEXPECTED = 5;
    /** Disposition: a check that came from another address before: somebody's copy, not the client's; no answer. */
    public static final int REPLAYED = 6;
    /** Disposition: after so many checks that one from a new address may be an old copy; ICE restart mends it. */
    public static final int WORN_OUT = 7;

    /** Pairs remembered; the one silent for longest makes room, never the selected one. */
    public static final int MAX_PAIRS = 8;
    /** Checks of one generation of credentials remembered, so that copies of them are known. */
    public static final int MAX_SEEN = SeenChecks.MAX;
    /** Answers that wait at once; drained after every call, so only a caller that does not can fill it. */
    public static final int MAX_ANSWERS = 8;
    /** Bytes of the longest answer. */
    public static final int MAX_ANSWER = 192;
    /** Shortest ice-ufrag (RFC 8445 section 5.3), in characters. */
    public static final int MIN_UFRAG = 4;
    /** Shortest ice-pwd (RFC 8445 section 5.3), in characters. */
    public static final int MIN_PASSWORD = 22;
    /** After the first check of a restart, milliseconds for which the generation before it is still answered. */
    public static final long OLD_GENERATION_MS = 10_000;
    /** Unknown attributes named in one answer. */
    static final int MAX_UNKNOWN = 16;

    private static final int NONE = -1;
    /** Where the transaction id is in a message (RFC 8489 section 5). */
    private static final int TRANSACTION = 8;
    private static final long PRIME = 1_000_003;
    private static final long NS_PER_MS = 1_000_000;
    private static final long OLD_GENERATION_NS = OLD_GENERATION_MS * NS_PER_MS;
    private static final byte[] BAD_REQUEST = ascii("Bad Request");
    private static final byte[] UNAUTHENTICATED = ascii("Unauthenticated");
    private static final byte[] UNKNOWN_ATTRIBUTE = ascii("Unknown Attribute");
    private static final byte[] ROLE_CONFLICT = ascii("Role Conflict");

    /** Life of the agent; it never goes back. */
    public enum State {
        /** No authenticated check yet. */
        WAITING,
        /** At least one pair validated: DTLS may run on it. */
        VALIDATED,
        /** A pair was nominated. */
        SELECTED,
        /** Nothing authenticated for too long, or the handshake took too long. */
        EXPIRED
    }

    private final StunMessage request = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final int[] unknown = new int[MAX_UNKNOWN];

    private Credentials current;
    /** Those the client used before an ICE restart; {@link #restart} says how long they are good. */
    private @Nullable Credentials previous;
    private long previousUntilNs;

    private final int[] pairSocket = new int[MAX_PAIRS];
    private final @Nullable TransportAddress[] pairRemote = new TransportAddress[MAX_PAIRS];
    private final long[] pairCheckedNs = new long[MAX_PAIRS];
    private int pairs;
    private int selected = NONE;
    /** True from a restart until the first check with the new credentials. */
    private boolean isAwaitingRestart;

    private final UnsafeBuffer answers = new UnsafeBuffer(new byte[MAX_ANSWERS * MAX_ANSWER]);
    private final int[] answerLength = new int[MAX_ANSWERS];
    private final int[] answerSocket = new int[MAX_ANSWERS];
    private final @Nullable TransportAddress[] answerTo = new TransportAddress[MAX_ANSWERS];
    private int firstAnswer;
    private int answerCount;
    private @Nullable TransportAddress transmitTo;
    private int transmitSocket;

    private final long idleTimeoutNs;
    private State state = State.WAITING;
    private boolean connected;
    private long handshakeDeadlineNs;
    private long authenticatedNs;
    /** When silence is looked at next: moved only when it passes, so that packets need not touch the deadlines. */
    private long idleCheckNs;

    /**
     * An agent that waits for checks.
     *
     * @param localUfrag ufrag of our answer, at least 4 ASCII characters
     * @param localPassword ice-pwd of our answer, at least 22; key of MESSAGE-INTEGRITY both ways
     * @param handshakeTimeoutMs {@link #onConnected} must come within this many milliseconds
     * @param idleTimeoutMs the agent expires when nothing authenticated came for this many milliseconds
     */
    public IceAgent(final String localUfrag, final String localPassword, final long handshakeTimeoutMs,
        final long idleTimeoutMs, final long nowNs) {
        current = new Credentials(localUfrag, localPassword);
        idleTimeoutNs = idleTimeoutMs * NS_PER_MS;
        handshakeDeadlineNs = nowNs + handshakeTimeoutMs * NS_PER_MS;
        authenticatedNs = nowNs;
        idleCheckNs = nowNs + idleTimeoutNs;
    }

    /**
     * Takes one STUN datagram that came from {@code from} to local address number {@code socket}; then drain
     * {@link #pollTransmit}. The bytes are borrowed for the call; the address is kept.
     *
     * @return a disposition; {@link #drop} says how to count it
     */
    public int handleStun(final DirectBuffer in, final int offset, final int length, final int socket,
        final TransportAddress from, final long nowNs) {
        if (!request.wrap(in, offset, length) || !request.checkFingerprint()) {
            return MALFORMED;
        }
        if (request.type() != StunMessage.BINDING_REQUEST) {
            return request.type() == StunMessage.BINDING_INDICATION ? IGNORED : UNEXPECTED;
        }
        if (state == State.EXPIRED) {
            return UNEXPECTED;
        }
        // RFC 8489 section 9.1.3: 400 without credentials, 401 with wrong ones; neither answer can be signed.
        if (!request.hasIntegrity() || !request.has(StunAttribute.USERNAME)) {
            refuse(socket, from, 400, BAD_REQUEST, null);
            return request.hasIntegrity() ? UNKNOWN_USER : BAD_INTEGRITY;
        }
        final Credentials used = credentials(nowNs);
        if (used == null) {
            refuse(socket, from, 401, UNAUTHENTICATED, null);
            return UNKNOWN_USER;
        }
        if (!used.integrity.verify(request)) {
            refuse(socket, from, 401, UNAUTHENTICATED, null);
            return BAD_INTEGRITY;
        }
        final long id = in.getLong(offset + TRANSACTION) * PRIME + in.getInt(offset + TRANSACTION + Long.BYTES);
        if (!used.seen.has(id)) {
            final boolean isRemembered = !used.seen.isFull();
            if (!isRemembered && find(socket, from) == NONE) {
                // It may be a copy from before. An address the client has proven is safe to be told of again.
                return WORN_OUT;
            }
            final int handled = handleCheck(used, socket, from, nowNs);
            if (handled == ANSWERED && isRemembered) {
                // One that was refused is refused again when it is repeated (RFC 8489 section 6.3.1).
                used.seen.add(id, socket, from);
            }
            return handled;
        }
        // MESSAGE-INTEGRITY does not cover the addresses: who hears a check can send it from elsewhere. A repetition
        // from where it came is answered again, but is no news: neither of life nor of where the client wants to be.
        if (!used.seen.cameFrom(id, socket, from)) {
            return REPLAYED;
        }
        answer(socket, from, used.integrity);
        return ANSWERED;
    }

    private int handleCheck(final Credentials used, final int socket, final TransportAddress from, final long nowNs) {
        final int unknownCount = request.unknownRequired(unknown);
        if (unknownCount > 0) {
            refuseUnknown(socket, from, unknownCount, used.integrity);
            return UNEXPECTED;
        }
        if (request.has(StunAttribute.ICE_CONTROLLED)) {
            // A lite agent cannot take the controlling role whatever the tie-breakers say.
            refuse(socket, from, 487, ROLE_CONFLICT, used.integrity);
            return UNEXPECTED;
        }
        authenticatedNs = nowNs;
        final int pair = validate(socket, from, nowNs);
        select(pair, used, request.useCandidate(), nowNs);
        answer(socket, from, used.integrity);
        return ANSWERED;
    }

    /** The credentials whose ufrag starts USERNAME; only our half is ours to check (RFC 8445 section 7.3). */
    private @Nullable Credentials credentials(final long nowNs) {
        if (request.attributeStartsWith(StunAttribute.USERNAME, current.usernamePrefix)) {
            return current;
        }
        if (nowNs >= previousUntilNs) {
            previous = null;
        }
        return previous != null && request.attributeStartsWith(StunAttribute.USERNAME, previous.usernamePrefix)
            ? previous : null;
    }

    private int validate(final int socket, final TransportAddress from, final long nowNs) {
        int pair = find(socket, from);
        if (pair == NONE) {
            pair = pairs < MAX_PAIRS ? pairs++ : oldestUnselected();
            pairSocket[pair] = socket;
            pairRemote[pair] = from;
        }
        pairCheckedNs[pair] = nowNs;
        if (state == State.WAITING) {
            state = State.VALIDATED;
        }
        return pair;
    }

    private void select(final int pair, final Credentials used, final boolean nominated, final long nowNs) {
        final boolean isNewest = used == current;
        if (!isNewest && !isAwaitingRestart) {
            // The client has moved on: the old generation is still answered but decides nothing any more.
            return;
        }
        final boolean isFirstOfRestart = isNewest && isAwaitingRestart;
        if (isFirstOfRestart) {
            isAwaitingRestart = false;
            previousUntilNs = nowNs + OLD_GENERATION_NS;
        }
        if (nominated || state != State.SELECTED || isFirstOfRestart) {
            selected = pair;
        }
        if (nominated) {
            state = State.SELECTED;
            previous = isNewest ? null : previous;
        }
    }

    private int find(final int socket, final TransportAddress from) {
        for (int i = 0; i < pairs; i++) {
            if (pairSocket[i] == socket && from.equals(pairRemote[i])) {
                return i;
            }
        }
        return NONE;
    }

    private int oldestUnselected() {
        int oldest = selected == 0 ? 1 : 0;
        for (int i = oldest + 1; i < pairs; i++) {
            if (i != selected && pairCheckedNs[i] < pairCheckedNs[oldest]) {
                oldest = i;
            }
        }
        return oldest;
    }

    private void answer(final int socket, final TransportAddress to, final StunIntegrity integrity) {
        begin(StunMessage.BINDING_SUCCESS).xorMappedAddress(to).integrity(integrity).fingerprint();
        queue(socket, to);
    }

    private void refuse(final int socket, final TransportAddress to, final int code, final byte[] reason,
        final @Nullable StunIntegrity integrity) {
        begin(StunMessage.BINDING_ERROR).errorCode(code, reason);
        finish(socket, to, integrity);
    }

    private void refuseUnknown(final int socket, final TransportAddress to, final int count,
        final StunIntegrity integrity) {
        begin(StunMessage.BINDING_ERROR).errorCode(420, UNKNOWN_ATTRIBUTE).unknownAttributes(unknown, count);
        finish(socket, to, integrity);
    }

    private void finish(final int socket, final TransportAddress to, final @Nullable StunIntegrity integrity) {
        if (integrity != null) {
            writer.integrity(integrity);
        }
        writer.fingerprint();
        queue(socket, to);
    }

    private StunWriter begin(final int type) {
        return writer.respond(answers, nextAnswer() * MAX_ANSWER, MAX_ANSWER, type, request);
    }

    /** The slot the next answer is written to; when all are taken, the newest is written over. */
    private int nextAnswer() {
        return (firstAnswer + Math.min(answerCount, MAX_ANSWERS - 1)) % MAX_ANSWERS;
    }

    private void queue(final int socket, final TransportAddress to) {
        final int slot = nextAnswer();
        answerLength[slot] = writer.length();
        answerSocket[slot] = socket;
        answerTo[slot] = to;
        answerCount = Math.min(answerCount + 1, MAX_ANSWERS);
    }

    /**
     * Writes the next answer, at most {@link #MAX_ANSWER} bytes; it goes from {@link #transmitSocket} to
     * {@link #transmitTo}.
     *
     * @return its length, 0 when there is none
     */
    public int pollTransmit(final MutableDirectBuffer out, final int offset, final long nowNs) {
        while (answerCount > 0) {
            final int slot = firstAnswer;
            firstAnswer = (firstAnswer + 1) % MAX_ANSWERS;
            answerCount--;
            final int length = answerLength[slot];
            if (length > 0) {
                out.putBytes(offset, answers, slot * MAX_ANSWER, length);
                transmitTo = answerTo[slot];
                transmitSocket = answerSocket[slot];
                return length;
            }
        }
        return 0;
    }

    /**
     * Destination of the datagram that {@link #pollTransmit} wrote last.
     *
     * @throws IllegalStateException when it never wrote one
     */
    public TransportAddress transmitTo() {
        final TransportAddress to = transmitTo;
        if (to == null) {
            throw new IllegalStateException("nothing was polled");
        }
        return to;
    }

    /** Index of the local address the datagram that {@link #pollTransmit} wrote last must leave from. */
    public int transmitSocket() {
        return transmitSocket;
    }

    /** True when this pair passed an authenticated check: DTLS and media from there may be looked at. */
    public boolean isValidated(final int socket, final TransportAddress from) {
        return (selected != NONE && pairSocket[selected] == socket && from.equals(pairRemote[selected]))
            || find(socket, from) != NONE;
    }

    /** Where to send: the nominated pair, before nomination the one checked last; null before any. */
    public @Nullable TransportAddress selectedTo() {
        return selected == NONE ? null : pairRemote[selected];
    }

    /** Index of the local address to send from to {@link #selectedTo}; -1 before any. */
    public int selectedSocket() {
        return selected == NONE ? NONE : pairSocket[selected];
    }

    /** Remote addresses of validated pairs now: at most {@link #MAX_PAIRS}. */
    public int validatedPairs() {
        return pairs;
    }

    /** Authenticated SRTP, SRTCP or DTLS came: counts as liveness, since some clients send no consent checks. */
    public void onAuthenticated(final long nowNs) {
        authenticatedNs = nowNs;
    }

    /** When something came last that only the client, alive, can have sent. */
    public long authenticatedNs() {
        return authenticatedNs;
    }

    /** DTLS is connected: the handshake deadline no longer applies. */
    public void onConnected(final long nowNs) {
        connected = true;
        authenticatedNs = nowNs;
    }

    /**
     * ICE restart (RFC 8445 section 9): new local credentials.
     *
     * <p>Until a check with them comes, all goes on as before: the old ones are answered and nominate, since the
     * client may never learn of the new ones. From that check on sending follows the new generation, and the old one
     * is only answered, until a pair is nominated with the new, or {@link #OLD_GENERATION_MS}. At most two generations
     * are known: a restart that follows one the client never used replaces that one, not the one in use.
     */
    public void restart(final String localUfrag, final String localPassword, final long nowNs) {
        if (!isAwaitingRestart) {
            previous = current;
        }
        previousUntilNs = Long.MAX_VALUE;
        current = new Credentials(localUfrag, localPassword);
        isAwaitingRestart = true;
    }

    /** True when checks for this ufrag of ours may still be answered: of one generation, or two after a restart. */
    public boolean isLocalUfrag(final String ufrag) {
        return current.ufrag.equals(ufrag) || (previous != null && previous.ufrag.equals(ufrag));
    }

    /** Lets deadlines pass. */
    public void handleTimeout(final long nowNs) {
        if (state == State.EXPIRED) {
            return;
        }
        if (!connected && nowNs >= handshakeDeadlineNs) {
            state = State.EXPIRED;
        } else if (nowNs >= idleCheckNs) {
            idleCheckNs = authenticatedNs + idleTimeoutNs;
            if (nowNs >= idleCheckNs) {
                state = State.EXPIRED;
            }
        }
    }

    /** When {@link #handleTimeout} wants to be called; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNs() {
        if (state == State.EXPIRED) {
            return Long.MAX_VALUE;
        }
        return connected ? idleCheckNs : Math.min(handshakeDeadlineNs, idleCheckNs);
    }

    /** Where the agent stands. */
    public State state() {
        return state;
    }

    /** How a disposition is counted as a drop; null when it is none. */
    public static @Nullable DropReason drop(final int disposition) {
        return switch (disposition) {
            case MALFORMED -> DropReason.STUN_MALFORMED;
            case UNKNOWN_USER -> DropReason.STUN_UNKNOWN_USER;
            case BAD_INTEGRITY -> DropReason.STUN_BAD_INTEGRITY;
            case UNEXPECTED -> DropReason.STUN_UNEXPECTED;
            case REPLAYED -> DropReason.STUN_REPLAYED;
            case WORN_OUT -> DropReason.STUN_WORN_OUT;
            default -> null;
        };
    }

    private static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** One generation of local credentials. */
    private static final class Credentials {
        private final String ufrag;
        private final byte[] usernamePrefix;
        private final StunIntegrity integrity;
        private final SeenChecks seen = new SeenChecks();

        Credentials(final String ufrag, final String password) {
            if (ufrag.length() < MIN_UFRAG || password.length() < MIN_PASSWORD) {
                throw new IllegalArgumentException("ice-ufrag and ice-pwd need " + MIN_UFRAG + " and " + MIN_PASSWORD
                    + " characters, not " + ufrag.length() + " and " + password.length());
            }
            this.ufrag = ufrag;
            usernamePrefix = ascii(ufrag + ":");
            integrity = new StunIntegrity(ascii(password));
        }
    }
}
