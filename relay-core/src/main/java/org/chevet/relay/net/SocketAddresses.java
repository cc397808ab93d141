package org.chevet.relay.net;

import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.BigEndian;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.memory.AddressTable;
import org.jspecify.annotations.Nullable;

/**
 * Addresses between the kernel's form and ours.
 *
 * <pre>
 *  sockaddr_in    family (2) port (2) address (4) zero (8)
 *  sockaddr_in6   family (2) port (2) flow label (4) address (16) scope (4)
 * </pre>
 *
 * <p>One thread. A known sender costs a lookup.
 */
final class SocketAddresses {
    static final int IPV4_LENGTH = 16;
    static final int IPV6_LENGTH = 28;
    /** Room for either form, aligned. */
    static final int MAX_LENGTH = 32;

    private static final int PORT = 2;
    private static final int IPV4_ADDRESS = 4;
    private static final int IPV6_ADDRESS = 8;
    private static final int IPV6_SCOPE = 24;
    private static final long IPV4_MAPPED = 0x0000_FFFF_0000_0000L;

    private final AddressTable table = new AddressTable();

    /** The address at {@code offset}, or null when its family is neither. */
    @Nullable TransportAddress read(final MutableDirectBuffer memory, final int offset) {
        final int port = BigEndian.u16(memory, offset + PORT);
        return switch (memory.getShort(offset)) {
            case Posix.AF_INET ->
                table.of(0, IPV4_MAPPED | (BigEndian.i32(memory, offset + IPV4_ADDRESS) & 0xFFFF_FFFFL), port);
            case Posix.AF_INET6 -> table.of(BigEndian.i64(memory, offset + IPV6_ADDRESS),
                BigEndian.i64(memory, offset + IPV6_ADDRESS + Long.BYTES), port);
            default -> null;
        };
    }

    /** Writes an address in the form of a socket's family; returns its length, or 0 when it has no such form. */
    static int write(final TransportAddress address, final boolean ipv6, final MutableDirectBuffer memory,
        final int offset) {
        if (ipv6 == address.isIpv4()) {
            return 0;
        }
        BigEndian.put16(memory, offset + PORT, address.port());
        if (ipv6) {
            memory.putShort(offset, (short) Posix.AF_INET6);
            memory.putInt(offset + Integer.BYTES, 0);
            BigEndian.put64(memory, offset + IPV6_ADDRESS, address.high());
            BigEndian.put64(memory, offset + IPV6_ADDRESS + Long.BYTES, address.low());
            memory.putInt(offset + IPV6_SCOPE, 0);
            return IPV6_LENGTH;
        }
        memory.putShort(offset, (short) Posix.AF_INET);
        BigEndian.put32(memory, offset + IPV4_ADDRESS, address.ipv4());
        memory.putLong(offset + Long.BYTES, 0);
        return IPV4_LENGTH;
    }
}
