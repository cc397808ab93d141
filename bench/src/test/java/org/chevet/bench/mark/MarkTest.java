package org.chevet.bench.mark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class MarkTest {
    @Test
    void whatIsWrittenIsRead() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        Mark.write(buffer, 7, 0x8000_0001, 0x0123_4567_89AB_CDEFL, 1_795_000_000_123_456_789L);
        assertTrue(Mark.isAt(buffer, 7, Mark.LENGTH));
        assertEquals(0x8000_0001, Mark.stream(buffer, 7));
        assertEquals(0x0123_4567_89AB_CDEFL, Mark.sequence(buffer, 7));
        assertEquals(1_795_000_000_123_456_789L, Mark.sentNs(buffer, 7));
    }

    @Test
    void nothingElseIsAMark() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        assertFalse(Mark.isAt(buffer, 0, 64));
        Mark.write(buffer, 0, 1, 2, 3);
        assertFalse(Mark.isAt(buffer, 0, Mark.LENGTH - 1));
        assertFalse(Mark.isAt(buffer, 1, 63));
    }
}
