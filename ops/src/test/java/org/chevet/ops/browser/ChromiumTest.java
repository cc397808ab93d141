package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver itself. */
class ChromiumTest {
    @Test
    void evaluatesWaitsForPromisesReportsErrorsAndTakesScreenshots(@TempDir final Path folder) throws IOException {
        final List<ProcessHandle> tree;
        try (Chromium browser = Chromium.start()) {
            final Page page = browser.open();
            assertEquals(42, page.evaluate("new Promise(done => setTimeout(() => done(42), 20))").asInt());
            assertEquals(3, page.evaluate("[1, 2, 3]").size());
            final IllegalStateException thrown =
                assertThrows(IllegalStateException.class, () -> page.evaluate("Promise.reject(new Error('no'))"));
            assertTrue(thrown.getMessage().contains("Error: no"), thrown.getMessage());
            assertThrows(IllegalStateException.class, () -> page.await("false", Duration.ofMillis(200)));

            page.evaluate("console.log('hello', 7), setTimeout(() => { throw new Error('late'); })");
            page.await("new Promise(done => setTimeout(() => done(true), 100))", Duration.ofSeconds(5));
            assertTrue(page.console().contains("log hello 7"), page.console().toString());
            assertTrue(page.errors().stream().anyMatch(line -> line.contains("late")), page.console().toString());

            page.viewport(400, 300, 1);
            final byte[] png = Files.readAllBytes(page.screenshot(folder.resolve("deep/page.png")));
            assertEquals('P', png[1]);
            tree = ProcessHandle.current().descendants().toList();
            assertFalse(tree.isEmpty());
        }
        tree.forEach(handle -> assertFalse(handle.isAlive(), "still alive: " + handle.info().command()));
    }

    @Test
    void clicksAndKeysReachThePage() throws IOException {
        try (Chromium browser = Chromium.start()) {
            final Page page =
                browser.open("data:text/html,<button onclick='window.hit=(window.hit||0)%2B1'>x</button>");
            page.click("button");
            assertEquals(1, page.evaluate("window.hit").asInt());
            page.press("Enter");
            assertEquals(2, page.evaluate("window.hit").asInt());
        }
    }
}
