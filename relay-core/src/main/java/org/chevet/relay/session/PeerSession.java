package org.chevet.relay.session;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsKeys;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.sctp.DataChannels;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.srtp.SrtpResult;
import org.chevet.relay.srtp.SrtpSender;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * One peer's transport: ICE finds the way, DTLS yields the keys, SRTP protects; when the offer had data channels, SCTP
 * goes in DTLS (RFC 8261). Sans-IO; one thread.
 *
 * <pre>
 *   CHECKING --validated pair--&gt; HANDSHAKING --keys--&gt; SECURE --close_notify, silence, timeout,
 * close()--&gt; CLOSED
 * </pre>
 *
 * <p>Nothing but STUN is looked at from an address that passed no authenticated check. After any call drain
 * {@link #pollTransmit}. The keys are overwritten when the session closes.
 */
public final class PeerSession {
    private final IceAgent ice;
    private final Dtls dtls;
    private final DtlsRole role;
    private final AeadEngineProvider engines;
    private final LaneStats stats;
    private @Nullable SrtpReceiver receiver;
    private @Nullable SrtpSender sender;
    private long lastAuthenticatedNs;
    private boolean iceTransmitted;
    private boolean closed;
    private String closeReason = "";
    private @Nullable DataChannels channels;
    private final UnsafeBuffer dataIn = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer dataOut = new UnsafeBuffer(0, 0);

    /**
     * A session that waits for its first check.
     *
     * @param ice agent with the credentials of the answer
     * @param dtls association with the fingerprint of the offer
     * @param role which side of DTLS the relay plays
     * @param engines makes the SRTP ciphers
     * @param stats counters of the lane
     */
    public PeerSession(final IceAgent ice, final Dtls dtls, final DtlsRole role, final AeadEngineProvider engines,
        final LaneStats stats, final long nowNs) {
        this.ice = ice;
        this.dtls = dtls;
        this.role = role;
        this.engines = engines;
        this.stats = stats;
        this.lastAuthenticatedNs = nowNs;
        stats.count(Counter.DTLS_STARTED);
    }

    /** Takes one STUN datagram. Returns true when the pair it came on is validated now. */
    public boolean handleStun(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long nowNs) {
        stats.count(Counter.STUN_REQUESTS);
        final int disposition = ice.handleStun(in, offset, length, socket, from, nowNs);
        if (disposition == IceAgent.ANSWERED) {
            lastAuthenticatedNs = Math.max(lastAuthenticatedNs, ice.authenticatedNs());
            return ice.isValidated(socket, from);
        }
        final DropReason reason = IceAgent.drop(disposition);
        if (reason != null) {
            stats.drop(reason);
        }
        return false;
    }

    /** Takes one datagram of DTLS from a validated pair; the answer comes by {@link #pollDtls}. */
    public void handleDtls(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length) {
        if (!ice.isValidated(socket, from)) {
            stats.drop(DropReason.UNKNOWN_ADDRESS);
            return;
        }
        final DropReason dropped = dtls.offer(in, offset, length);
        if (dropped != null) {
            stats.drop(dropped);
        }
    }

    /**
     * Looks where DTLS stands: takes the keys when they are there, closes when it ended.
     *
     * @return true when the session has just become secure
     */
    public boolean pollDtls(final long nowNs) {
        if (closed) {
            return false;
        }
        switch (dtls.state()) {
            case HANDSHAKING -> {
            }
            case CONNECTED -> {
                if (sender == null) {
                    secure(nowNs);
                    return isSecure();
                }
            }
            case CLOSED -> close("the peer ended DTLS");
            case FAILED -> {
                stats.count(Counter.DTLS_FAILED);
                close("DTLS failed: " + dtls.failure());
            }
        }
        return false;
    }

    /**
     * Gives the session the data channels of the offer, before anything was received. From now on it feeds and drains
     * their association, and ends it when it closes.
     */
    public void carry(final DataChannels newChannels) {
        channels = newChannels;
        dataIn.wrap(new byte[Dtls.MAX_RECEIVED_APPLICATION_DATA]);
        dataOut.wrap(new byte[Dtls.MAX_APPLICATION_DATA]);
        dtls.acceptApplicationData();
    }

    /** Takes what the peer sent in DTLS since the last call; the listener of the data channels hears of it. */
    public void receiveData(final long nowNs) {
        final DataChannels carried = channels;
        if (carried == null || !isSecure()) {
            return;
        }
        for (int lost = dtls.takeDroppedApplicationData(); lost > 0; lost--) {
            stats.drop(DropReason.DTLS_QUEUE_FULL);
        }
        // At most one full queue, so that a peer that sends without end does not keep the lane.
        for (int i = 0; i < Dtls.MAX_WAITING_APPLICATION_DATA && !closed; i++) {
            final int length = dtls.pollApplicationData(dataIn, 0);
            if (length == 0) {
                break;
            }
            lastAuthenticatedNs = nowNs;
            ice.onAuthenticated(nowNs);
            carried.association().handlePacket(dataIn, 0, length, nowNs);
        }
    }

    /**
     * Opens one SRTP packet of a validated pair.
     *
     * @param out takes header and payload from {@code outOffset}; at least {@code length} bytes
     * @return bytes written, or a negative {@link SrtpResult}; then the drop is counted
     */
    public int unprotectRtp(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final MutableDirectBuffer out, final int outOffset, final long nowNs) {
        final SrtpReceiver keys = receiverFor(socket, from);
        return keys == null ? SrtpResult.FAILED
            : checked(keys.unprotectRtp(in, offset, length, out, outOffset), nowNs);
    }

    /** As {@link #unprotectRtp}, for SRTCP. */
    public int unprotectRtcp(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final MutableDirectBuffer out, final int outOffset, final long nowNs) {
        final SrtpReceiver keys = receiverFor(socket, from);
        return keys == null ? SrtpResult.FAILED
            : checked(keys.unprotectRtcp(in, offset, length, out, outOffset), nowNs);
    }

    /**
     * Seals an RTP packet whose header is in {@code out}; see {@link SrtpSender#protectRtp}. Needs {@link
     * #isSecure}.
     */
    public int protectRtp(final MutableDirectBuffer out, final int outOffset, final int headerLength,
        final DirectBuffer payload, final int payloadOffset, final int payloadLength) {
        return sender == null ? SrtpResult.FAILED
            : sender.protectRtp(out, outOffset, headerLength, payload, payloadOffset, payloadLength);
    }

    /** Seals an RTCP packet in place; see {@link SrtpSender#protectRtcp}. Needs {@link #isSecure}. */
    public int protectRtcp(final MutableDirectBuffer out, final int outOffset, final int length) {
        return sender == null ? SrtpResult.FAILED : sender.protectRtcp(out, outOffset, length);
    }

    /**
     * Writes the next datagram of ICE or DTLS.
     *
     * @return its length, 0 when there is none; it leaves from {@link #transmitSocket} to {@link #transmitTo}
     */
    public int pollTransmit(final MutableDirectBuffer out, final int offset, final long nowNs) {
        final int answer = ice.pollTransmit(out, offset, nowNs);
        if (answer > 0) {
            iceTransmitted = true;
            stats.count(Counter.STUN_RESPONSES);
            return answer;
        }
        iceTransmitted = false;
        if (ice.selectedTo() == null) {
            return 0;
        }
        final int flight = dtls.pollTransmit(out, offset);
        return flight > 0 ? flight : pollData(out, offset, nowNs);
    }

    /** Seals the next SCTP packet; one at a time, so that the outbox of DTLS never overflows. */
    private int pollData(final MutableDirectBuffer out, final int offset, final long nowNs) {
        if (channels == null || !isSecure()) {
            return 0;
        }
        final int packet = channels.association().pollTransmit(dataOut, 0, nowNs);
        if (packet == 0) {
            return 0;
        }
        if (!dtls.send(dataOut, 0, packet)) {
            stats.drop(DropReason.DTLS_CLOSED);
            return 0;
        }
        return dtls.pollTransmit(out, offset);
    }

    /** Destination of the datagram {@link #pollTransmit} wrote last. */
    public TransportAddress transmitTo() {
        return iceTransmitted ? ice.transmitTo() : remote();
    }

    /** Local address the datagram {@link #pollTransmit} wrote last leaves from. */
    public int transmitSocket() {
        return iceTransmitted ? ice.transmitSocket() : ice.selectedSocket();
    }

    /**
     * ICE restart: new local credentials for the same DTLS association and SRTP keys; see {@link IceAgent#restart}.
     */
    public void restartIce(final String localUfrag, final String localPassword, final long nowNs) {
        ice.restart(localUfrag, localPassword, nowNs);
        stats.count(Counter.ICE_RESTARTS);
    }

    /** True when checks for this ufrag of ours may still be answered. */
    public boolean isLocalUfrag(final String ufrag) {
        return ice.isLocalUfrag(ufrag);
    }

    /** Lets deadlines pass; closes a session that took too long or fell silent. */
    public void handleTimeout(final long nowNs) {
        ice.handleTimeout(nowNs);
        if (ice.state() == IceAgent.State.EXPIRED) {
            close(sender == null ? "no connection in time" : "nothing authenticated came for too long");
        }
        if (channels != null && !closed && nowNs >= channels.association().nextDeadlineNs()) {
            channels.association().handleTimeout(nowNs);
        }
    }

    /** When {@link #handleTimeout} is wanted; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNs() {
        if (closed) {
            return Long.MAX_VALUE;
        }
        return channels == null ? ice.nextDeadlineNs()
            : Math.min(ice.nextDeadlineNs(), channels.association().nextDeadlineNs());
    }

    /** True while media can be sealed and sent. */
    public boolean isSecure() {
        return sender != null && !closed;
    }

    /** Where media goes: the selected pair's remote address. Needs a validated pair. */
    public TransportAddress remote() {
        final TransportAddress to = ice.selectedTo();
        if (to == null) {
            throw new IllegalStateException("no validated pair yet");
        }
        return to;
    }

    /** Local address media leaves from. */
    public int socket() {
        return ice.selectedSocket();
    }

    /** When something authenticated came last: a check, a packet; the start of the session when nothing did. */
    public long lastAuthenticatedNs() {
        return lastAuthenticatedNs;
    }

    /** True when the session has ended, whoever ended it. */
    public boolean isClosed() {
        return closed;
    }

    /** Why it ended, for the log; "" while it has not. */
    public String closeReason() {
        return closeReason;
    }

    /** Ends the session: close_notify is ready to be polled, the keys are overwritten. Again: nothing. */
    public void close(final String reason) {
        if (closed) {
            return;
        }
        closed = true;
        closeReason = reason;
        if (channels != null) {
            // No ABORT is sent: close_notify ends what is inside DTLS (RFC 8831 section 6.2).
            channels.association().abort();
        }
        dtls.close();
        if (receiver != null) {
            receiver.close();
        }
        if (sender != null) {
            sender.close();
        }
    }

    private void secure(final long nowNs) {
        try (DtlsKeys agreed = dtls.keys()) {
            final SrtpProfile profile = SrtpProfile.ofCode(agreed.profileCode());
            if (profile == null) {
                stats.count(Counter.DTLS_FAILED);
                close("DTLS agreed on unknown SRTP profile " + agreed.profileCode());
                return;
            }
            final byte[] exporter = agreed.exporter();
            try (SrtpKeys keys = new SrtpKeys(profile, exporter)) {
                final boolean server = role == DtlsRole.SERVER;
                receiver = server ? keys.serverReceiver(engines) : keys.clientReceiver(engines);
                sender = server ? keys.serverSender(engines) : keys.clientSender(engines);
            } finally {
                Arrays.fill(exporter, (byte) 0);
            }
        }
        ice.onConnected(nowNs);
        stats.count(Counter.DTLS_COMPLETED);
    }

    private @Nullable SrtpReceiver receiverFor(final int socket, final TransportAddress from) {
        if (receiver == null || closed) {
            stats.drop(DropReason.SRTP_NOT_READY);
            return null;
        }
        if (!ice.isValidated(socket, from)) {
            stats.drop(DropReason.UNKNOWN_ADDRESS);
            return null;
        }
        return receiver;
    }

    private int checked(final int result, final long nowNs) {
        if (result < 0) {
            stats.drop(SrtpResult.receiveDrop(result));
        } else {
            lastAuthenticatedNs = nowNs;
            ice.onAuthenticated(nowNs);
        }
        return result;
    }
}
