package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** Memory of engines goes from one to the next, clean, and never to two at once. */
class NativeMemoryTest {
    /** A length that no engine asks for, so that tests beside this one do not matter. */
    private static final int LENGTH = 4321;

    @Test
    void whatIsReleasedIsCleanAndUsedAgainByOne() {
        final NativeMemory first = new NativeMemory(LENGTH);
        final long address = first.address(0);
        first.bytes().setMemory(0, LENGTH, (byte) 0x5A);
        first.release();
        first.release();
        assertEquals(1, NativeMemory.free(LENGTH), "released twice, given back once");
        final NativeMemory second = new NativeMemory(LENGTH);
        final NativeMemory third = new NativeMemory(LENGTH);
        assertEquals(address, second.address(0));
        assertNotEquals(address, third.address(0));
        for (int i = 0; i < LENGTH; i++) {
            assertEquals(0, second.bytes().getByte(i));
        }
        second.release();
        third.release();
        assertEquals(2, NativeMemory.free(LENGTH));
    }
}
