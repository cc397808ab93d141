package org.chevet.relay.lane;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.chevet.relay.sctp.DataChannel;
import org.chevet.relay.sctp.DataChannels;
import org.chevet.relay.sctp.SctpAssociation;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * Chat, annotations and objects of one consultation: what a participant sends on a channel goes to the channels of the
 * same label of all others, unread. Lane thread only.
 *
 * <p>A receiver that does not keep up holds at most the bound of the label. Beyond it an annotation is dropped, because
 * the next one matters more; a chat or an object may not have a hole, so that the receiver's channel is closed
 * behind what it was sent.
 */
final class ChannelRelay {
    /** Largest message: without I-DATA a vitals message waits behind the one that was begun. */
    static final int MAX_MESSAGE = 16 * 1024;

    private final LaneStats stats;
    private final Map<Label, List<Member>> members = new EnumMap<>(Label.class);

    /** What is relayed. Priorities are below {@link SctpAssociation#PRIORITY_HIGH}, which vitals have. */
    enum Label {
        /** Words. */
        CHAT("chevet.chat", 448, 64 * 1024, false),
        /** Pointers and drawings, of which the newest counts. */
        ANNOTATIONS("chevet.annotations", 384, 32 * 1024, true),
        /** Pictures and documents. */
        OBJECTS("chevet.objects", 128, 256 * 1024, false);

        private final String text;
        private final int priority;
        private final int maxHeld;
        private final boolean mayDrop;

        Label(final String text, final int priority, final int maxHeld, final boolean mayDrop) {
            this.text = text;
            this.priority = priority;
            this.maxHeld = maxHeld;
            this.mayDrop = mayDrop;
        }

        /** The label of that name, or null. */
        static @Nullable Label of(final String name) {
            for (final Label label : values()) {
                if (label.text.equals(name)) {
                    return label;
                }
            }
            return null;
        }

        /** Urgency of its stream on the way to a receiver. */
        int priority() {
            return priority;
        }

        /** Bytes a receiver may hold. */
        int maxHeld() {
            return maxHeld;
        }
    }

    /**
     * A channel that takes part.
     *
     * @param participant who opened it
     * @param channels of the peer
     * @param onSent run when something waits for the peer
     */
    record Member(Label label, String participant, DataChannels channels, DataChannel channel, Runnable onSent) {
    }

    ChannelRelay(final LaneStats stats) {
        this.stats = stats;
        for (final Label label : Label.values()) {
            members.put(label, new ArrayList<>());
        }
    }

    void join(final Member member) {
        of(member.label).add(member);
    }

    void leave(final Member member) {
        of(member.label).remove(member);
    }

    /** Hands a message of one member to all others but the same participant's; the bytes are borrowed. */
    void relay(final Member from, final boolean binary, final DirectBuffer buffer, final int offset, final int length,
        final long nowNs) {
        final List<Member> all = of(from.label);
        for (int i = all.size() - 1; i >= 0; i--) {
            final Member to = all.get(i);
            if (!to.participant.equals(from.participant)) {
                send(to, binary, buffer, offset, length, nowNs);
            }
        }
    }

    private void send(final Member to, final boolean binary, final DirectBuffer buffer, final int offset,
        final int length, final long nowNs) {
        final boolean hasRoom = to.channels.bufferedAmount(to.channel) + length <= to.label.maxHeld;
        if (hasRoom && to.channels.send(to.channel, binary, buffer, offset, length, nowNs) == SctpAssociation.SENT) {
            stats.count(Counter.DATA_MESSAGES_RELAYED);
        } else if (to.label.mayDrop) {
            stats.drop(DropReason.ANNOTATION_DROPPED);
            return;
        } else {
            stats.drop(DropReason.DATA_CHANNEL_TOO_SLOW);
            leave(to);
            to.channels.close(to.channel);
        }
        to.onSent.run();
    }

    private List<Member> of(final Label label) {
        final List<Member> found = members.get(label);
        if (found == null) {
            throw new IllegalStateException("no list for " + label);
        }
        return found;
    }
}
