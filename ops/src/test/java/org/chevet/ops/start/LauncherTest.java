package org.chevet.ops.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ops/bin/chevet} in a clone of stand-ins: a PATH of its own, JDKs and a Maven that only talk. */
class LauncherTest {
    private static final List<String> TOOLS = List.of("sh", "sed", "head", "tail", "find", "readlink", "dirname", "tr",
        "env", "mkdir", "grep", "sleep", "touch", "cat");
    private static final long MINUTE = 60;

    @TempDir
    private Path folder;
    private Path clone;
    private Path path;
    private Path jdks;
    private final Map<String, String> environment = new HashMap<>();

    /** What a run printed and its exit code. */
    private record Run(int code, String out, String err) {
    }

    @BeforeEach
    void layOut() throws IOException {
        clone = Files.createDirectories(folder.resolve("a clone"));
        path = Files.createDirectories(folder.resolve("path"));
        jdks = Files.createDirectories(folder.resolve("jvm"));
        for (final String module : List.of("codec", "relay-core", "ops")) {
            Files.createDirectories(clone.resolve(module + "/src/main"));
            Files.writeString(clone.resolve(module + "/pom.xml"), "");
        }
        Files.writeString(clone.resolve("pom.xml"), "");
        Files.createDirectories(clone.resolve("ops/bin"));
        Files.copy(Path.of("bin/chevet"), script());
        for (final String tool : TOOLS) {
            Files.createSymbolicLink(path.resolve(tool), real(tool));
        }
        environment.put("PATH", path.toString());
        environment.put("CHEVET_JDK_PATH", jdks.toString());
        environment.put("HOME", folder.toString());
    }

    @Test
    void withoutAnyJdkOneSentenceSaysWhatToInstall() throws Exception {
        final Run run = run(script());
        assertEquals(2, run.code());
        assertTrue(run.err().startsWith("chevet: Chevet needs a JDK 25 or newer. Found:\n    none at all\n"),
            run.err());
    }

    @Test
    void anOldDefaultJavaIsListedAndNotUsed() throws Exception {
        jdk("17.0.2", folder.resolve("default"));
        Files.createSymbolicLink(path.resolve("java"), folder.resolve("default/bin/java"));
        final Run run = run(script());
        assertEquals(2, run.code());
        assertTrue(run.err().contains("    Java 17 in " + folder.resolve("default") + "\n"), run.err());
    }

    @Test
    void aNewJdkInAUsualPlaceIsUsedWhateverTheDefaultIs() throws Exception {
        jdk("17.0.2", folder.resolve("default"));
        Files.createSymbolicLink(path.resolve("java"), folder.resolve("default/bin/java"));
        jdk("21", jdks.resolve("twenty-one"));
        jdk("25.0.1", jdks.resolve("with space"));
        built();
        final Run run = run(script(), "version", "two words");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("java of " + jdks.resolve("with space")), run.out());
        assertTrue(run.out().contains("<-jar> <" + clone.toRealPath().resolve("ops/target/chevet.jar") + "> <version>"
            + " <two words>"), run.out());
        assertTrue(run.out().contains("<--add-opens> <java.base/jdk.internal.misc=ALL-UNNAMED>"), run.out());
    }

    @Test
    void javaHomeComesFirst() throws Exception {
        jdk("25.0.1", jdks.resolve("usual"));
        jdk("26-ea", folder.resolve("mine"));
        environment.put("JAVA_HOME", folder.resolve("mine").toString());
        built();
        assertTrue(run(script(), "version").out().contains("java of " + folder.resolve("mine")));
    }

    @Test
    void aServerGetsTheServersCollectorAndACommandDoesNot() throws Exception {
        jdk("25", jdks.resolve("jdk"));
        built();
        assertTrue(run(script(), "serve").out().contains("<-XX:+UseG1GC> <-XX:MaxGCPauseMillis=4>"));
        assertTrue(run(script(), "token").out().contains("<-XX:+UseSerialGC>"));
    }

    @Test
    void itWorksThroughRelativeSymbolicLinks() throws Exception {
        jdk("25", jdks.resolve("jdk"));
        built();
        Files.createSymbolicLink(folder.resolve("first"), Path.of("a clone/ops/bin/chevet"));
        Files.createSymbolicLink(folder.resolve("second"), Path.of("first"));
        final Run run = run(folder.resolve("second"), "version");
        assertEquals(0, run.code(), run.err());
    }

    @Test
    void withoutMavenOneSentenceSaysWhatToInstall() throws Exception {
        jdk("25", jdks.resolve("jdk"));
        final Run run = run(script(), "version");
        assertEquals(2, run.code());
        assertTrue(run.err().startsWith("chevet: Chevet must be built once and needs Maven for it"), run.err());
    }

    @Test
    void itBuildsWhatIsMissingThenWhatIsOutdatedAndNothingElse() throws Exception {
        jdk("25", jdks.resolve("jdk"));
        maven("mkdir -p ops/target; touch ops/target/chevet.jar; touch \"ops/built-$(cat ops/count)\"");
        Files.writeString(clone.resolve("ops/count"), "1");
        final Run first = run(script(), "version");
        assertEquals(0, first.code(), first.err());
        assertTrue(first.err().startsWith("Building Chevet, the first time takes some minutes"), first.err());
        assertTrue(Files.exists(clone.resolve("ops/built-1")));
        Files.writeString(clone.resolve("ops/count"), "2");
        assertEquals("", run(script(), "version").err());
        assertFalse(Files.exists(clone.resolve("ops/built-2")));
        final Path source = Files.writeString(clone.resolve("codec/src/main/A.java"), "");
        Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 5_000));
        assertTrue(run(script(), "version").err().startsWith("Building Chevet anew, its sources changed"));
        assertTrue(Files.exists(clone.resolve("ops/built-2")));
    }

    @Test
    void aFailedBuildNamesTheFaultAndTheLog() throws Exception {
        jdk("25", jdks.resolve("jdk"));
        maven("echo '[ERROR] A.java:[1,1] class expected'; exit 1");
        final Run run = run(script(), "version");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("[ERROR] A.java:[1,1] class expected\n"), run.err());
        assertTrue(run.err().endsWith("the whole story is in " + clone.toRealPath().resolve("ops/target/build.log")
            + ".\n"), run.err());
    }

    private Path script() {
        return clone.resolve("ops/bin/chevet");
    }

    private void built() throws IOException {
        Files.createDirectories(clone.resolve("ops/target"));
        final Path jar = Files.writeString(clone.resolve("ops/target/chevet.jar"), "");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(System.currentTimeMillis() + 5_000));
    }

    private void maven(final String body) throws IOException {
        program(path.resolve("mvn"), body);
    }

    private static void jdk(final String version, final Path home) throws IOException {
        Files.createDirectories(home.resolve("bin"));
        program(home.resolve("bin/java"), "printf 'java of %s' '" + home + "'; printf ' <%s>' \"$@\"");
        program(home.resolve("bin/javac"), "exit 0");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    }

    private static void program(final Path file, final String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path real(final String tool) throws IOException {
        for (final String place : System.getenv("PATH").split(":", -1)) {
            final Path file = Path.of(place).resolve(tool);
            if (Files.isExecutable(file)) {
                return file.toRealPath();
            }
        }
        throw new IOException("no " + tool + " in PATH");
    }

    private Run run(final Path script, final String... arguments) throws Exception {
        final ProcessBuilder builder = new ProcessBuilder(script.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().putAll(environment);
        final Path out = folder.resolve("out.txt");
        final Path err = folder.resolve("err.txt");
        builder.directory(folder.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
        final Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(MINUTE, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return new Run(process.waitFor(), Files.readString(out, StandardCharsets.UTF_8),
            Files.readString(err, StandardCharsets.UTF_8));
    }
}
