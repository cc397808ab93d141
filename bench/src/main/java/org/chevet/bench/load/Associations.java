package org.chevet.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.bench.server.Agreement;
import org.chevet.bench.server.ServerException;
import org.chevet.bench.socket.Wire;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.wire.NtpTime;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsFactory;
import org.chevet.relay.dtls.DtlsKeys;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.jspecify.annotations.Nullable;

/** ICE, DTLS, keys and reports of connections. Loop thread only. */
final class Associations {
    private static final long HELLO_NS = 100_000_000L;
    private static final long REPORT_NS = 1_000_000_000L;
    private static final int MAX_RTCP = 1200;
    private static final byte[] CNAME = "load".getBytes(StandardCharsets.US_ASCII);

    private final Wire wire;
    private final DtlsFactory factory;
    private final RandomGenerator random;
    private final AeadEngineProvider engines;
    private final LoopCounts counts;
    private final RtcpWriter rtcp = new RtcpWriter();

    Associations(final Wire wire, final DtlsFactory factory, final RandomGenerator random,
        final AeadEngineProvider engines, final LoopCounts counts) {
        this.wire = wire;
        this.factory = factory;
        this.random = random;
        this.engines = engines;
        this.counts = counts;
    }

    /** Starts to connect. */
    void begin(final Connection connection, final Agreement agreement, final long atMostMs, final long nowNs) {
        final Agreement.Security security = agreement.security();
        if (security != null) {
            connection.ice = new IceEnd(connection.local.ufrag(), connection.local.password(), security.ufrag(),
                security.password(), TransportAddress.ofBytes(agreement.address().getAddress().getAddress(),
                    agreement.address().getPort()), random, nowNs);
        }
        connection.deadlineNs = nowNs + atMostMs * 1_000_000L;
    }

    /** Takes the next step of joining; true when there is none any more. */
    boolean advance(final Connection connection, final long nowNs) {
        if (nowNs >= connection.deadlineNs && !connection.connected) {
            fail(connection, connection.validNs == 0 ? "no answer to ICE checks" : "DTLS did not finish");
        }
        if (connection.ended || connection.connected) {
            return true;
        }
        final Agreement.Security security = connection.agreed().security();
        if (security == null) {
            if (nowNs >= connection.helloDueNs) {
                connection.helloDueNs = nowNs + HELLO_NS;
                wire.commit(wire.sending().putStringWithoutLengthAscii(wire.nextOffset(),
                    connection.agreed().hello()));
                wire.flush(connection.socket);
            }
            return false;
        }
        check(connection, nowNs);
        final IceEnd ice = connection.ice;
        if (ice != null && ice.isValid()) {
            if (connection.validNs == 0) {
                connection.validNs = nowNs;
            }
            handshake(connection, security, nowNs);
        }
        return connection.connected || connection.ended;
    }

    private void check(final Connection connection, final long nowNs) {
        final IceEnd ice = connection.ice;
        if (ice != null && nowNs >= ice.dueNs()) {
            wire.commit(ice.check(wire.sending(), wire.nextOffset(), nowNs));
            wire.flush(connection.socket);
        }
    }

    private void handshake(final Connection connection, final Agreement.Security security, final long nowNs) {
        Dtls dtls = connection.dtls;
        if (dtls == null) {
            dtls = factory.open(security.startsDtls() ? DtlsRole.SERVER : DtlsRole.CLIENT,
                security.fingerprint().algorithm(), security.fingerprint().hash(),
                Math.max(1, (connection.deadlineNs - nowNs) / 1_000_000L), wire::wake);
            connection.dtls = dtls;
        }
        flush(connection, dtls);
        if (dtls.state() == Dtls.State.CONNECTED) {
            keyed(connection, dtls.keys(), security.startsDtls());
        } else if (dtls.state() != Dtls.State.HANDSHAKING) {
            fail(connection, "DTLS failed: " + dtls.failure());
        }
    }

    private void flush(final Connection connection, final Dtls dtls) {
        int length = dtls.pollTransmit(wire.sending(), wire.nextOffset());
        while (length > 0) {
            wire.commit(length);
            wire.flush(connection.socket);
            length = dtls.pollTransmit(wire.sending(), wire.nextOffset());
        }
    }

    private void keyed(final Connection connection, final DtlsKeys keys, final boolean server) {
        final SrtpProfile profile = SrtpProfile.ofCode(keys.profileCode());
        if (profile == null) {
            fail(connection, "the server chose an unknown SRTP profile");
            return;
        }
        final byte[] exporter = keys.exporter();
        try (SrtpKeys srtp = new SrtpKeys(profile, exporter)) {
            connection.open = server ? srtp.serverReceiver(engines) : srtp.clientReceiver(engines);
            connection.seal = server ? srtp.serverSender(engines) : srtp.clientSender(engines);
        } finally {
            Arrays.fill(exporter, (byte) 0);
        }
        connection.profile = profile.name();
        connected(connection);
    }

    private static void connected(final Connection connection) {
        connection.connected = true;
        connection.connectedNs = System.nanoTime();
        connection.joined.complete(connection);
    }

    private static void fail(final Connection connection, final String why) {
        connection.ended = true;
        connection.joined.completeExceptionally(new ServerException("a connection did not come about: " + why));
    }

    /** A STUN message arrived. */
    void stun(final Connection connection, final UnsafeBuffer in, final int offset, final int length,
        final long nowNs) {
        final IceEnd ice = connection.ice;
        if (ice != null) {
            final int answer = ice.handle(in, offset, length, wire.sending(), wire.nextOffset(), nowNs);
            if (answer > 0) {
                wire.commit(answer);
                wire.flush(connection.socket);
            }
        }
    }

    /** A DTLS datagram arrived. */
    void dtls(final Connection connection, final UnsafeBuffer in, final int offset, final int length) {
        final @Nullable Dtls dtls = connection.dtls;
        if (dtls != null) {
            dtls.offer(in, offset, length);
        }
    }

    /** The echo of a hello arrived. */
    void hello(final Connection connection) {
        if (!connection.connected && !connection.ended && connection.agreed().security() == null) {
            connected(connection);
        }
    }

    /** Consent, reports, and what DTLS still has to say; every 20 ms. */
    void tick(final Connection connection, final long nowNs, final long wallNs) {
        if (!connection.connected || connection.ended) {
            return;
        }
        check(connection, nowNs);
        if (connection.seal != null && nowNs >= connection.reportDueNs) {
            // The first one somewhere in the first second, so that a thousand reports do not leave together.
            connection.reportDueNs =
                nowNs + (connection.reportDueNs == 0 ? (long) (random.nextDouble() * REPORT_NS) : REPORT_NS);
            report(connection, wallNs);
        }
        if (connection.reception != null && connection.seal != null) {
            final int offset = wire.nextOffset();
            rtcp.begin(wire.sending(), offset, MAX_RTCP);
            if (connection.reception.write(rtcp, connection.tag + 1, counts, nowNs)) {
                send(connection, offset);
            }
        }
    }

    private void report(final Connection connection, final long wallNs) {
        final int offset = wire.nextOffset();
        rtcp.begin(wire.sending(), offset, MAX_RTCP);
        for (int i = 0; i < connection.sources.size(); i++) {
            final Source source = connection.sources.get(i);
            if (source.sequence() > 0) {
                rtcp.senderReport(source.ssrc(), NtpTime.ofUnixNs(wallNs), source.timestamp(), source.sequence(),
                    source.bytes());
                rtcp.cname(source.ssrc(), CNAME);
            }
        }
        if (!connection.publishes) {
            rtcp.receiverReport(connection.tag + 1);
            for (int i = 0; i < connection.subscriptions.size(); i++) {
                final Subscription subscription = connection.subscriptions.get(i);
                if (subscription.isKnown()) {
                    rtcp.reportBlock(subscription.ssrc(), 0, 0, subscription.highestRtp(), 0, 0, 0);
                }
            }
            rtcp.cname(connection.tag + 1, CNAME);
        }
        if (rtcp.length() > 0) {
            send(connection, offset);
        }
    }

    /** Seals and sends what was written. */
    private void send(final Connection connection, final int offset) {
        final int length = connection.seal == null ? 0
            : connection.seal.protectRtcp(wire.sending(), offset, rtcp.length());
        if (length > 0) {
            wire.commit(length);
            wire.flush(connection.socket);
        }
    }

    /** Ends a connection: close_notify, keys, socket. */
    void end(final Connection connection) {
        connection.ended = true;
        final Dtls dtls = connection.dtls;
        if (dtls != null) {
            dtls.close();
            if (connection.socket != Connection.NO_SOCKET) {
                flush(connection, dtls);
            }
        }
        if (connection.seal != null) {
            connection.seal.close();
        }
        if (connection.open != null) {
            connection.open.close();
        }
        if (connection.socket != Connection.NO_SOCKET) {
            wire.close(connection.socket);
            connection.socket = Connection.NO_SOCKET;
        }
    }
}
