package org.chevet.relay.net;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * The C library's socket calls by the Foreign Function and Memory API, for 64-bit Linux: numbers and structure
 * offsets are those of its ABI, equal on x86-64 and AArch64. Pointers are plain longs.
 *
 * <p>Every method returns what the call returns, or the negated {@code errno}. Thread-safe but for the capture state,
 * which belongs to its caller.
 */
@SuppressWarnings("restricted") // Native access is what it is for; the launchers and the manifest allow it.
final class Posix {
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int EPERM = 1;
    static final int EINVAL = 22;
    static final int EMSGSIZE = 90;
    static final int EOPNOTSUPP = 95;
    static final int ENETUNREACH = 101;
    static final int ENOBUFS = 105;
    static final int ECONNREFUSED = 111;
    static final int EHOSTUNREACH = 113;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SOL_UDP = 17;
    static final int IPPROTO_IPV6 = 41;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_REUSEPORT = 15;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;
    static final int SO_TIMESTAMPNS = 35;
    static final int IPV6_V6ONLY = 26;
    static final int UDP_SEGMENT = 103;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_TRUNC = 0x20;

    private static final int CLOCK_REALTIME = 0;
    private static final int TIMESPEC_BYTES = 16;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final boolean AVAILABLE;
    private static final String WHY_NOT;
    private static final MethodHandle SOCKET;
    private static final MethodHandle BIND;
    private static final MethodHandle GETSOCKNAME;
    private static final MethodHandle SETSOCKOPT;
    private static final MethodHandle GETSOCKOPT;
    private static final MethodHandle CLOSE;
    private static final MethodHandle RECVMMSG;
    private static final MethodHandle SENDMMSG;
    private static final MethodHandle SENDMMSG_AGAIN;
    private static final MethodHandle SCHED_SETAFFINITY;
    private static final MethodHandle CLOCK_GETTIME;
    private static final MethodHandle STRERROR;

    static {
        final MethodHandle[] handles = new MethodHandle[12];
        String failure = platformProblem();
        if (failure.isEmpty()) {
            try {
                handles[0] = checked("socket", FunctionDescriptor.of(INT, INT, INT, INT));
                handles[1] = checked("bind", FunctionDescriptor.of(INT, INT, LONG, INT));
                handles[2] = checked("getsockname", FunctionDescriptor.of(INT, INT, LONG, LONG));
                handles[3] = checked("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, LONG, INT));
                handles[4] = checked("getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, LONG, LONG));
                handles[5] = checked("close", FunctionDescriptor.of(INT, INT));
                handles[6] = plain("recvmmsg", FunctionDescriptor.of(INT, INT, LONG, INT, INT, LONG));
                handles[7] = plain("sendmmsg", FunctionDescriptor.of(INT, INT, LONG, INT, INT));
                handles[11] = checked("sendmmsg", FunctionDescriptor.of(INT, INT, LONG, INT, INT));
                handles[8] = checked("sched_setaffinity", FunctionDescriptor.of(INT, INT, LONG, LONG));
                // No system call on Linux (vDSO) and never blocking: the only one that may skip the state transition.
                handles[9] = Linker.nativeLinker().downcallHandle(find("clock_gettime"),
                    FunctionDescriptor.of(INT, INT, LONG), Linker.Option.critical(false));
                handles[10] = plain("strerror", FunctionDescriptor.of(LONG, INT));
            } catch (RuntimeException | LinkageError e) {
                failure = "the C library cannot be called: " + e;
            }
        }
        AVAILABLE = failure.isEmpty();
        WHY_NOT = failure;
        SOCKET = handles[0];
        BIND = handles[1];
        GETSOCKNAME = handles[2];
        SETSOCKOPT = handles[3];
        GETSOCKOPT = handles[4];
        CLOSE = handles[5];
        RECVMMSG = handles[6];
        SENDMMSG = handles[7];
        SENDMMSG_AGAIN = handles[11];
        SCHED_SETAFFINITY = handles[8];
        CLOCK_GETTIME = handles[9];
        STRERROR = handles[10];
    }

    private Posix() {
    }

    /** True on a platform whose calls and structures are known here. */
    static boolean isAvailable() {
        return AVAILABLE;
    }

    /** One sentence on why not; empty when available. */
    static String whyNot() {
        return WHY_NOT;
    }

    private static String platformProblem() {
        final String system = System.getProperty("os.name", "");
        final String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return "Linux".equals(system) && (machine.equals("amd64") || machine.equals("aarch64")) ? ""
            : system + " on " + machine + " is not 64-bit Linux on x86-64 or AArch64";
    }

    private static MemorySegment find(final String name) {
        return Linker.nativeLinker().defaultLookup().find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("no " + name));
    }

    private static MethodHandle plain(final String name, final FunctionDescriptor shape) {
        return Linker.nativeLinker().downcallHandle(find(name), shape);
    }

    private static MethodHandle checked(final String name, final FunctionDescriptor shape) {
        return Linker.nativeLinker().downcallHandle(find(name), shape, Linker.Option.captureCallState("errno"));
    }

    /** Memory for the errno of one caller's calls. */
    static MemorySegment newState(final Arena arena) {
        return arena.allocate(STATE);
    }

    private static int result(final MemorySegment state, final int returned) {
        return returned >= 0 ? returned : -(int) ERRNO.get(state, 0L);
    }

    static int socket(final MemorySegment state, final int family) {
        try {
            return result(state, (int) SOCKET.invokeExact(state, family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int bind(final MemorySegment state, final int descriptor, final long address, final int length) {
        try {
            return result(state, (int) BIND.invokeExact(state, descriptor, address, length));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int localAddress(final MemorySegment state, final int descriptor, final long address, final long length) {
        try {
            return result(state, (int) GETSOCKNAME.invokeExact(state, descriptor, address, length));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int setOption(final MemorySegment state, final int descriptor, final int level, final int name,
        final int value) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(INT);
            memory.set(INT, 0, value);
            return result(state, (int) SETSOCKOPT.invokeExact(state, descriptor, level, name, memory.address(),
                Integer.BYTES));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Value of an option of one int, or a negative errno. */
    static int option(final MemorySegment state, final int descriptor, final int level, final int name) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment value = arena.allocate(INT);
            final MemorySegment length = arena.allocate(INT);
            length.set(INT, 0, Integer.BYTES);
            final int returned = result(state, (int) GETSOCKOPT.invokeExact(state, descriptor, level, name,
                value.address(), length.address()));
            return returned < 0 ? returned : value.get(INT, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int close(final MemorySegment state, final int descriptor) {
        try {
            return result(state, (int) CLOSE.invokeExact(state, descriptor));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * Reads datagrams; returns how many, or -1 for none and for an error, which belongs to an earlier send. Without the
     * errno, because capturing one makes an object whenever the compiler does not see through all of the call.
     */
    static int receive(final int descriptor, final long messages, final int count) {
        try {
            return (int) RECVMMSG.invokeExact(descriptor, messages, count, MSG_DONTWAIT, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * Sends datagrams; returns how many messages were taken or a negative errno. A call that fails took nothing, so it
     * is made again in the way that tells the errno; see {@link #receive} for why not at once.
     */
    static int send(final MemorySegment state, final int descriptor, final long messages, final int count) {
        try {
            final int taken = (int) SENDMMSG.invokeExact(descriptor, messages, count, MSG_DONTWAIT);
            return taken >= 0 ? taken
                : result(state, (int) SENDMMSG_AGAIN.invokeExact(state, descriptor, messages, count, MSG_DONTWAIT));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Wall clock in nanoseconds since 1970; {@code timespec} is 16 bytes of the caller. */
    static long realtimeNs(final MemorySegment timespec) {
        try {
            final int ignored = (int) CLOCK_GETTIME.invokeExact(CLOCK_REALTIME, timespec.address());
            return timespec.get(LONG, 0) * SECOND_NS + timespec.get(LONG, Long.BYTES);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static MemorySegment newTimespec(final Arena arena) {
        return arena.allocate(TIMESPEC_BYTES, Long.BYTES);
    }

    /**
     * Keeps the calling thread on one processor.
     *
     * @throws IOException a sentence with the errno, when the processor does not exist or is not allowed
     */
    static void pinThread(final int processor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(128, Long.BYTES);
            mask.set(ValueLayout.JAVA_BYTE, processor / Byte.SIZE, (byte) (1 << processor % Byte.SIZE));
            final MemorySegment state = newState(arena);
            final int returned = result(state,
                (int) SCHED_SETAFFINITY.invokeExact(state, 0, mask.byteSize(), mask.address()));
            if (returned < 0) {
                throw new IOException("the thread cannot be kept on processor " + processor + ": "
                    + message(-returned));
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** What the C library says of an errno. */
    static String message(final int errno) {
        try {
            final long text = (long) STRERROR.invokeExact(errno);
            return MemorySegment.ofAddress(text).reinterpret(Byte.MAX_VALUE).getString(0) + " (errno " + errno
                + ")";
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A downcall itself throws nothing; this is a broken assumption about its shape. */
    private static IllegalStateException unexpected(final Throwable cause) {
        return new IllegalStateException("a call of the C library failed outside of C", cause);
    }
}
