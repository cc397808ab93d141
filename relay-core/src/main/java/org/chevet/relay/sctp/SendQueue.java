package org.chevet.relay.sctp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait to be sent, by stream, and whose turn it is: the most urgent stream first, equals in turn, a
 * message begun is finished before an equal one. With DATA a message begun is finished before anything else, because
 * its TSNs must be consecutive (RFC 9260 section 6.9). One thread.
 */
final class SendQueue {
    private static final int MIN_CLASS = 8;
    private static final int MAX_POOLED_CLASS = 16;
    /** Bytes of released messages that are kept for the next ones. */
    private static final int MAX_POOLED = 262_144;
    private static final int MAX_FREE = 256;
    /** Messages held at once: a small one costs far more memory than its bytes. */
    static final int MAX_MESSAGES = 4096;

    private final Int2ObjectHashMap<OutStream> streams = new Int2ObjectHashMap<>();
    /** The same streams by index: a walk stays good when a callback adds one. */
    private final List<OutStream> walk = new ArrayList<>();
    private final @Nullable OutMessage[] free = new @Nullable OutMessage[MAX_POOLED_CLASS + 1];
    private int pooled;
    private int freeCount;
    private OutStream[] active = new OutStream[0];
    private int activeCount;
    private long turn;
    private long held;
    private int messages;
    private long memory;

    OutStream stream(final int id) {
        OutStream stream = streams.get(id);
        if (stream == null) {
            stream = new OutStream(id);
            streams.put(id, stream);
            walk.add(stream);
        }
        return stream;
    }

    @Nullable OutStream find(final int id) {
        return streams.get(id);
    }

    /** All streams ever used; grows at its end only. */
    List<OutStream> walk() {
        return walk;
    }

    /**
     * True when a message may be taken: bytes and number of messages each have a bound, a quarter of which is kept for
     * urgent streams.
     *
     * @param sendBuffer bound of the bytes
     */
    boolean hasRoom(final OutStream stream, final int length, final int sendBuffer) {
        final boolean isUrgent = stream.priority >= SctpAssociation.PRIORITY_HIGH;
        return held + length <= (isUrgent ? sendBuffer : sendBuffer - sendBuffer / 4)
            && messages < (isUrgent ? MAX_MESSAGES : MAX_MESSAGES - MAX_MESSAGES / 4);
    }

    /** A message was not taken: the owner is told anew when less is held for the stream, wherever its mark is. */
    static void refused(final OutStream stream) {
        if (stream.lowReported) {
            stream.lowSignalled = false;
            stream.lowReported = false;
        }
    }

    /** Memory of all messages not yet released, in bytes. */
    long memory() {
        return memory;
    }

    /** Bytes of all messages not yet released. */
    long held() {
        return held;
    }

    boolean isEmpty() {
        return activeCount == 0;
    }

    OutMessage add(final OutStream stream, final DirectBuffer from, final int offset, final int length) {
        final OutMessage message = take(length);
        message.bytes.putBytes(0, from, offset, length);
        message.length = length;
        message.stream = stream;
        message.sent = 0;
        message.fragments = 0;
        message.unresolved = 0;
        message.abandoned = false;
        held += length;
        messages++;
        memory += message.memory();
        stream.buffered += length;
        if (stream.buffered > stream.lowWater) {
            stream.lowSignalled = false;
            stream.lowReported = false;
        }
        if (stream.head == null) {
            activate(stream);
        }
        stream.add(message);
        return message;
    }

    private void activate(final OutStream stream) {
        if (activeCount == active.length) {
            active = Arrays.copyOf(active, Math.max(4, 2 * activeCount));
        }
        active[activeCount++] = stream;
    }

    /** The stream whose head is to be sent next, or null. */
    @Nullable OutStream next() {
        OutStream best = null;
        for (int i = 0; i < activeCount; i++) {
            final OutStream each = active[i];
            if (best == null || isBefore(each, best)) {
                best = each;
            }
        }
        return best;
    }

    private static boolean isBefore(final OutStream one, final OutStream other) {
        if (one.priority != other.priority) {
            return one.priority > other.priority;
        }
        final boolean isBegun = isBegun(one);
        return isBegun == isBegun(other) ? one.servedTurn < other.servedTurn : isBegun;
    }

    private static boolean isBegun(final OutStream stream) {
        final OutMessage head = stream.head;
        return head != null && head.sent > 0;
    }

    /** Takes the head off: it is wholly sent or given up. */
    void removeHead(final OutStream stream) {
        stream.removeHead();
        stream.servedTurn = ++turn;
        if (stream.head == null) {
            for (int i = 0; i < activeCount; i++) {
                if (active[i] == stream) {
                    active[i] = active[--activeCount];
                    break;
                }
            }
        }
    }

    /** Nothing of the message is needed any more. */
    void release(final OutMessage message) {
        held -= message.length;
        messages--;
        memory -= message.memory();
        message.stream = null;
        final int capacity = message.bytes.capacity();
        final int index = classOf(capacity);
        if (index <= MAX_POOLED_CLASS && pooled + capacity <= MAX_POOLED && freeCount < MAX_FREE) {
            pooled += capacity;
            freeCount++;
            message.next = free[index];
            free[index] = message;
        }
    }

    private OutMessage take(final int length) {
        final int index = classOf(length);
        if (index <= MAX_POOLED_CLASS) {
            final OutMessage first = free[index];
            if (first != null) {
                free[index] = first.next;
                first.next = null;
                pooled -= first.bytes.capacity();
                freeCount--;
                return first;
            }
        }
        final OutMessage message = new OutMessage();
        message.bytes.wrap(new byte[index <= MAX_POOLED_CLASS ? 1 << index : length]);
        return message;
    }

    private static int classOf(final int length) {
        return Math.max(MIN_CLASS, Integer.SIZE - Integer.numberOfLeadingZeros(length - 1));
    }

    /** Forgets all messages and starts all streams anew. */
    void clear() {
        for (final OutStream stream : walk) {
            stream.head = null;
            stream.tail = null;
            stream.buffered = 0;
            stream.restart();
        }
        Arrays.fill(active, 0, activeCount, null);
        activeCount = 0;
        held = 0;
        messages = 0;
        memory = 0;
    }
}
