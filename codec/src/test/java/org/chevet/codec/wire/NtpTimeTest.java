package org.chevet.codec.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class NtpTimeTest {
    private static final long SEED = 1900;
    private static final long NS = 1_000_000_000L;

    @Test
    void knowsTheEpochs() {
        // 1 January 1970 is 2208988800 s after 1 January 1900 (RFC 868).
        assertEquals(2_208_988_800L << 32, NtpTime.ofUnixNs(0));
        assertEquals(0, NtpTime.toUnixNs(2_208_988_800L << 32));
        assertEquals((2_208_988_800L << 32) | 0x8000_0000L, NtpTime.ofUnixNs(NS / 2));
        // Era 1 begins at 2036-02-07T06:28:16Z.
        assertEquals(0, NtpTime.ofUnixNs(2_085_978_496L * NS));
        assertEquals(2_085_978_496L * NS, NtpTime.toUnixNs(0));
    }

    @Test
    void everyNanosecondFrom1968To2104ComesBack() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final long from = -61_505_152L * NS;
        final long to = (2_085_978_496L + 0x7FFF_FFFFL) * NS;
        for (int i = 0; i < 200_000; i++) {
            final long ns = random.nextLong(from, to);
            assertEquals(ns, NtpTime.toUnixNs(NtpTime.ofUnixNs(ns)), "seed " + SEED);
        }
    }

    @Test
    void middleBitsAreTheReportUnits() {
        // The example of RFC 3550 section 6.4.1: SR at b44db705.20000000, so LSR is b705:2000; a delay of 5.250 s is
        // 0005:4000.
        assertEquals(0xB705_2000, NtpTime.middle32(0xB44D_B705_2000_0000L));
        assertEquals(0x0005_4000, NtpTime.nsToMiddle32(5_250_000_000L));
        assertEquals(5_250_000_000L, NtpTime.middle32ToNs(0x0005_4000));
        assertEquals(0, NtpTime.nsToMiddle32(-1));
        assertEquals(-1, NtpTime.nsToMiddle32(Long.MAX_VALUE));
        assertEquals(65_535_999_984_741L, NtpTime.middle32ToNs(-1));
        assertTrue(NtpTime.middle32ToNs(NtpTime.nsToMiddle32(123_456_789)) <= 123_456_789);
    }

    @Test
    void bigEndianReadsWhatItWrote() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[16]);
        BigEndian.put24(buffer, 1, 0xFF_FE01);
        assertEquals(0xFF, buffer.getByte(1) & 0xFF);
        assertEquals(0x01, buffer.getByte(3));
        assertEquals(0xFF_FE01, BigEndian.u24(buffer, 1));
        assertEquals(-0x1FF, BigEndian.i24(buffer, 1));
        BigEndian.put32(buffer, 4, 0xFFFF_FFFFL);
        assertEquals(-1, BigEndian.i32(buffer, 4));
        assertEquals(0xFFFF_FFFFL, BigEndian.u32(buffer, 4));
        BigEndian.put64(buffer, 8, 0x0102_0304_0506_0708L);
        assertEquals(0x0102, BigEndian.u16(buffer, 8));
        assertEquals(0x0102_0304_0506_0708L, BigEndian.i64(buffer, 8));
        assertEquals(8, BigEndian.u8(buffer, 15));
    }
}
