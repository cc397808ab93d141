package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.chevet.relay.memory.PacketSlab;
import org.junit.jupiter.api.Test;

/**
 * Worked examples. A frame is written as its decode target indications, one letter per target: - not present, D
 * discardable, R required, S switch. Targets rise in quality from left to right.
 */
class TargetFilterTest {
    private static final String[] L1T3 = {"SSS", "--D", "-DS", "--D"};
    private final PacketSlab slab = new PacketSlab(1);
    private final Packet packet = new Packet(slab).wrap(slab.acquire());
    private final TargetFilter filter = new TargetFilter();
    private int frame = 0xFFF0;

    @Test
    void temporalLayersGoDownAtOnceAndUpWhereTheyMay() {
        filter.begin(2);
        assertEquals("1111 1111", run(L1T3, 8));
        filter.want(0);
        assertEquals("1000 1000", run(L1T3, 8));
        filter.want(1);
        assertEquals("1010 1010", run(L1T3, 8));
        filter.want(2);
        assertEquals("1111 1", run(L1T3, 5));
        // In the middle of the pattern the top layer must wait: its next frame refers to one that was left out.
        filter.want(0);
        assertEquals("000", run(new String[] {"--D", "-DR", "--R"}, 3));
        filter.want(2);
        assertTrue(filter.isStuck());
        assertEquals("00", run(new String[] {"--R", "--D"}, 2));
        assertEquals("1111", run(L1T3, 4));
        assertFalse(filter.isStuck());
    }

    @Test
    void spatialLayersOfTheirOwnChainWaitForAKeyFrame() {
        // L2T1_KEY: two targets; after the key frame the lower layer is not part of the upper target.
        final String[] key = {"SS", "-S"};
        final String[] delta = {"S-", "-R"};
        filter.begin(1);
        assertEquals("11", run(key, 2));
        assertEquals("0101", run(delta, 4));
        filter.want(0);
        assertEquals("1010", run(delta, 4), "the lower layer can be entered at any of its frames marked so");
        filter.want(1);
        assertEquals("1010", run(delta, 4));
        assertTrue(filter.isStuck());
        assertEquals("11", run(key, 2));
        assertFalse(filter.isStuck());
        assertEquals("0101", run(delta, 4));
    }

    @Test
    void fullSpatialScalabilityGoesDownAtOnce() {
        final String[] picture = {"RR", "-R"};
        filter.begin(1);
        assertEquals("11", run(new String[] {"SS", "-S"}, 2));
        assertEquals("1111", run(picture, 4));
        filter.want(0);
        assertEquals("1010", run(picture, 4));
        filter.want(1);
        assertEquals("1010", run(picture, 4));
        assertTrue(filter.isStuck());
    }

    @Test
    void packetsOfAFrameShareItsFateAlsoWhenTheyComeLate() {
        filter.begin(2);
        run(L1T3, 1);
        frame("--D", frame);
        assertTrue(filter.admits(packet));
        filter.want(0);
        assertTrue(filter.admits(packet), "second packet of the frame");
        frame("--D", frame + 1);
        assertFalse(filter.admits(packet));
        assertFalse(filter.admits(packet));
        frame("SSS", frame - 1);
        assertTrue(filter.admits(packet), "older, of the base layer");
        frame("--D", frame - 2);
        assertFalse(filter.admits(packet), "older, of a layer that is not sent");
    }

    @Test
    void aLateFrameThatIsLeftOutIsMissedByThoseAfterIt() {
        filter.begin(1);
        run(new String[] {"SS"}, 1);
        filter.want(0);
        frame("RR", frame + 1);
        assertTrue(filter.admits(packet));
        frame("-R", frame);
        assertFalse(filter.admits(packet), "late, of the layer that was left");
        filter.want(1);
        frame("-R", frame + 2);
        assertFalse(filter.admits(packet), "refers to the late one");
        assertTrue(filter.isStuck());
    }

    @Test
    void withoutLayersEverythingPasses() {
        filter.begin(-1);
        assertEquals("1111", run(L1T3, 4));
        filter.begin(0);
        packet.layers(LayerMarks.ALL, 0, 1, 0, true, true);
        assertTrue(filter.admits(packet));
    }

    private String run(final String[] pattern, final int frames) {
        final StringBuilder out = new StringBuilder();
        for (int i = 0; i < frames; i++) {
            frame(pattern[i % pattern.length], frame++);
            out.append(i > 0 && i % pattern.length == 0 && pattern.length == 4 ? " " : "")
                .append(filter.admits(packet) ? '1' : '0');
        }
        return out.toString();
    }

    private void frame(final String indications, final int number) {
        int present = 0;
        int switched = 0;
        for (int target = 0; target < indications.length(); target++) {
            present |= indications.charAt(target) == '-' ? 0 : 1 << target;
            switched |= indications.charAt(target) == 'S' ? 1 << target : 0;
        }
        packet.layers(present, switched, number << Short.SIZE, 0, true, true);
    }
}
