package org.chevet.relay.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A kernel in memory: reads the messages as the real one does, cuts segmented ones into datagrams, and refuses what a
 * test tells it to.
 */
final class FakeKernel implements SocketCalls {
    private static final int HEADER = 64;

    /** A datagram that left: its receiver's port, its bytes. */
    static final class Sent {
        private final int port;
        private final byte[] bytes;

        Sent(final int port, final byte[] bytes) {
            this.port = port;
            this.bytes = bytes;
        }

        int port() {
            return port;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    final List<Sent> sent = new ArrayList<>();
    /** One entry per call: segments of each message. */
    final List<List<Integer>> calls = new ArrayList<>();
    /** Results of the next calls: messages to take at most, or a negative errno. Then everything is taken. */
    final Deque<Integer> script = new ArrayDeque<>();
    /** Errno of every message with more than one segment; 0 for none. */
    int segmentErrno;
    /** Errno of every message that holds a datagram longer than this. */
    int maxLength = Integer.MAX_VALUE;
    /** Datagrams that wait to be read. */
    final Deque<Sent> waiting = new ArrayDeque<>();
    long stampNs;
    long nowNs = 5_000_000_000L;

    @Override
    public int receive(final long messages, final int count) {
        if (waiting.isEmpty()) {
            return -Posix.EAGAIN;
        }
        final UnsafeBuffer headers = new UnsafeBuffer(messages, count * HEADER);
        int read = 0;
        for (; read < count && !waiting.isEmpty(); read++) {
            final Sent datagram = waiting.poll();
            final int at = read * HEADER;
            final UnsafeBuffer name = new UnsafeBuffer(headers.getLong(at), SocketAddresses.MAX_LENGTH);
            name.putShort(0, (short) Posix.AF_INET);
            name.putShort(2, (short) datagram.port(), ByteOrder.BIG_ENDIAN);
            name.putInt(4, 0x7F000001, ByteOrder.BIG_ENDIAN);
            final UnsafeBuffer vector = new UnsafeBuffer(headers.getLong(at + 16), 16);
            final int room = (int) vector.getLong(8);
            final int length = Math.min(room, datagram.bytes().length);
            new UnsafeBuffer(vector.getLong(0), room).putBytes(0, datagram.bytes(), 0, length);
            headers.putInt(at + 48, datagram.bytes().length > room ? Posix.MSG_TRUNC : 0);
            headers.putInt(at + 56, length);
            writeStamp(headers, at);
        }
        return read;
    }

    private void writeStamp(final UnsafeBuffer headers, final int at) {
        if (stampNs == 0) {
            headers.putLong(at + 40, 0);
            return;
        }
        final UnsafeBuffer control = new UnsafeBuffer(headers.getLong(at + 32), 32);
        control.putLong(0, 32);
        control.putInt(8, Posix.SOL_SOCKET);
        control.putInt(12, Posix.SO_TIMESTAMPNS);
        control.putLong(16, stampNs / 1_000_000_000L);
        control.putLong(24, stampNs % 1_000_000_000L);
        headers.putLong(at + 40, 32);
    }

    @Override
    public int send(final long messages, final int count) {
        final UnsafeBuffer headers = new UnsafeBuffer(messages, count * HEADER);
        final List<Integer> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            segments.add((int) headers.getLong(i * HEADER + 24));
        }
        calls.add(segments);
        final int scripted = script.isEmpty() ? count : script.poll();
        if (scripted < 0) {
            return scripted;
        }
        int taken = 0;
        for (; taken < Math.min(count, scripted); taken++) {
            final int errno = errnoOf(headers, taken * HEADER);
            if (errno != 0) {
                return taken == 0 ? -errno : taken;
            }
            take(headers, taken * HEADER);
        }
        return taken;
    }

    private int errnoOf(final UnsafeBuffer headers, final int at) {
        final long slots = headers.getLong(at + 24);
        final UnsafeBuffer vectors = new UnsafeBuffer(headers.getLong(at + 16), (int) slots * 16);
        for (int i = 0; i < slots; i++) {
            if (vectors.getLong(i * 16 + 8) > maxLength) {
                return Posix.EMSGSIZE;
            }
        }
        return slots > 1 ? segmentErrno : 0;
    }

    /** Concatenates the vectors and cuts them as UDP_SEGMENT says. */
    private void take(final UnsafeBuffer headers, final int at) {
        final int port = new UnsafeBuffer(headers.getLong(at), 4).getShort(2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int slots = (int) headers.getLong(at + 24);
        final UnsafeBuffer vectors = new UnsafeBuffer(headers.getLong(at + 16), slots * 16);
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < slots; i++) {
            final int length = (int) vectors.getLong(i * 16 + 8);
            final byte[] bytes = new byte[length];
            new UnsafeBuffer(vectors.getLong(i * 16), length).getBytes(0, bytes);
            all.writeBytes(bytes);
        }
        final byte[] bytes = all.toByteArray();
        final int cut = headers.getLong(at + 40) == 0 ? Math.max(1, bytes.length)
            : new UnsafeBuffer(headers.getLong(at + 32), 24).getShort(16) & 0xFFFF;
        for (int from = 0; from < bytes.length; from += cut) {
            sent.add(new Sent(port, Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + cut))));
        }
    }

    @Override
    public long realtimeNs() {
        return nowNs;
    }
}
