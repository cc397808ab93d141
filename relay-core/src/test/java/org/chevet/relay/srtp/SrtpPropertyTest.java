package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A sender, a bad network, a receiver: what arrives opens once, to what was sent, across rollovers. */
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#names")
class SrtpPropertyTest {
    private static final int SSRC = 77;

    private final AeadEngineProvider engines;

    SrtpPropertyTest(final String name) {
        engines = Engines.require(name);
    }

    /** One datagram on its way. */
    private static final class Flying {
        private final int number;
        private final byte[] bytes;

        Flying(final int number, final byte[] bytes) {
            this.number = number;
            this.bytes = bytes;
        }

        int number() {
            return number;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void lossReorderingAndDuplicatesAcrossRollovers(final SrtpProfile profile) {
        for (long seed = 1; seed <= 6; seed++) {
            run(profile, seed);
        }
    }

    private void run(final SrtpProfile profile, final long seed) {
        final Random random = new Random(seed);
        final int first = random.nextInt(32_768);
        final List<Flying> network = new ArrayList<>();
        final Set<Integer> opened = new HashSet<>();
        int highest = -1;
        int number = first;
        try (SrtpFixture srtp = new SrtpFixture(engines, profile, seed)) {
            for (int i = 0; i < 4000; i++) {
                final String what = profile + " seed " + seed + " step " + i;
                // Mostly the next number, now and then a long silence: four rollovers in 4000 packets.
                number += random.nextInt(40) == 0 ? 1 + random.nextInt(5000) : 1;
                final byte[] packet = srtp.seal(SSRC, number & 0xFFFF, payload(number));
                for (int copy = random.nextInt(10) == 0 ? 2 : 1; copy > 0; copy--) {
                    if (random.nextInt(10) != 0) {
                        network.add(new Flying(number, packet));
                    }
                }
                while (network.size() > 30) {
                    final Flying arrived = network.remove(random.nextInt(network.size()));
                    final UnsafeBuffer buffer = new UnsafeBuffer(arrived.bytes().clone());
                    final int result = srtp.receiver.unprotectRtp(buffer, 0, buffer.capacity(), buffer, 0);
                    final boolean isFresh = !opened.contains(arrived.number())
                        && (highest < 0 || highest - arrived.number() < ReplayWindow.SIZE);
                    if (isFresh) {
                        assertEquals(arrived.bytes().length - profile.rtpOverhead(), result, what);
                        assertArrayEquals(payload(arrived.number()), Arrays.copyOfRange(buffer.byteArray(),
                            SrtpFixture.HEADER, result), what);
                        opened.add(arrived.number());
                        highest = Math.max(highest, arrived.number());
                    } else {
                        assertEquals(SrtpResult.REPLAYED, result, what);
                    }
                }
            }
        }
        assertEquals(true, number - first > 3 * 65_536, "wraps: " + (number - first) / 65_536);
    }

    private static byte[] payload(final int number) {
        final byte[] payload = new byte[number % 50];
        Arrays.fill(payload, (byte) number);
        return payload;
    }
}
