package org.chevet.relay.lane;

import org.chevet.relay.session.PeerSession;

/** Opens the transport of a peer; what a lane is given, so that tests can give it another. Lane thread only. */
@FunctionalInterface
public interface SessionFactory {
    /**
     * Opens a session.
     *
     * @param spec credentials and fingerprint
     * @param dtlsReady run on any thread when DTLS has something to poll; must not block
     * @throws IllegalArgumentException when the fingerprint cannot be used
     */
    PeerSession create(PeerSpec spec, Runnable dtlsReady, long nowNs);
}
