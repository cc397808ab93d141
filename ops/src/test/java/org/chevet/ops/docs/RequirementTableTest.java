package org.chevet.ops.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of requirements is the one the sources say. */
class RequirementTableTest {
    private static final String TAG = "@Ta" + "g(\"REQ-";

    @Test
    void theTableIsUpToDate() throws IOException {
        assertEquals(RequirementTable.markdown(Path.of("..")), Files.readString(Path.of("docs/requirements.md")),
            "write it anew: java ops/src/test/java/org/chevet/ops/docs/RequirementTable.java");
    }

    @Test
    void tagsOfMethodsAndClassesAreFoundInTheOrderOfTheirNumbers(@TempDir final Path root) throws IOException {
        final Path folder = Files.createDirectories(root.resolve("codec/src/test/java"));
        Files.writeString(folder.resolve("ATest.java"), TAG + "B1\")\nclass ATest {\n    @Test\n    " + TAG
            + "A10\")\n    " + TAG + "A9\")\n    void shows() {\n    }\n\n    void showsNothing() {\n    }\n}\n");
        final String table = RequirementTable.markdown(root);
        assertTrue(table.endsWith("| A9 | codec ATest.shows |\n| A10 | codec ATest.shows |\n| B1 | codec ATest |\n"),
            table);
    }
}
