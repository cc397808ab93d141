package org.chevet.bench.socket;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sockets by {@code recvmmsg}, {@code sendmmsg} and {@code epoll_pwait2}. The memory of the batches is laid out once:
 *
 * <pre>
 *   mmsghdr (64 bytes): name, namelen, iov -> iovec -> slot, iovlen 1, control -> 64 bytes, controllen, flags | len
 *   control, when received: cmsghdr (16 bytes: SOL_SOCKET, SO_TIMESTAMPNS) and struct timespec (16 bytes)
 * </pre>
 */
final class LinuxWire implements Wire {
    private static final int HEADER = 64;
    private static final int IOVEC = 16;
    private static final int CONTROL = 64;
    private static final int IOV_AT = 16;
    private static final int IOVLEN_AT = 24;
    private static final int CONTROL_AT = 32;
    private static final int CONTROLLEN_AT = 40;
    private static final int LENGTH_AT = 56;
    private static final int CMSG_TYPE_AT = 12;
    private static final int CMSG_DATA_AT = 16;
    private static final int ADDRESS = 16;
    private static final int EVENTS = 256;
    /** The kernel packs struct epoll_event on x86-64 only. */
    private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");
    private static final int EVENT = PACKED ? 12 : 16;
    private static final int EVENT_DATA_AT = PACKED ? 4 : 8;
    private static final int SOCKET_BUFFER = 4 << 20;
    private static final long NS = 1_000_000_000L;
    private static final int WAKE = -1;

    private final Arena arena = Arena.ofShared();
    private final int epoll;
    private final int event;
    private final UnsafeBuffer inSlots = memory(BATCH * SLOT);
    private final UnsafeBuffer inHeaders = memory(BATCH * HEADER);
    private final UnsafeBuffer inVectors = memory(BATCH * IOVEC);
    private final UnsafeBuffer inControl = memory(BATCH * CONTROL);
    private final UnsafeBuffer outSlots = memory(BATCH * SLOT);
    private final UnsafeBuffer outHeaders = memory(BATCH * HEADER);
    private final UnsafeBuffer outVectors = memory(BATCH * IOVEC);
    private final UnsafeBuffer events = memory(EVENTS * EVENT);
    private final UnsafeBuffer timeout = memory(16);
    private final UnsafeBuffer now = memory(16);
    private final UnsafeBuffer one = memory(8);
    private final UnsafeBuffer drain = memory(8);
    private final int[] readyTags = new int[EVENTS];
    private final int[] readySockets = new int[EVENTS];
    private int used;
    private int committed;
    private boolean precise;

    LinuxWire() throws IOException {
        epoll = LinuxCalls.epollCreate();
        event = LinuxCalls.eventDescriptor();
        if (epoll < 0 || event < 0) {
            throw new IOException("the kernel gives no epoll or event descriptor");
        }
        one.putLong(0, 1);
        lay(inHeaders, inVectors, inSlots);
        lay(outHeaders, outVectors, outSlots);
        for (int i = 0; i < BATCH; i++) {
            inHeaders.putLong(i * HEADER + CONTROL_AT, inControl.addressOffset() + (long) i * CONTROL);
            inHeaders.putLong(i * HEADER + CONTROLLEN_AT, CONTROL);
        }
        watch(event, WAKE);
    }

    static boolean isSupported() {
        return LinuxCalls.PRESENT && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    private UnsafeBuffer memory(final int bytes) {
        final MemorySegment segment = arena.allocate(bytes, 64).fill((byte) 0);
        return new UnsafeBuffer(segment.address(), bytes);
    }

    private static void lay(final UnsafeBuffer headers, final UnsafeBuffer vectors, final UnsafeBuffer slots) {
        for (int i = 0; i < BATCH; i++) {
            vectors.putLong(i * IOVEC, slots.addressOffset() + (long) i * SLOT);
            vectors.putLong(i * IOVEC + 8, SLOT);
            headers.putLong(i * HEADER + IOV_AT, vectors.addressOffset() + (long) i * IOVEC);
            headers.putLong(i * HEADER + IOVLEN_AT, 1);
        }
    }

    private void watch(final int descriptor, final int tag) throws IOException {
        try (Arena call = Arena.ofConfined()) {
            final UnsafeBuffer entry = new UnsafeBuffer(call.allocate(EVENT, 8).address(), EVENT);
            entry.putInt(0, LinuxCalls.EPOLLIN);
            entry.putLong(EVENT_DATA_AT, (long) tag << 32 | descriptor);
            if (LinuxCalls.epollAdd(epoll, descriptor, entry.addressOffset()) != 0) {
                throw new IOException("a socket cannot be watched");
            }
        }
    }

    @Override
    public int open(final InetAddress local, final InetSocketAddress remote, final int tag) throws IOException {
        final int socket = LinuxCalls.socket(LinuxCalls.AF_INET,
            LinuxCalls.SOCK_DGRAM | LinuxCalls.SOCK_NONBLOCK | LinuxCalls.SOCK_CLOEXEC);
        if (socket < 0) {
            throw new IOException("no UDP socket can be opened: perhaps too many files are open");
        }
        try (Arena call = Arena.ofConfined()) {
            final UnsafeBuffer address = new UnsafeBuffer(call.allocate(ADDRESS, 8).address(), ADDRESS);
            put(address, new InetSocketAddress(local, 0));
            boolean done = LinuxCalls.bind(socket, address.addressOffset(), ADDRESS) == 0;
            put(address, remote);
            done = done && LinuxCalls.connect(socket, address.addressOffset(), ADDRESS) == 0;
            if (!done) {
                LinuxCalls.close(socket);
                throw new IOException("no UDP socket from " + local.getHostAddress() + " to " + remote);
            }
            address.putInt(0, SOCKET_BUFFER);
            LinuxCalls.setOption(socket, LinuxCalls.SO_RCVBUF, address.addressOffset(), Integer.BYTES);
            LinuxCalls.setOption(socket, LinuxCalls.SO_SNDBUF, address.addressOffset(), Integer.BYTES);
            address.putInt(0, 1);
            LinuxCalls.setOption(socket, LinuxCalls.SO_TIMESTAMPNS, address.addressOffset(), Integer.BYTES);
        }
        watch(socket, tag);
        return socket;
    }

    private static void put(final UnsafeBuffer out, final InetSocketAddress address) throws IOException {
        final byte[] bytes = address.getAddress().getAddress();
        if (bytes.length != 4) {
            throw new IOException("only IPv4 is spoken, not " + address);
        }
        out.putShort(0, (short) LinuxCalls.AF_INET);
        out.putShort(2, (short) address.getPort(), ByteOrder.BIG_ENDIAN);
        out.putBytes(4, bytes);
        out.putLong(8, 0);
    }

    @Override
    public void close(final int socket) {
        LinuxCalls.close(socket);
    }

    @Override
    public int await(final long timeoutNs) {
        if (!precise) {
            precise = true;
            LinuxCalls.preciseTimers();
        }
        final long waitNs = Math.max(0, timeoutNs);
        timeout.putLong(0, waitNs / NS);
        timeout.putLong(8, waitNs % NS);
        final int found =
            LinuxCalls.epollWait(epoll, events.addressOffset(), EVENTS, timeout.addressOffset());
        int count = 0;
        for (int i = 0; i < found; i++) {
            final long data = events.getLong(i * EVENT + EVENT_DATA_AT);
            if ((int) (data >> 32) == WAKE) {
                LinuxCalls.read(event, drain.addressOffset(), Long.BYTES);
            } else {
                readyTags[count] = (int) (data >> 32);
                readySockets[count++] = (int) data;
            }
        }
        return count;
    }

    @Override
    public int ready(final int index) {
        return readyTags[index];
    }

    @Override
    public int readySocket(final int index) {
        return readySockets[index];
    }

    @Override
    public int receive(final int socket) {
        // The kernel wrote the length of the control data over its room.
        for (int i = 0; i < used; i++) {
            inHeaders.putLong(i * HEADER + CONTROLLEN_AT, CONTROL);
        }
        used = Math.max(0, LinuxCalls.receive(socket, inHeaders.addressOffset(), BATCH));
        return used;
    }

    @Override
    public UnsafeBuffer received() {
        return inSlots;
    }

    @Override
    public int receivedOffset(final int index) {
        return index * SLOT;
    }

    @Override
    public int receivedLength(final int index) {
        return inHeaders.getInt(index * HEADER + LENGTH_AT);
    }

    @Override
    public long receivedNs(final int index) {
        final int control = index * CONTROL;
        if (inHeaders.getLong(index * HEADER + CONTROLLEN_AT) < CMSG_DATA_AT + 16
            || inControl.getInt(control + CMSG_TYPE_AT) != LinuxCalls.SO_TIMESTAMPNS) {
            return realtimeNs();
        }
        return inControl.getLong(control + CMSG_DATA_AT) * NS + inControl.getLong(control + CMSG_DATA_AT + 8);
    }

    @Override
    public UnsafeBuffer sending() {
        return outSlots;
    }

    @Override
    public int nextOffset() {
        return committed * SLOT;
    }

    @Override
    public void commit(final int length) {
        outVectors.putLong(committed * IOVEC + 8, length);
        committed++;
    }

    @Override
    public int free() {
        return BATCH - committed;
    }

    @Override
    public int flush(final int socket) {
        int sent = 0;
        while (sent < committed) {
            final int taken =
                LinuxCalls.send(socket, outHeaders.addressOffset() + (long) sent * HEADER, committed - sent);
            if (taken <= 0) {
                break;
            }
            sent += taken;
        }
        committed = 0;
        return sent;
    }

    @Override
    public long realtimeNs() {
        LinuxCalls.clock(now.addressOffset());
        return now.getLong(0) * NS + now.getLong(8);
    }

    @Override
    public void wake() {
        LinuxCalls.write(event, one.addressOffset(), Long.BYTES);
    }

    @Override
    public String description() {
        return "recvmmsg and sendmmsg, kernel stamps";
    }

    @Override
    public void close() {
        LinuxCalls.close(epoll);
        LinuxCalls.close(event);
        arena.close();
    }
}
