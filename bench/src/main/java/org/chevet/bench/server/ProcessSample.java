package org.chevet.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process has used so far, as Linux counts it for all its threads.
 *
 * @param cpuNs processor time of all threads, ended ones too, by the clock of the process: exact to the nanosecond;
 *     the same as tickCpuNs where there is no such clock
 * @param tickCpuNs user and system time of {@code /proc/pid/stat}, in steps of 10 ms
 * @param residentBytes memory that is resident
 * @param voluntary times a thread gave its core up to wait
 * @param involuntary times a thread was taken off its core
 * @param threads threads that live
 */
public record ProcessSample(long cpuNs, long tickCpuNs, long residentBytes, long voluntary, long involuntary,
    int threads) {
    private static final long TICK_NS = 10_000_000L;
    private static final int UTIME_BEHIND_NAME = 11;
    private static final long KIB = 1024;

    /** Samples a process. */
    public static ProcessSample of(final long pid) throws IOException {
        return read(pid);
    }

    /** Samples this process. */
    public static ProcessSample self() throws IOException {
        return read(ProcessHandle.current().pid());
    }

    /** True where there is something to read. */
    public static boolean isPossible() {
        return Files.isReadable(Path.of("/proc/self/stat"));
    }

    private static ProcessSample read(final long pid) throws IOException {
        final Path process = Path.of("/proc", Long.toString(pid));
        final String stat = Files.readString(process.resolve("stat"));
        final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        final long ticks = Long.parseLong(fields[UTIME_BEHIND_NAME]) + Long.parseLong(fields[UTIME_BEHIND_NAME + 1]);
        final long run = CpuClock.ofProcess(pid);
        long voluntary = 0;
        long involuntary = 0;
        int threads = 0;
        final List<Path> tasks;
        try (Stream<Path> entries = Files.list(process.resolve("task"))) {
            tasks = entries.toList();
        }
        for (final Path task : tasks) {
            for (final String line : linesOf(task.resolve("status"))) {
                voluntary += value(line, "voluntary_ctxt_switches:");
                involuntary += value(line, "nonvoluntary_ctxt_switches:");
            }
            threads++;
        }
        long resident = 0;
        for (final String line : Files.readAllLines(process.resolve("status"))) {
            resident += value(line, "VmRSS:") * KIB;
        }
        return new ProcessSample(run < 0 ? ticks * TICK_NS : run, ticks * TICK_NS, resident, voluntary, involuntary,
            threads);
    }

    /** None for a thread that ended while it was looked at, and for what the kernel does not tell. */
    private static List<String> linesOf(final Path file) {
        try {
            return Files.readAllLines(file);
        } catch (final IOException gone) {
            return List.of();
        }
    }

    private static long value(final String line, final String key) {
        return line.startsWith(key) ? Long.parseLong(line.substring(key.length()).replace("kB", "").strip()) : 0;
    }

    /** What was used between an earlier sample and this one; memory and threads are those of this one. */
    public ProcessSample since(final ProcessSample earlier) {
        return new ProcessSample(cpuNs - earlier.cpuNs, tickCpuNs - earlier.tickCpuNs, residentBytes,
            voluntary - earlier.voluntary, involuntary - earlier.involuntary, threads);
    }
}
