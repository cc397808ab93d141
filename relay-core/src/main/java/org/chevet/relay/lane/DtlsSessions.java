package org.chevet.relay.lane;

import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsFactory;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.stats.LaneStats;

/** Opens real sessions: ICE-lite, DTLS, SRTP. Lane thread only. */
public final class DtlsSessions implements SessionFactory {
    private static final long MILLISECOND_NS = 1_000_000L;

    private final DtlsFactory dtls;
    private final AeadEngineProvider engines;
    private final LaneStats stats;
    private final LaneLimits limits;

    /** Sessions with this DTLS and these SRTP ciphers. */
    public DtlsSessions(final DtlsFactory dtls, final AeadEngineProvider engines, final LaneStats stats,
        final LaneLimits limits) {
        this.dtls = dtls;
        this.engines = engines;
        this.stats = stats;
        this.limits = limits;
    }

    @Override
    public PeerSession create(final PeerSpec spec, final Runnable dtlsReady, final long nowNs) {
        final long handshakeMs = limits.handshakeTimeoutNs() / MILLISECOND_NS;
        final DtlsRole role = spec.dtlsClient() ? DtlsRole.CLIENT : DtlsRole.SERVER;
        final IceAgent ice = new IceAgent(spec.localUfrag(), spec.localPassword(), handshakeMs,
            limits.idleTimeoutNs() / MILLISECOND_NS, nowNs);
        final Dtls association =
            dtls.open(role, spec.fingerprintAlgorithm(), spec.fingerprint(), handshakeMs, dtlsReady);
        return new PeerSession(ice, association, role, engines, stats, nowNs);
    }
}
