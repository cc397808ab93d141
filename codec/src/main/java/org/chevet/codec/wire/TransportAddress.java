package org.chevet.codec.wire;

/**
 * An IP address and a UDP or TCP port as plain numbers, so that the packet path compares addresses without
 * objects of the JDK.
 *
 * <p>An IPv4 address is held in its IPv4-mapped IPv6 form (RFC 4291 section 2.5.5.2). Immutable; safe on any thread.
 *
 * @param high the first eight bytes of the IPv6 form, big-endian
 * @param low the last eight bytes of the IPv6 form, big-endian
 * @param port the port, 0 to 65535
 */
public record TransportAddress(long high, long low, int port) {
    private static final long IPV4_MAPPED = 0x0000_FFFF_0000_0000L;

    /** Refuses a port outside 0 to 65535. */
    public TransportAddress {
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("port " + port + " is not in 0..65535");
        }
    }

    /** The address of an IPv4 host; {@code ipv4} holds its four bytes, big-endian. */
    public static TransportAddress ofIpv4(final int ipv4, final int port) {
        return new TransportAddress(0, IPV4_MAPPED | (ipv4 & 0xFFFF_FFFFL), port);
    }

    /** The address from its 4 or 16 bytes in network order, as {@code InetAddress.getAddress()} gives them. */
    public static TransportAddress ofBytes(final byte[] address, final int port) {
        if (address.length == Integer.BYTES) {
            return ofIpv4((int) read(address, 0, Integer.BYTES), port);
        }
        if (address.length == 2 * Long.BYTES) {
            return new TransportAddress(read(address, 0, Long.BYTES), read(address, Long.BYTES, Long.BYTES), port);
        }
        throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + address.length);
    }

    /** True for an IPv4 address (held IPv4-mapped). */
    public boolean isIpv4() {
        return high == 0 && (low & 0xFFFF_FFFF_0000_0000L) == IPV4_MAPPED;
    }

    /** The four bytes of an IPv4 address, big-endian; meaningful only when {@link #isIpv4()}. */
    public int ipv4() {
        return (int) low;
    }

    /** The address bytes in network order: 4 for IPv4, 16 for IPv6. Allocates; not for the packet path. */
    public byte[] addressBytes() {
        final byte[] bytes = new byte[isIpv4() ? Integer.BYTES : 2 * Long.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            final int fromEnd = bytes.length - 1 - i;
            bytes[i] = (byte) ((fromEnd < Long.BYTES ? low : high) >>> (8 * (fromEnd & 7)));
        }
        return bytes;
    }

    private static long read(final byte[] bytes, final int from, final int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | (bytes[from + i] & 0xFF);
        }
        return value;
    }
}
