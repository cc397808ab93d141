package org.chevet.ops.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as they are written in settings; never asks the name service. */
final class Addresses {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private Addresses() {
    }

    /** The address of a literal, or empty when it is none. */
    static Optional<InetAddress> literal(final String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (final IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** True when an interface of this machine has the address. */
    static boolean isLocal(final InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (final SocketException e) {
            return false;
        }
    }

    /** True when both are IPv4 or both are IPv6. */
    static boolean sameFamily(final InetAddress one, final InetAddress other) {
        return one instanceof Inet4Address == other instanceof Inet4Address;
    }

    /** True when this machine has an interface of this name. */
    static boolean isInterface(final String name) {
        try {
            return NetworkInterface.getByName(name) != null;
        } catch (final SocketException e) {
            return false;
        }
    }

    /**
     * Every address of this machine that others could reach, IPv4 first: no loopback, link-local or multicast.
     *
     * @param families "both", "ipv4" or "ipv6"
     * @param interfaces names of interfaces to look at, empty for all
     */
    static List<String> reachable(final String families, final List<String> interfaces) {
        final List<String> four = new ArrayList<>();
        final List<String> six = new ArrayList<>();
        try {
            for (final NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (!card.isUp() || card.isLoopback()
                    || (!interfaces.isEmpty() && !interfaces.contains(card.getName()))) {
                    continue;
                }
                for (final InetAddress address : Collections.list(card.getInetAddresses())) {
                    if (address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isMulticastAddress()
                        || address.isAnyLocalAddress()) {
                        continue;
                    }
                    (address instanceof Inet4Address ? four : six).add(text(address));
                }
            }
        } catch (final SocketException e) {
            throw new ConfigException("media.hosts is auto, but this machine does not tell its addresses ("
                + e.getMessage() + "): accepted are addresses of this machine.");
        }
        return switch (families) {
            case "ipv4" -> four;
            case "ipv6" -> six;
            default -> {
                four.addAll(six);
                yield four;
            }
        };
    }

    private static String text(final InetAddress address) {
        try {
            // Made anew without its interface: an IPv6 address would print its zone.
            return InetAddress.getByAddress(address.getAddress()).getHostAddress();
        } catch (final UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
