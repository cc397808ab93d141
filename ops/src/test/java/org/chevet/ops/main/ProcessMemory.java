package org.chevet.ops.main;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Looks for byte patterns in all memory of a process, heap and native, as Linux shows it. */
final class ProcessMemory {
    private static final int CHUNK = 1 << 20;
    private static final int HEX = 16;

    private ProcessMemory() {
    }

    static boolean isReadable(final long pid) {
        return Files.isReadable(Path.of("/proc/" + pid + "/mem"));
    }

    /** Names of the patterns, of at least 8 bytes each, that stand somewhere; a pattern across two chunks is seen. */
    static Set<String> find(final long pid, final Map<String, byte[]> patterns) throws IOException {
        final int overlap = patterns.values().stream().mapToInt(pattern -> pattern.length).max().orElseThrow() - 1;
        final Set<String> found = new TreeSet<>();
        final byte[] chunk = new byte[CHUNK];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (final String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                final String[] words = line.split("[ -]+", 4);
                if (!words[2].startsWith("r") || line.endsWith("[vvar]") || line.endsWith("[vsyscall]")) {
                    continue;
                }
                final long end = Long.parseUnsignedLong(words[1], HEX);
                for (long at = Long.parseUnsignedLong(words[0], HEX); at < end; at += CHUNK - overlap) {
                    search(chunk, read(memory, at, chunk, (int) Math.min(CHUNK, end - at)), patterns, found);
                }
            }
        }
        return found;
    }

    /** Names of the patterns that stand in these bytes. */
    static Set<String> find(final byte[] bytes, final Map<String, byte[]> patterns) {
        final Set<String> found = new TreeSet<>();
        search(bytes, bytes.length, patterns, found);
        return found;
    }

    /** What can be read of a stretch; a page that went away meanwhile ends it. */
    private static int read(final RandomAccessFile memory, final long at, final byte[] chunk, final int wanted) {
        int length = 0;
        try {
            memory.seek(at);
            while (length < wanted) {
                final int read = memory.read(chunk, length, wanted - length);
                if (read <= 0) {
                    break;
                }
                length += read;
            }
        } catch (final IOException gone) {
            return length;
        }
        return length;
    }

    private static void search(final byte[] bytes, final int length, final Map<String, byte[]> patterns,
        final Set<String> found) {
        final Map<Integer, List<String>> byStart = new HashMap<>();
        patterns.forEach((name, pattern) -> byStart
            .computeIfAbsent(ByteBuffer.wrap(pattern).getInt(0), any -> new ArrayList<>()).add(name));
        final boolean[] first = new boolean[256];
        patterns.values().forEach(pattern -> first[pattern[0] & 0xFF] = true);
        final ByteBuffer view = ByteBuffer.wrap(bytes);
        for (int i = 0; i <= length - Long.BYTES; i++) {
            if (first[bytes[i] & 0xFF]) {
                for (final String name : byStart.getOrDefault(view.getInt(i), List.of())) {
                    final byte[] pattern = patterns.get(name);
                    if (i + pattern.length <= length
                        && Arrays.equals(bytes, i, i + pattern.length, pattern, 0, pattern.length)) {
                        found.add(name);
                    }
                }
            }
        }
    }
}
