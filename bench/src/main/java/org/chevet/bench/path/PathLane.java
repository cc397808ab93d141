package org.chevet.bench.path;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.lane.Lane;
import org.chevet.relay.lane.LaneContext;
import org.chevet.relay.lane.LaneLimits;
import org.chevet.relay.lane.LaneProxy;
import org.chevet.relay.lane.Lanes;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.Steering;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.HeaderExtension;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.OfferedSource;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.stats.LaneStats;

/**
 * The real lane with one consultation, all parts as in the server but for the DTLS handshake ({@link AgreedKeys}).
 * Admitted clients still have to check and to connect. One thread.
 */
final class PathLane {
    static final int PUBLISHER_SSRC = 77;
    static final int PAYLOAD_TYPE = 96;
    static final int TRANSPORT_CC_ID = 3;
    private static final String CONSULTATION = "path";
    private static final int RTX_PAYLOAD_TYPE = 97;
    private static final int FIRST_SSRC = 1000;
    private static final long HANDSHAKE_MS = 15_000;
    /** No client checks again in a measurement. */
    private static final long IDLE_MS = 3_600_000;

    private final SrtpProfile profile;
    private final AeadEngineProvider engines;
    private final LaneStats stats;
    private final Lane lane;
    private final Lanes lanes;
    private int ssrc = FIRST_SSRC;

    /** A lane with an open consultation; {@code turn} is called when it wants a turn at once. */
    PathLane(final SrtpProfile profile, final AeadEngineProvider engines, final LaneStats stats,
        final TransportAddress address) {
        this.profile = profile;
        this.engines = engines;
        this.stats = stats;
        final LaneProxy door = new LaneProxy(() -> { });
        final LongSupplier epoch = () -> 1;
        lane = new Lane(new LaneContext(0, stats, LaneLimits.defaults(), new MediaAddresses(List.of(address),
            "sha-256 00"), this::session, door, () -> ssrc++, epoch, 0,
            System::nanoTime, Steering.none()));
        lanes = new Lanes(List.of(new Lanes.Member(lane, door, Runnable::run)), 1);
        lanes.open(CONSULTATION);
    }

    Lane lane() {
        return lane;
    }

    /** Admits the publisher of one VP8 stream. Takes effect with the lane's next turn. */
    void publisher(final PathClient client) {
        admit(client, true, section("1", Flow.RECEIVE, List.of(new OfferedSource("", PUBLISHER_SSRC, 0)), 0));
    }

    /** Admits a subscriber. Takes effect with the lane's next turn. */
    void subscriber(final PathClient client) {
        ssrc += 2;
        admit(client, false, section("v", Flow.SEND, List.of(), ssrc - 2));
    }

    private void admit(final PathClient client, final boolean publisher, final NegotiatedSection section) {
        final Claims claims = new Claims(client.name(), CONSULTATION, Role.COMPANION, client.name(),
            Grants.parse(List.of("publish:*", "subscribe:*")), Long.MAX_VALUE);
        lanes.addPeer(new PeerSpec(client.name(), claims, publisher, client.name(), client.password(), "client",
            "client-password-0123456789", "sha-256", "00", false, List.of(section), List.of(-1), ""));
    }

    private PeerSession session(final PeerSpec spec, final Runnable ready, final long nowNs) {
        return new PeerSession(new IceAgent(spec.localUfrag(), spec.localPassword(), HANDSHAKE_MS, IDLE_MS, nowNs),
            new AgreedKeys(spec.resource().hashCode(), profile, ready), DtlsRole.SERVER, engines, stats, nowNs);
    }

    private static NegotiatedSection section(final String mid, final Flow flow, final List<OfferedSource> sources,
        final int localSsrc) {
        final boolean send = flow == Flow.SEND;
        final NegotiatedCodec codec = new NegotiatedCodec(Codec.VP8, PAYLOAD_TYPE, send ? RTX_PAYLOAD_TYPE : -1,
            // Receivers that report nothing must not agree to: the lane would hold video back until they do.
            90_000, 0, "", true, true, true, !send, false);
        return new NegotiatedSection(mid, MediaKind.VIDEO, flow, List.of(codec),
            Map.of(HeaderExtension.TRANSPORT_CC, TRANSPORT_CC_ID), false, true, sources, localSsrc,
            send ? localSsrc + 1 : 0, "stream", "video");
    }
}
