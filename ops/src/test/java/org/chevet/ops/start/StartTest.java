package org.chevet.ops.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A JVM that will not do is answered with a sentence. */
class StartTest {
    @Test
    void aGoodJvmHasNoFault() {
        assertEquals("", Start.fault(25, true));
    }

    @Test
    void anOldJvmIsNamed() {
        assertTrue(Start.fault(17, true).startsWith("Chevet needs a JDK 25 or newer, and this is Java 17"));
    }

    @Test
    void aMissingOptionIsNamed() {
        assertTrue(Start.fault(25, false).contains("--add-opens java.base/jdk.internal.misc=ALL-UNNAMED"));
    }

    @Test
    void anOldJvmCanReadTheFirstClass() throws IOException {
        try (InputStream bytes = Objects.requireNonNull(Start.class.getResourceAsStream("Start.class"));
            DataInputStream header = new DataInputStream(bytes)) {
            assertEquals(0xCAFEBABE, header.readInt());
            assertEquals(0, header.readUnsignedShort());
            assertEquals(55, header.readUnsignedShort(), "class file version of Java 11");
        }
    }
}
