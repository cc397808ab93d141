package org.chevet.relay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The machine this test runs on, asked. */
class SocketProbeTest {
    @Test
    void saysWhatTheKernelDidWithTheDatagrams() throws IOException {
        Assumptions.assumeTrue(LaneThread.canSharePort(), "skipped: needs 64-bit Linux with epoll");
        final SocketProbe all = SocketProbe.run(SocketOptions.defaults());
        assertTrue(all.systemCalls() && all.stamps(), all.toString());
        assertTrue(all.receiveBytes() > 0 && all.sendBytes() > 0, all.toString());
        final SocketProbe plain = SocketProbe.run(new SocketOptions(true, false, false, false, false, null));
        assertFalse(plain.segmenting() || plain.stamps(), plain.toString());
        assertEquals(all.receiveBytes(), plain.receiveBytes());
    }

    @Test
    void asksNothingOfAPlatformWithoutOurSystemCalls() throws IOException {
        assertEquals(new SocketProbe(false, false, false, 0, 0), SocketProbe.run(SocketOptions.portable()));
    }
}
