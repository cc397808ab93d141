package org.chevet.relay.lane;

import java.util.List;
import org.chevet.codec.wire.TransportAddress;

/**
 * What an answer advertises for a lane.
 *
 * @param candidates UDP addresses clients can reach, best first: after NAT 1:1 mapping where configured
 * @param fingerprint value of {@code a=fingerprint} of the relay's DTLS certificate: {@code sha-256 AB:CD:...}
 */
public record MediaAddresses(List<TransportAddress> candidates, String fingerprint) {
    /** Copies the list. */
    public MediaAddresses {
        candidates = List.copyOf(candidates);
    }
}
