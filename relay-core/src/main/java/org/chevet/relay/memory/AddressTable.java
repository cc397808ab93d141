package org.chevet.relay.memory;

import java.util.Arrays;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as objects, the same object for the same address, so that one seen before costs none. Holds
 * {@link #CAPACITY} of them and starts anew when it is full, so that packets with made-up senders cannot grow it. One
 * thread.
 */
public final class AddressTable {
    /** Addresses held. */
    public static final int CAPACITY = 16_384;

    private static final int SLOTS = 2 * CAPACITY;
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;
    private static final int UPPER_BITS = 40;

    private final @Nullable TransportAddress[] table = new @Nullable TransportAddress[SLOTS];
    private int size;

    /** The address of these numbers, as {@link TransportAddress} has them; allocates only for a new one. */
    public TransportAddress of(final long high, final long low, final int port) {
        int slot = slotOf(high, low, port);
        for (TransportAddress known; (known = table[slot]) != null; slot = (slot + 1) & (SLOTS - 1)) {
            if (known.low() == low && known.port() == port && known.high() == high) {
                return known;
            }
        }
        if (size == CAPACITY) {
            Arrays.fill(table, null);
            size = 0;
            slot = slotOf(high, low, port);
        }
        final TransportAddress added = new TransportAddress(high, low, port);
        table[slot] = added;
        size++;
        return added;
    }

    private static int slotOf(final long high, final long low, final int port) {
        return (int) ((((high * 31 + low) * 31 + port) * MIX) >>> UPPER_BITS) & (SLOTS - 1);
    }
}
