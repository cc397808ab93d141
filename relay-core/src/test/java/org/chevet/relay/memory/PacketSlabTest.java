package org.chevet.relay.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class PacketSlabTest {
    @Test
    void slotsAreDistinctAndRunOut() {
        final PacketSlab slab = new PacketSlab(5);
        final BitSet seen = new BitSet();
        for (int i = 0; i < 5; i++) {
            final int slot = slab.acquire();
            seen.set(slot);
            assertEquals(slot * PacketSlab.SLOT_LENGTH, slab.offset(slot));
            assertTrue(slab.offset(slot) + PacketSlab.SLOT_LENGTH <= slab.buffer().capacity());
        }
        assertEquals(5, seen.cardinality());
        assertEquals(PacketSlab.NONE, slab.acquire());
        assertEquals(5, slab.inUse());
        assertEquals(0, slab.available());
    }

    @Test
    void slotIsFreeOnlyAfterItsLastReference() {
        final PacketSlab slab = new PacketSlab(1);
        final int slot = slab.acquire();
        slab.retain(slot);
        assertEquals(2, slab.references(slot));
        slab.release(slot);
        assertEquals(PacketSlab.NONE, slab.acquire());
        slab.release(slot);
        assertEquals(0, slab.inUse());
        assertEquals(slot, slab.acquire());
    }

    @Test
    void leaksAreNamed() {
        final PacketSlab slab = new PacketSlab(3);
        slab.checkAllReleased();
        final int slot = slab.acquire();
        slab.retain(slot);
        final String message =
            assertThrows(IllegalStateException.class, slab::checkAllReleased).getMessage();
        assertEquals("1 slots still held: " + slot + "x2", message);
    }

    @Test
    void misuseIsABugNotACorruption() {
        final PacketSlab slab = new PacketSlab(2);
        final int slot = slab.acquire();
        slab.release(slot);
        assertThrows(IllegalStateException.class, () -> slab.release(slot));
        assertThrows(IllegalStateException.class, () -> slab.retain(slot));
        assertEquals(2, slab.available());
        assertThrows(IllegalArgumentException.class, () -> new PacketSlab(0));
        assertThrows(IllegalArgumentException.class, () -> new PacketSlab(PacketSlab.MAX_SLOTS + 1));
    }
}
