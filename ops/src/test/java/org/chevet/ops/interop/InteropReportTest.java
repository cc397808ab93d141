package org.chevet.ops.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The report says how tests ended, also those whose class could not be set up, and keeps lines of other runs. */
class InteropReportTest {
    /** A constant, so that the table of the sources does not take the tests below for real ones. */
    private static final String CLIENT = "a client";

    @Test
    void linesSayHowTestsEndedAndOthersStay(@TempDir final Path folder) throws Exception {
        final Path file = folder.resolve("interop.tsv");
        Files.writeString(file, "a client\taudio\tfailed\tMixed.passes\nother\tvideo\tpassed\tElseTest.shows\n");
        run(file, Mixed.class, Skipped.class);
        assertEquals(List.of("a client\tTURN\tskipped\tSkipped.neverRuns", "a client\taudio\tpassed\tMixed.passes",
            "a client\tsimulcast\tfailed\tMixed.fails", "a client\tvideo\tpassed\tMixed.passes",
            "other\tvideo\tpassed\tElseTest.shows"), Files.readAllLines(file));
    }

    private static void run(final Path file, final Class<?>... tests) {
        LauncherFactory.create(LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false)
            .addTestExecutionListeners(new InteropReport(file)).build())
            .execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(List.of(tests).stream().map(DiscoverySelectors::selectClass).toList()).build());
    }

    /** Not found by the build: only top-level classes are. */
    static class Mixed {
        @Test
        @Interop(client = CLIENT, features = {"audio", "video"})
        void passes() {
            assertTrue(true);
        }

        @Test
        @Interop(client = CLIENT, features = "simulcast")
        void fails() {
            throw new AssertionError("as it should");
        }

        @Test
        void showsNothing() {
            assertTrue(true);
        }
    }

    /** Skipped as a whole. */
    static class Skipped {
        @BeforeAll
        static void skip() {
            Assumptions.abort("as it should");
        }

        @Test
        @Interop(client = CLIENT, features = "TURN")
        void neverRuns() {
            throw new AssertionError("it ran");
        }
    }
}
