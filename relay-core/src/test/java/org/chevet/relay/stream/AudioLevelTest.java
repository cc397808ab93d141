package org.chevet.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AudioLevelTest {
    private static final long PACKET_NS = 20_000_000L;
    private final AudioLevel level = new AudioLevel();
    private long nowNs;

    private void hear(final int value, final long forMs) {
        for (long t = 0; t < forMs * 1_000_000L; t += PACKET_NS) {
            nowNs += PACKET_NS;
            level.onPacket(value, nowNs);
        }
    }

    @Test
    void itFollowsOverThreeHundredMilliseconds() {
        assertEquals(AudioLevel.SILENT, level.dbov(0));
        hear(100, 1000);
        assertEquals(-100, level.dbov(nowNs));
        hear(0x80 | 20, 60);
        assertTrue(level.dbov(nowNs) < -80, "a click is not speech: " + level.dbov(nowNs));
        hear(0x80 | 20, 240);
        final int after = level.dbov(nowNs);
        assertTrue(after > -60 && after < -40, "about two thirds of the way: " + after);
        hear(20, 2000);
        assertEquals(-20, level.dbov(nowNs));
    }

    @Test
    void aTrackThatPausesIsSilentAndStartsFromWhatIsHeardNext() {
        hear(10, 100);
        assertEquals(-10, level.dbov(nowNs + AudioLevel.STALE_NS));
        nowNs += AudioLevel.STALE_NS + 1;
        assertEquals(AudioLevel.SILENT, level.dbov(nowNs));
        hear(50, 20);
        assertEquals(-50, level.dbov(nowNs));
    }
}
