package org.chevet.bench.server;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The processor time clock of a process (POSIX {@code clock_getcpuclockid}): nanoseconds that all its threads ran,
 * those that have ended too, which a sum over the threads that live would miss. Linux; thread-safe.
 */
final class CpuClock {
    /** The kernel's number for the scheduler's clock of a whole process. */
    private static final int SCHEDULED = 2;
    private static final int PID_SHIFT = 3;
    private static final long NS = 1_000_000_000L;
    private static final Optional<MethodHandle> CLOCK = find();

    private CpuClock() {
    }

    @SuppressWarnings("restricted") // a clock is read; the launcher enables native access
    private static Optional<MethodHandle> find() {
        final Linker linker = Linker.nativeLinker();
        return System.getProperty("os.name", "").equals("Linux")
            ? linker.defaultLookup().find("clock_gettime").map(address -> linker.downcallHandle(address,
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG)))
            : Optional.empty();
    }

    /** Nanoseconds a process has run, or -1 where that is not told. */
    static long ofProcess(final long pid) {
        if (CLOCK.isEmpty()) {
            return -1;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment time = arena.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
            final int id = ((int) ~pid << PID_SHIFT) | SCHEDULED;
            final int failed = (int) CLOCK.get().invokeExact(id, time.address());
            return failed != 0 ? -1 : time.get(JAVA_LONG, 0) * NS + time.get(JAVA_LONG, JAVA_LONG.byteSize());
        } catch (final Throwable e) {
            throw new IllegalStateException("a system call cannot be made", e);
        }
    }
}
