package org.chevet.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.chevet.bench.server.Agreement;
import org.chevet.bench.server.LocalEnd;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.srtp.SrtpSender;
import org.jspecify.annotations.Nullable;

/**
 * One client connection of the load. Its fields belong to the loop's thread once {@link LoadLoop#begin} was called;
 * the times and {@link #joined} may be read anywhere.
 */
final class Connection {
    static final int NO_SOCKET = -1;

    final int tag;
    final LocalEnd local;
    final boolean publishes;
    final CompletableFuture<Connection> joined = new CompletableFuture<>();
    final List<Source> sources = new ArrayList<>();
    final List<Subscription> subscriptions = new ArrayList<>();
    volatile long offeredNs;
    volatile long answeredNs;
    volatile long validNs;
    volatile long connectedNs;
    volatile long firstMediaNs;
    volatile @Nullable Agreement agreement;
    volatile String profile = "none";
    int socket = NO_SOCKET;
    @Nullable IceEnd ice;
    @Nullable Dtls dtls;
    @Nullable SrtpSender seal;
    @Nullable SrtpReceiver open;
    boolean connected;
    boolean ended;
    long helloDueNs;
    long deadlineNs;
    long reportDueNs;
    int transportSequence;
    /** What it tells of its reception; null when it tells nothing. */
    @Nullable Reception reception;

    Connection(final int tag, final LocalEnd local, final boolean publishes) {
        this.tag = tag;
        this.local = local;
        this.publishes = publishes;
    }

    /** Where its packets go and how it leaves; there once the server has answered. */
    Agreement agreed() {
        final Agreement now = agreement;
        if (now == null) {
            throw new IllegalStateException("the server has not answered yet");
        }
        return now;
    }
}
