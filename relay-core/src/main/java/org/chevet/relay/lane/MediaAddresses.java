package org.chevet.relay.lane;

import java.util.List;
import org.chevet.codec.wire.TransportAddress;

/**
 * What an answer advertises for a lane.
 *
 * @param candidates UDP addresses clients can reach, best first: after NAT 1:1 mapping where configured
 * @param streams addresses of passive TCP (RFC 6544), best first; port 0 stands for the one HTTP listens on
 * @param fingerprint value of {@code a=fingerprint} of the relay's DTLS certificate: {@code sha-256 AB:CD:...}
 */
public record MediaAddresses(List<TransportAddress> candidates, List<TransportAddress> streams, String fingerprint) {
    /** Copies the lists. */
    public MediaAddresses {
        candidates = List.copyOf(candidates);
        streams = List.copyOf(streams);
    }

    /** UDP only. */
    public MediaAddresses(final List<TransportAddress> candidates, final String fingerprint) {
        this(candidates, List.of(), fingerprint);
    }

    /** The same with the port of HTTP known. */
    public MediaAddresses withHttpPort(final int port) {
        return new MediaAddresses(candidates, streams.stream().map(address -> address.port() != 0 ? address
            : TransportAddress.ofBytes(address.addressBytes(), port)).toList(), fingerprint);
    }
}
