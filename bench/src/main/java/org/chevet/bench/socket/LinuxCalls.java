package org.chevet.bench.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Locale;
import java.util.Optional;

/** The system calls of {@link LinuxWire}, by the C library. Pointers are longs. Thread-safe. */
final class LinuxCalls {
    static final int AF_INET = 2;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_TIMESTAMPNS = 35;
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLLIN = 1;
    static final int MSG_DONTWAIT = 0x40;
    static final int CLOCK_REALTIME = 0;
    private static final int PR_SET_TIMERSLACK = 29;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = LINKER.defaultLookup();
    private static final boolean LINUX =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")
            && MemoryLayout.sequenceLayout(1, JAVA_LONG).byteSize() == Long.BYTES;

    private static final Optional<MethodHandle> SOCKET = find("socket", 'i', "iii");
    private static final Optional<MethodHandle> BIND = find("bind", 'i', "ili");
    private static final Optional<MethodHandle> CONNECT = find("connect", 'i', "ili");
    private static final Optional<MethodHandle> SET_OPTION = find("setsockopt", 'i', "iiili");
    private static final Optional<MethodHandle> CLOSE = find("close", 'i', "i");
    private static final Optional<MethodHandle> EVENT = find("eventfd", 'i', "ii");
    private static final Optional<MethodHandle> READ = find("read", 'l', "ill");
    private static final Optional<MethodHandle> WRITE = find("write", 'l', "ill");
    private static final Optional<MethodHandle> EPOLL_CREATE = find("epoll_create1", 'i', "i");
    private static final Optional<MethodHandle> EPOLL_CONTROL = find("epoll_ctl", 'i', "iiil");
    private static final Optional<MethodHandle> EPOLL_WAIT_NS = find("epoll_pwait2", 'i', "ilill");
    private static final Optional<MethodHandle> RECEIVE = find("recvmmsg", 'i', "iliil");
    private static final Optional<MethodHandle> SEND = find("sendmmsg", 'i', "ilii");
    private static final Optional<MethodHandle> CLOCK = find("clock_gettime", 'i', "il", Linker.Option.critical(false));
    private static final Optional<MethodHandle> CONTROL_PROCESS = find("prctl", 'i', "illll",
        Linker.Option.firstVariadicArg(1));

    static final boolean PRESENT = LINUX && SOCKET.isPresent() && EPOLL_WAIT_NS.isPresent() && RECEIVE.isPresent()
        && SEND.isPresent() && CLOCK.isPresent() && EVENT.isPresent();

    private static final MethodHandle SOCKET_CALL = SOCKET.orElseGet(LinuxCalls::none);
    private static final MethodHandle BIND_CALL = BIND.orElseGet(LinuxCalls::none);
    private static final MethodHandle CONNECT_CALL = CONNECT.orElseGet(LinuxCalls::none);
    private static final MethodHandle SET_OPTION_CALL = SET_OPTION.orElseGet(LinuxCalls::none);
    private static final MethodHandle CLOSE_CALL = CLOSE.orElseGet(LinuxCalls::none);
    private static final MethodHandle EVENT_CALL = EVENT.orElseGet(LinuxCalls::none);
    private static final MethodHandle READ_CALL = READ.orElseGet(LinuxCalls::none);
    private static final MethodHandle WRITE_CALL = WRITE.orElseGet(LinuxCalls::none);
    private static final MethodHandle EPOLL_CREATE_CALL = EPOLL_CREATE.orElseGet(LinuxCalls::none);
    private static final MethodHandle EPOLL_CONTROL_CALL = EPOLL_CONTROL.orElseGet(LinuxCalls::none);
    private static final MethodHandle EPOLL_WAIT_CALL = EPOLL_WAIT_NS.orElseGet(LinuxCalls::none);
    private static final MethodHandle RECEIVE_CALL = RECEIVE.orElseGet(LinuxCalls::none);
    private static final MethodHandle SEND_CALL = SEND.orElseGet(LinuxCalls::none);
    private static final MethodHandle CLOCK_CALL = CLOCK.orElseGet(LinuxCalls::none);
    private static final MethodHandle CONTROL_PROCESS_CALL = CONTROL_PROCESS.orElseGet(LinuxCalls::none);

    private LinuxCalls() {
    }

    /** Looks a function up; {@code i} is an int, {@code l} a long or a pointer. */
    @SuppressWarnings("restricted") // that is what this class is for; the launcher enables native access
    private static Optional<MethodHandle> find(final String name, final char result, final String arguments,
        final Linker.Option... options) {
        final MemoryLayout[] layouts = new MemoryLayout[arguments.length()];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = arguments.charAt(i) == 'i' ? JAVA_INT : JAVA_LONG;
        }
        final FunctionDescriptor shape = FunctionDescriptor.of(result == 'i' ? JAVA_INT : JAVA_LONG, layouts);
        return LIBRARY.find(name).map(address -> LINKER.downcallHandle(address, shape, options));
    }

    private static MethodHandle none() {
        return MethodHandles.empty(MethodType.methodType(int.class));
    }

    private static IllegalStateException broken(final Throwable cause) {
        return new IllegalStateException("a system call cannot be made", cause);
    }

    static int socket(final int domain, final int type) {
        try {
            return (int) SOCKET_CALL.invokeExact(domain, type, 0);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int bind(final int socket, final long address, final int length) {
        try {
            return (int) BIND_CALL.invokeExact(socket, address, length);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int connect(final int socket, final long address, final int length) {
        try {
            return (int) CONNECT_CALL.invokeExact(socket, address, length);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int setOption(final int socket, final int option, final long value, final int length) {
        try {
            return (int) SET_OPTION_CALL.invokeExact(socket, SOL_SOCKET, option, value, length);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int close(final int descriptor) {
        try {
            return (int) CLOSE_CALL.invokeExact(descriptor);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int eventDescriptor() {
        try {
            return (int) EVENT_CALL.invokeExact(0, SOCK_NONBLOCK | SOCK_CLOEXEC);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static long read(final int descriptor, final long target, final long length) {
        try {
            return (long) READ_CALL.invokeExact(descriptor, target, length);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static long write(final int descriptor, final long source, final long length) {
        try {
            return (long) WRITE_CALL.invokeExact(descriptor, source, length);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int epollCreate() {
        try {
            return (int) EPOLL_CREATE_CALL.invokeExact(SOCK_CLOEXEC);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int epollAdd(final int epoll, final int descriptor, final long event) {
        try {
            return (int) EPOLL_CONTROL_CALL.invokeExact(epoll, EPOLL_CTL_ADD, descriptor, event);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    /** epoll_pwait2: waits with a {@code struct timespec}. */
    static int epollWait(final int epoll, final long events, final int capacity, final long timespec) {
        try {
            return (int) EPOLL_WAIT_CALL.invokeExact(epoll, events, capacity, timespec, 0L);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int receive(final int socket, final long messages, final int count) {
        try {
            return (int) RECEIVE_CALL.invokeExact(socket, messages, count, MSG_DONTWAIT, 0L);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int send(final int socket, final long messages, final int count) {
        try {
            return (int) SEND_CALL.invokeExact(socket, messages, count, MSG_DONTWAIT);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    static int clock(final long timespec) {
        try {
            return (int) CLOCK_CALL.invokeExact(CLOCK_REALTIME, timespec);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    /** Lets timers of the calling thread fire within a microsecond instead of 50. */
    static void preciseTimers() {
        if (CONTROL_PROCESS.isPresent()) {
            try {
                final int done = (int) CONTROL_PROCESS_CALL.invokeExact(PR_SET_TIMERSLACK, 1000L, 0L, 0L, 0L);
                if (done != 0) {
                    throw new IllegalStateException("the kernel refused a timer slack of 1 us");
                }
            } catch (final Throwable e) {
                throw broken(e);
            }
        }
    }
}
