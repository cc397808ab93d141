package org.chevet.relay.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chevet.relay.consultation.EndToEndPolicy;

/**
 * How an embedded relay is set up; made with {@link #defaults()} and the {@code with} methods. Immutable.
 *
 * @param httpHost address HTTP listens on
 * @param httpPort port HTTP listens on, 0 for any free one
 * @param mediaHosts local addresses media sockets bind to and advertise, IPv4 and IPv6; never a wildcard
 * @param mediaPort UDP port of the first lane, counted up from there; 0 for any free ones
 * @param lanes number of lanes, 1 to 64
 * @param announced NAT 1:1: local address to public address, advertised in its place
 * @param tokenKeys key id to HS256 secret (at least 32 bytes) for participants' tokens
 * @param apiKeys keys that open the API for vendors' back-ends
 * @param corsOrigins origins that may call from a browser; "*" for any
 * @param maxConsultations bound on open consultations
 * @param maxParticipants bound on participants of one consultation
 * @param handshakeTimeoutMs ICE and DTLS must be done within this many milliseconds
 * @param idleTimeoutMs a peer that sends nothing authenticated for this many milliseconds is closed (RFC 7675: 30 s)
 * @param vitalsRingMs how long the relay keeps vitals blocks per stream, in milliseconds
 * @param vitalsRingBytes how many bytes of vitals blocks the relay keeps per stream
 * @param tuning how it uses the machine
 * @param reach how clients reach it beside its addresses
 * @param endToEnd of consultations that are opened without a policy of their own
 */
public record RelayConfig(String httpHost, int httpPort, List<String> mediaHosts, int mediaPort, int lanes,
    Map<String, String> announced, Map<String, byte[]> tokenKeys, List<String> apiKeys, List<String> corsOrigins,
    int maxConsultations, int maxParticipants, long handshakeTimeoutMs, long idleTimeoutMs, long vitalsRingMs,
    int vitalsRingBytes, Tuning tuning, Reach reach, EndToEndPolicy endToEnd) {

    /** Copies the collections and refuses values outside their documented range with a sentence. */
    public RelayConfig {
        mediaHosts = List.copyOf(mediaHosts);
        announced = Map.copyOf(announced);
        tokenKeys = Map.copyOf(tokenKeys);
        apiKeys = List.copyOf(apiKeys);
        corsOrigins = List.copyOf(corsOrigins);
    }

    /** Clients decide themselves whether they encrypt from end to end. */
    public RelayConfig(final String httpHost, final int httpPort, final List<String> mediaHosts, final int mediaPort,
        final int lanes, final Map<String, String> announced, final Map<String, byte[]> tokenKeys,
        final List<String> apiKeys, final List<String> corsOrigins, final int maxConsultations,
        final int maxParticipants, final long handshakeTimeoutMs, final long idleTimeoutMs, final long vitalsRingMs,
        final int vitalsRingBytes, final Tuning tuning, final Reach reach) {
        this(httpHost, httpPort, mediaHosts, mediaPort, lanes, announced, tokenKeys, apiKeys, corsOrigins,
            maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs, vitalsRingBytes, tuning,
            reach, EndToEndPolicy.ALLOWED);
    }

    /** Loopback only, no keys: HTTP on 8080, media from 10000, one lane per processor. */
    public static RelayConfig defaults() {
        return new RelayConfig("127.0.0.1", 8080, List.of("127.0.0.1"), 10_000,
            Math.max(1, Runtime.getRuntime().availableProcessors()), Map.of(), Map.of(), List.of(), List.of(),
            10_000, 64, 15_000, 30_000, 300_000, 16 * 1024 * 1024, Tuning.defaults(), Reach.plain());
    }

    /** The same with one more key for tokens: id and HS256 secret of at least 32 bytes. */
    public RelayConfig withTokenKey(final String id, final byte[] secret) {
        final Map<String, byte[]> keys = new HashMap<>(tokenKeys);
        keys.put(id, secret);
        return new RelayConfig(httpHost, httpPort, mediaHosts, mediaPort, lanes, announced, keys, apiKeys, corsOrigins,
            maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs, vitalsRingBytes,
            tuning, reach, endToEnd);
    }

    /** The same with one more key for the API. */
    public RelayConfig withApiKey(final String key) {
        final List<String> keys = new ArrayList<>(apiKeys);
        keys.add(key);
        return new RelayConfig(httpHost, httpPort, mediaHosts, mediaPort, lanes, announced, tokenKeys, keys,
            corsOrigins, maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs,
            vitalsRingBytes, tuning, reach, endToEnd);
    }

    /** The same with one address for HTTP and media. */
    public RelayConfig withHost(final String host) {
        return new RelayConfig(host, httpPort, List.of(host), mediaPort, lanes, announced, tokenKeys, apiKeys,
            corsOrigins, maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs,
            vitalsRingBytes, tuning, reach, endToEnd);
    }

    /** The same on other ports of HTTP and of the first lane; 0 for any free ones. */
    public RelayConfig withPorts(final int newHttpPort, final int newMediaPort) {
        return new RelayConfig(httpHost, newHttpPort, mediaHosts, newMediaPort, lanes, announced, tokenKeys, apiKeys,
            corsOrigins, maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs,
            vitalsRingBytes, tuning, reach, endToEnd);
    }

    /** The same, using the machine in another way. */
    public RelayConfig withTuning(final Tuning newTuning) {
        return new RelayConfig(httpHost, httpPort, mediaHosts, mediaPort, lanes, announced, tokenKeys, apiKeys,
            corsOrigins, maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs,
            vitalsRingBytes, newTuning, reach, endToEnd);
    }

    /** The same, reached in another way. */
    public RelayConfig withReach(final Reach newReach) {
        return new RelayConfig(httpHost, httpPort, mediaHosts, mediaPort, lanes, announced, tokenKeys, apiKeys,
            corsOrigins, maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs,
            vitalsRingBytes, tuning, newReach, endToEnd);
    }

    /** The same with another policy for consultations that are opened without one. */
    public RelayConfig withEndToEnd(final EndToEndPolicy policy) {
        return new RelayConfig(httpHost, httpPort, mediaHosts, mediaPort, lanes, announced, tokenKeys, apiKeys,
            corsOrigins, maxConsultations, maxParticipants, handshakeTimeoutMs, idleTimeoutMs, vitalsRingMs,
            vitalsRingBytes, tuning, reach, policy);
    }
}
