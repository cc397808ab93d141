package org.chevet.relay.net;

import java.util.Objects;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * The egress slab of one socket: datagrams are built in its slots and leave in order, many by one call. Consecutive
 * datagrams of equal size to one receiver (the last may be shorter) go as one message that the kernel cuts (UDP GSO).
 *
 * <pre>
 *   slots   0 .. head .. tail .. CAPACITY | scratch
 *             sent  waiting  free           built when full, then dropped and counted
 * </pre>
 *
 * <p>When the kernel's buffer is full the rest waits in order until {@link #flush} is called with the socket writable
 * again. A datagram the kernel refuses is counted and skipped. GSO that a kernel or device refuses is turned off.
 * One thread; nothing is allocated after construction.
 */
final class SendBatch {
    static final int CAPACITY = 128;
    /** Datagrams of one message: the least bound any kernel with GSO has. */
    static final int MAX_SEGMENTS = 64;
    /** Bytes of one message: what fits an IPv4 datagram, with room to spare. */
    static final int MAX_SEGMENTED_BYTES = 65_000;
    /** Messages refused as segmented, none taken in between, before GSO is given up. */
    static final int MAX_REFUSALS = 8;

    private final SocketCalls calls;
    private final boolean ipv6;
    private final LaneStats stats;
    private final MessageVector vector = new MessageVector(CAPACITY + 1);
    private final int[] lengths = new int[CAPACITY];
    private final @Nullable TransportAddress[] receivers = new @Nullable TransportAddress[CAPACITY];
    private int head;
    private int tail;
    private boolean blocked;
    private boolean segmenting;
    private int refusals;
    /** Slots before this one go one by one: their message was refused as segmented. */
    private int plainUntil;

    SendBatch(final SocketCalls calls, final boolean ipv6, final boolean segmenting, final LaneStats stats) {
        this.calls = calls;
        this.ipv6 = ipv6;
        this.segmenting = segmenting;
        this.stats = stats;
    }

    /** Where the next datagram is built, from {@link #offset}. */
    MutableDirectBuffer buffer() {
        return vector.buffer();
    }

    int offset() {
        return vector.slot(tail);
    }

    /** Takes the datagram at {@link #offset}; it leaves with {@link #flush}, or now when the slab is full. */
    void add(final TransportAddress to, final int length) {
        if (tail == CAPACITY) {
            // Only while the kernel's buffer is full; built in the scratch slot and gone.
            stats.drop(DropReason.SEND_BUFFER_FULL);
            return;
        }
        vector.slotLength(tail, length);
        lengths[tail] = length;
        note(tail, to);
        tail++;
        if (tail == CAPACITY) {
            flush(false);
        }
    }

    /** Reading is cheaper than storing a reference, which the collector wants to know of. */
    @SuppressWarnings("ReferenceEquality")
    private void note(final int slot, final TransportAddress to) {
        if (receivers[slot] != to) {
            receivers[slot] = to;
        }
    }

    /** True when the kernel took less than there is: ask to be told when the socket is writable. */
    boolean isBlocked() {
        return blocked;
    }

    /** True while equal datagrams go as one message. */
    boolean isSegmenting() {
        return segmenting;
    }

    /**
     * Hands over what waits.
     *
     * @param writable the socket said so; else nothing is tried while the kernel's buffer is full
     */
    void flush(final boolean writable) {
        if (blocked && !writable) {
            return;
        }
        blocked = false;
        while (head < tail && !blocked) {
            final int messages = describe();
            final int sent = messages == 0 ? 0 : calls.send(vector.messages(), messages);
            if (messages > 0) {
                stats.count(Counter.SEND_CALLS);
            }
            if (sent > 0) {
                taken(sent);
            } else if (sent < 0) {
                onError(-sent);
            }
        }
        if (head == tail) {
            head = 0;
            tail = 0;
            plainUntil = 0;
        }
    }

    /** Describes the datagrams from head as messages; returns how many. Stops before one that has no address form. */
    private int describe() {
        int messages = 0;
        int slot = head;
        while (slot < tail) {
            final TransportAddress to = receivers[slot];
            final int nameLength = to == null ? 0
                : SocketAddresses.write(to, ipv6, vector.buffer(), vector.name(messages));
            if (nameLength == 0) {
                if (messages == 0) {
                    skip(DropReason.SEND_FAILED);
                }
                return messages;
            }
            final int run = segmenting && slot >= plainUntil ? run(slot) : 1;
            vector.message(messages, nameLength, slot, run,
                run == 1 ? 0 : vector.segmentControl(messages, lengths[slot]));
            messages++;
            slot += run;
        }
        return messages;
    }

    /** Datagrams from a slot on that one message can carry. */
    private int run(final int first) {
        final TransportAddress to = receivers[first];
        final int length = lengths[first];
        final int end = Math.min(tail, first + Math.min(MAX_SEGMENTS, MAX_SEGMENTED_BYTES / length));
        int slot = first + 1;
        while (slot < end && lengths[slot] == length && Objects.equals(receivers[slot], to)) {
            slot++;
        }
        if (slot < end && lengths[slot] < length && Objects.equals(receivers[slot], to)) {
            slot++;
        }
        return slot - first;
    }

    private void taken(final int messages) {
        int datagrams = 0;
        long bytes = 0;
        for (int i = 0; i < messages; i++) {
            final int slots = vector.slotsOf(i);
            if (slots > 1) {
                stats.count(Counter.SEGMENTED_SENDS);
                refusals = 0;
            }
            for (int slot = head; slot < head + slots; slot++) {
                bytes += lengths[slot];
            }
            head += slots;
            datagrams += slots;
        }
        stats.add(Counter.DATAGRAMS_SENT, datagrams);
        stats.add(Counter.BYTES_SENT, bytes);
    }

    /** What the kernel says of the first message. */
    private void onError(final int errno) {
        switch (errno) {
            case Posix.EAGAIN -> {
                blocked = true;
                stats.count(Counter.SENDS_BLOCKED);
            }
            case Posix.EINTR -> { }
            default -> {
                if (vector.slotsOf(0) > 1 && isRefusalOfSegments(errno)) {
                    onSegmentsRefused(errno);
                } else {
                    for (int left = vector.slotsOf(0); left > 0; left--) {
                        skip(reasonOf(errno));
                    }
                }
            }
        }
    }

    private static boolean isRefusalOfSegments(final int errno) {
        return errno == Posix.EIO || errno == Posix.EINVAL || errno == Posix.EMSGSIZE || errno == Posix.EOPNOTSUPP;
    }

    /** These datagrams go one by one; GSO is given up when that keeps happening. */
    private void onSegmentsRefused(final int errno) {
        plainUntil = head + vector.slotsOf(0);
        refusals++;
        stats.count(Counter.SEGMENTING_REFUSED);
        // EIO: the device cannot check-sum segments, and will not learn it.
        segmenting = errno != Posix.EIO && refusals < MAX_REFUSALS;
    }

    private void skip(final DropReason reason) {
        stats.drop(reason);
        head++;
    }

    private static DropReason reasonOf(final int errno) {
        return switch (errno) {
            case Posix.EMSGSIZE -> DropReason.SEND_TOO_LARGE;
            case Posix.ECONNREFUSED, Posix.EHOSTUNREACH, Posix.ENETUNREACH -> DropReason.SEND_UNREACHABLE;
            case Posix.ENOBUFS -> DropReason.SEND_BUFFER_FULL;
            default -> DropReason.SEND_FAILED;
        };
    }
}
