package org.chevet.relay.client.e2ee;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the participants of a session come to a new epoch: each announces a point, one of those who may wraps new secret
 * bytes for all, and who comes later is served. Sans-IO; the caller carries the messages. One owner thread.
 */
public final class EpochAgreement {
    /** Longest random wait before an eviction is answered. */
    public static final long EVICTION_WAIT_NS = 500_000_000L;
    /** How long the next one waits for the one before to serve who came later. */
    public static final long TURN_NS = 1_000_000_000L;
    /** Who may make an epoch and is served none for so long makes one: perhaps nobody is left who may serve. */
    public static final long UNSERVED_NS = 3_000_000_000L;
    /** Participants that are known at a time. */
    public static final int MAX_MEMBERS = 256;

    private final String self;
    private final EpochKeys keys;
    private final KeyPair pair;
    private final byte[] ownPoint;
    private final Consumer<byte[]> random;
    private final Map<String, Member> roster = new TreeMap<>();
    private final Map<String, String> served = new HashMap<>();
    private final Map<String, Long> servingAtNs = new HashMap<>();
    private final ArrayDeque<Outgoing> out = new ArrayDeque<>();
    private byte @Nullable [] newestSecret;
    private @Nullable Proposal proposal;
    private long rotateAtNs = Long.MAX_VALUE;
    private long unservedAtNs = Long.MAX_VALUE;
    private long refused;

    /**
     * One participant as the roster has it.
     *
     * @param mayRotate practitioner or companion
     * @param key announced point, base64url, "" when there is none
     * @param mac its proof, base64url
     */
    public record Member(String participant, boolean mayRotate, String key, String mac) {
    }

    /** What is to be sent. */
    public sealed interface Outgoing {
    }

    /** The session message {@code endToEnd}. */
    public record Announce(String key, String mac) implements Outgoing {
    }

    /** A secret for one participant, base64url. */
    public record Wrapped(String participant, String nonce, String sealed) {
    }

    /** The session message {@code epoch}; its answer goes to {@link #accepted} or {@link #conflict}. */
    public record Rotate(int epoch, List<Wrapped> wrapped) implements Outgoing {
        /** Copies the list. */
        public Rotate {
            wrapped = List.copyOf(wrapped);
        }
    }

    /** The session message {@code epochFor}. */
    public record Serve(int epoch, Wrapped wrapped) implements Outgoing {
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares proposals
    private record Proposal(int epoch, byte[] secret, Map<String, String> served) {
    }

    /**
     * The agreement of one participant.
     *
     * @param keys holds epoch 0 already
     * @param pair a P-256 pair, new for this session
     * @param random fills arrays with unpredictable bytes
     */
    public EpochAgreement(final String self, final EpochKeys keys, final KeyPair pair,
        final Consumer<byte[]> random) {
        this.self = self;
        this.keys = keys;
        this.pair = pair;
        this.random = random;
        ownPoint = EpochWrap.point((ECPublicKey) pair.getPublic());
    }

    /** Announcements, wrappings and answers that were not believed. */
    public long refused() {
        return refused;
    }

    /** The session said welcome, the first time or after a loss, and which epoch the consultation is in. */
    public void welcomed(final int epoch, final long nowNs) {
        keys.needs(epoch);
        // An answer that was lost does not come any more; when the relay took the epoch it sends it again.
        proposal = null;
        if (epoch < keys.newest()) {
            // The relay was started again: it keeps nothing for those who were away, and has to learn the number.
            served.clear();
        }
        unservedAtNs = epoch > keys.newest() ? nowNs + UNSERVED_NS : Long.MAX_VALUE;
        out.add(new Announce(base64(ownPoint), base64(KeySchedule.announceMac(zero(), self, ownPoint))));
    }

    /** Who is here now. */
    public void roster(final List<Member> members, final long nowNs) {
        roster.clear();
        members.stream().limit(MAX_MEMBERS).forEach(member -> roster.put(member.participant(), member));
        served.keySet().retainAll(roster.keySet());
        servingAtNs.keySet().retainAll(roster.keySet());
        serveLate(nowNs);
    }

    /** Who announced a point after the newest epoch was made gets it from the first who may give it. */
    private void serveLate(final long nowNs) {
        final int rank = rank();
        if (newestSecret == null || rank < 0) {
            return;
        }
        for (final Member member : roster.values()) {
            if (!member.participant().equals(self) && !member.key().isEmpty()
                && !member.key().equals(served.get(member.participant()))) {
                served.put(member.participant(), member.key());
                servingAtNs.put(member.participant(), nowNs + rank * TURN_NS);
            }
        }
    }

    /**
     * Somebody was put out: the first who may makes an epoch that they do not have, after a random wait, or else the
     * next one a turn later. To be told in the order of the session's messages.
     */
    public void evicted(final long nowNs) {
        final int rank = rank();
        if (rank >= 0) {
            final byte[] wait = new byte[Integer.BYTES];
            random.accept(wait);
            final long share = ByteBuffer.wrap(wait).getInt() & 0xFFFF_FFFFL;
            rotateAtNs = Math.min(rotateAtNs,
                nowNs + rank * TURN_NS + ((EVICTION_WAIT_NS * share) >>> Integer.SIZE));
        }
    }

    /** Makes a new epoch for all who are here and have announced a point; false when one is under way. */
    public boolean rotate() {
        rotateAtNs = Long.MAX_VALUE;
        if (proposal != null) {
            return false;
        }
        final byte[] secret = new byte[KeySource.SECRET_BYTES];
        random.accept(secret);
        final int epoch = keys.next();
        final List<Wrapped> wrapped = new ArrayList<>();
        final Map<String, String> now = new HashMap<>();
        for (final Member member : roster.values()) {
            final Wrapped one = member.key().isEmpty() ? null : wrap(member, epoch, secret);
            if (one != null) {
                wrapped.add(one);
                now.put(member.participant(), member.key());
            }
        }
        proposal = new Proposal(epoch, secret, now);
        out.add(new Rotate(epoch, wrapped));
        return true;
    }

    /** The relay took the epoch that was proposed: it is used from here on. */
    public void accepted(final int epoch, final long nowNs) {
        final Proposal made = proposal;
        proposal = null;
        if (made != null && made.epoch() == epoch) {
            adopt(epoch, made.secret(), made.served(), nowNs);
            // Somebody may have come while it was under way.
            serveLate(nowNs);
        }
    }

    /** The relay refused it: somebody else was faster. */
    public void conflict() {
        proposal = null;
    }

    /** The session message {@code epoch}: true when it is believed, and held. */
    public boolean received(final int epoch, final String from, final String nonce, final String sealed,
        final String key, final long nowNs) {
        if (epoch <= keys.newest()) {
            return false;
        }
        final Member sender = roster.get(from);
        final byte[] point = sender == null || !sender.key().equals(key) ? null : pointOf(sender);
        final byte[] nonceBytes = bytes(nonce);
        final byte[] sealedBytes = bytes(sealed);
        if (point == null || nonceBytes == null || nonceBytes.length != EpochWrap.NONCE_BYTES
            || sealedBytes == null) {
            refused++;
            return false;
        }
        final byte[] secret =
            EpochWrap.unwrap(pair.getPrivate(), point, from, self, epoch, nonceBytes, sealedBytes);
        if (secret == null) {
            refused++;
            return false;
        }
        final Map<String, String> now = new HashMap<>();
        roster.values().forEach(member -> now.put(member.participant(), member.key()));
        adopt(epoch, secret, now, nowNs);
        return true;
    }

    /** The next message to send; null when there is none. */
    public @Nullable Outgoing poll() {
        return out.poll();
    }

    /** When {@link #handleTimeout} has something to do; Long.MAX_VALUE = never. */
    public long nextDeadlineNs() {
        long earliest = Math.min(rotateAtNs, unservedAtNs);
        for (final long at : servingAtNs.values()) {
            earliest = Math.min(earliest, at);
        }
        return earliest;
    }

    /** Does what is due. */
    public void handleTimeout(final long nowNs) {
        if (nowNs >= rotateAtNs) {
            rotate();
        }
        if (nowNs >= unservedAtNs) {
            unservedAtNs = Long.MAX_VALUE;
            if (rank() >= 0) {
                rotate();
            }
        }
        final byte[] secret = newestSecret;
        for (final Member member : roster.values()) {
            final Long due = servingAtNs.get(member.participant());
            if (due != null && nowNs >= due) {
                servingAtNs.remove(member.participant());
                final Wrapped one = secret == null ? null : wrap(member, keys.newest(), secret);
                if (one != null) {
                    out.add(new Serve(keys.newest(), one));
                }
            }
        }
    }

    /** Somebody else has served who came later. */
    public void servedByOther(final String participant) {
        servingAtNs.remove(participant);
    }

    private void adopt(final int epoch, final byte[] secret, final Map<String, String> now, final long nowNs) {
        // An eviction that waits here has been answered by this epoch.
        rotateAtNs = Long.MAX_VALUE;
        unservedAtNs = Long.MAX_VALUE;
        newestSecret = secret;
        served.clear();
        served.putAll(now);
        servingAtNs.clear();
        keys.needs(epoch);
        keys.hold(epoch, secret, nowNs);
    }

    private @Nullable Wrapped wrap(final Member member, final int epoch, final byte[] secret) {
        final byte[] point = pointOf(member);
        if (point == null) {
            return null;
        }
        final byte[] nonce = new byte[EpochWrap.NONCE_BYTES];
        random.accept(nonce);
        try {
            return new Wrapped(member.participant(), base64(nonce), base64(
                EpochWrap.wrap(pair.getPrivate(), point, self, member.participant(), epoch, nonce, secret)));
        } catch (GeneralSecurityException e) {
            refused++;
            return null;
        }
    }

    /** The point a participant announced; null when the proof is not of somebody who has the consultation's secret. */
    private byte @Nullable [] pointOf(final Member member) {
        final byte[] point = bytes(member.key());
        final byte[] mac = bytes(member.mac());
        if (point == null || mac == null || point.length != EpochWrap.POINT_BYTES
            || !MessageDigest.isEqual(mac, KeySchedule.announceMac(zero(), member.participant(), point))) {
            refused++;
            return null;
        }
        return point;
    }

    private byte[] zero() {
        final KeySource.Epoch zero = keys.zero();
        if (zero == null) {
            throw new IllegalStateException("epoch 0 was never held");
        }
        return zero.secret();
    }

    /** Own place among those who may rotate, by id; -1 when one may not. */
    private int rank() {
        int rank = 0;
        for (final Member member : roster.values()) {
            if (member.participant().equals(self)) {
                return member.mayRotate() ? rank : -1;
            }
            rank += member.mayRotate() && !member.key().isEmpty() ? 1 : 0;
        }
        return -1;
    }

    private static String base64(final byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte @Nullable [] bytes(final String text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
