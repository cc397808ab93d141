package org.chevet.relay.lane;

import java.util.HashMap;
import java.util.Map;
import org.chevet.relay.lane.RelayDoor.EndToEndKey;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * The epochs of keys of one consultation, as the relay carries them: which is the newest, what each participant
 * announced, and the newest epoch as it was wrapped for each, for those who come back. It can open none of it. Bounded
 * by the participants of the consultation; lane thread only.
 */
final class Epochs {
    /** The number before any other: the epoch of the link's secret. */
    static final int NONE = 0;

    private final SessionLinks sessions;
    private final LaneStats stats;
    private final Map<String, EndToEndKey> announced = new HashMap<>();
    private final Map<String, Carried> kept = new HashMap<>();
    private int current = NONE;

    Epochs(final SessionLinks sessions, final LaneStats stats) {
        this.sessions = sessions;
        this.stats = stats;
    }

    /**
     * An epoch on its way to one participant.
     *
     * @param epoch its number
     * @param from who wrapped it
     * @param key the point of who wrapped it
     * @param toKey the point it was wrapped for, as far as the relay knows
     */
    record Carried(int epoch, String from, String key, String nonce, String sealed, String toKey) {
    }

    /** Number of the newest epoch; {@link #NONE} when this relay has carried none. */
    int current() {
        return current;
    }

    /** What a participant announced, or null. */
    @Nullable EndToEndKey of(final String participant) {
        return announced.get(participant);
    }

    /** Notes an announcement, in the place of an earlier one; false when it is the same. */
    boolean announce(final String participant, final EndToEndKey now) {
        return !now.equals(announced.put(participant, now));
    }

    /** Sends the newest epoch again when it was wrapped for the key that the participant has: it may have missed it. */
    void again(final String participant) {
        final Carried last = kept.get(participant);
        final EndToEndKey key = announced.get(participant);
        if (last != null && key != null && last.toKey().equals(key.key())) {
            carry(participant, last);
        }
    }

    /**
     * Takes a new epoch and hands it to everyone named who is here. The first to make one wins.
     *
     * @param inCharge the one who asks may make epochs
     * @return null when it is taken
     */
    @Nullable Refusal make(final String from, final boolean inCharge, final SessionRequest.Epoch made) {
        final Refusal refusal = refusalOf(from, inCharge);
        if (refusal != null) {
            return refusal;
        }
        // A relay that was started again knows none: whichever comes is the newest.
        if (current != NONE && made.epoch() != current + 1) {
            return new Refusal(Refusal.Reason.EPOCH_CONFLICT,
                "The consultation is in epoch " + current + ": the next one follows it.");
        }
        current = made.epoch();
        kept.clear();
        stats.count(Counter.EPOCHS_STARTED);
        for (final SessionRequest.Wrapped wrapped : made.wrapped()) {
            final Carried carried = keep(from, made.epoch(), wrapped);
            // Who made it has it, and gets it only when the answer was lost.
            if (carried != null && !wrapped.participant().equals(from)) {
                carry(wrapped.participant(), carried);
            }
        }
        return null;
    }

    /**
     * Hands the newest epoch to one who came after it was made.
     *
     * @param inCharge the one who asks may make epochs
     * @return null when it is taken
     */
    @Nullable Refusal hand(final String from, final boolean inCharge, final SessionRequest.EpochFor made) {
        final Refusal refusal = refusalOf(from, inCharge);
        if (refusal != null) {
            return refusal;
        }
        if (current != NONE && made.epoch() != current) {
            return new Refusal(Refusal.Reason.EPOCH_CONFLICT,
                "The consultation is in epoch " + current + ", and only that one is handed on.");
        }
        final String to = made.wrapped().participant();
        final Carried carried = keep(from, made.epoch(), made.wrapped());
        if (carried == null) {
            return new Refusal(Refusal.Reason.NOT_FOUND, "There is nobody of this id who has announced a key.");
        }
        current = made.epoch();
        carry(to, carried);
        return null;
    }

    /** The participant is gone. */
    void left(final String participant) {
        announced.remove(participant);
        kept.remove(participant);
    }

    private @Nullable Refusal refusalOf(final String from, final boolean inCharge) {
        if (!inCharge) {
            return new Refusal(Refusal.Reason.EPOCH_CONFLICT, "Practitioners and companions change the keys.");
        }
        return announced.containsKey(from) ? null
            : new Refusal(Refusal.Reason.EPOCH_CONFLICT, "Announce a key of your own (endToEnd) first.");
    }

    /** Null when the receiver has announced nothing: it is not here, or knows nothing of keys. */
    private @Nullable Carried keep(final String from, final int epoch, final SessionRequest.Wrapped wrapped) {
        final EndToEndKey sender = announced.get(from);
        final EndToEndKey receiver = announced.get(wrapped.participant());
        if (sender == null || receiver == null) {
            return null;
        }
        final Carried carried =
            new Carried(epoch, from, sender.key(), wrapped.nonce(), wrapped.sealed(), receiver.key());
        kept.put(wrapped.participant(), carried);
        return carried;
    }

    private void carry(final String participant, final Carried carried) {
        stats.count(Counter.EPOCH_SECRETS_CARRIED);
        sessions.sendToParticipant(participant, SessionMessages.epoch(carried));
    }
}
