package org.chevet.relay.sim;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.demux.Demux;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsKeys;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.srtp.SrtpSender;
import org.jspecify.annotations.Nullable;

/**
 * The transport of a simulated client: full ICE towards an ICE-lite relay, {@link SimDtls}, real SRTP. What it
 * does with
 * media is its subclasses'.
 */
abstract class SimPeer {
    private static final long CHECK_NS = 50_000_000L;
    private static final long CONSENT_NS = 2_500_000_000L;
    private static final long HELLO_NS = 100_000_000L;
    private static final int STUN_CAPACITY = 512;

    final UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
    final String ufrag;
    final String password;
    private TransportAddress address;
    private final TransportAddress relay;
    private final SimNetwork up;
    final SimDtls dtls;
    private StunIntegrity integrity;
    private String remoteUfrag;
    private byte @Nullable [] lastCheck;
    private byte @Nullable [] lastDatagram;
    private final Random random;
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final UnsafeBuffer transaction = new UnsafeBuffer(new byte[StunMessage.TRANSACTION_ID_LENGTH]);
    private boolean checked;
    private long nextCheckNs;
    private long nextHelloNs = Long.MAX_VALUE;
    private @Nullable SrtpSender sender;
    private @Nullable SrtpReceiver receiver;

    SimPeer(final String ufrag, final TransportAddress address, final TransportAddress relay, final SimNetwork up,
        final long keySeed, final Random random) {
        this.ufrag = ufrag;
        this.password = "password-of-" + ufrag + "-0123456789";
        this.remoteUfrag = ufrag;
        this.address = address;
        this.relay = relay;
        this.up = up;
        this.random = random;
        this.integrity = new StunIntegrity(password.getBytes(StandardCharsets.US_ASCII));
        this.dtls = new SimDtls(true, keySeed, () -> { });
    }

    /** One decrypted RTP or RTCP packet in {@link #buffer}. */
    abstract void onPacket(boolean rtcp, int length, long nowNs);

    /** Sends what is due. Called only when secure. */
    abstract void onTurn(long nowNs);

    /** When {@link #onTurn} is wanted. */
    abstract long nextTurnNs();

    /** DTLS may have application data. */
    void onDtls(final long nowNs) {
        // Media clients have none.
    }

    final TransportAddress address() {
        return address;
    }

    /** Its address changes, at once; {@link Simulation} is told by its caller. */
    final void move(final TransportAddress changed) {
        address = changed;
        nextCheckNs = Long.MIN_VALUE;
    }

    /** From now on it checks with these credentials of the relay's. */
    final void restart(final String newUfrag, final String newPassword) {
        remoteUfrag = newUfrag;
        integrity = new StunIntegrity(newPassword.getBytes(StandardCharsets.US_ASCII));
        checked = false;
        nextCheckNs = Long.MIN_VALUE;
    }

    /** The check it sent last, as it was. */
    final byte[] lastCheck() {
        final byte[] check = lastCheck;
        if (check == null) {
            throw new IllegalStateException("no check was sent");
        }
        return check;
    }

    /** The datagram it sent last, whatever it was. */
    final byte[] lastDatagram() {
        final byte[] datagram = lastDatagram;
        if (datagram == null) {
            throw new IllegalStateException("nothing was sent");
        }
        return datagram;
    }

    final boolean isSecure() {
        return sender != null;
    }

    final void turn(final long nowNs) {
        if (nowNs >= nextCheckNs) {
            sendCheck(nowNs);
        }
        if (nowNs >= nextHelloNs && !isSecure()) {
            dtls.sendHello();
            sendDtls(nowNs);
            nextHelloNs = nowNs + HELLO_NS;
        }
        if (isSecure() && nowNs >= nextTurnNs()) {
            onTurn(nowNs);
        }
    }

    final long nextNs() {
        return Math.min(Math.min(nextCheckNs, isSecure() ? Long.MAX_VALUE : nextHelloNs),
            isSecure() ? nextTurnNs() : Long.MAX_VALUE);
    }

    final void receive(final DirectBuffer in, final long nowNs) {
        switch (Demux.classify(in.getByte(0) & 0xFF)) {
            case Demux.STUN -> onStun(in, nowNs);
            case Demux.DTLS -> {
                dtls.offer(in, 0, in.capacity());
                secure();
                onDtls(nowNs);
                sendDtls(nowNs);
            }
            default -> {
                if (receiver != null) {
                    final boolean rtcp = Demux.isRtcp(in.getByte(1) & 0xFF);
                    final int length = rtcp ? receiver.unprotectRtcp(in, 0, in.capacity(), buffer, 0)
                        : receiver.unprotectRtp(in, 0, in.capacity(), buffer, 0);
                    if (length > 0) {
                        onPacket(rtcp, length, nowNs);
                    }
                }
            }
        }
    }

    /** Seals and sends the RTP packet in {@link #buffer}; returns what was sent, which may be sent again as it is. */
    final byte[] sendRtp(final int headerLength, final int payloadLength, final long nowNs) {
        if (sender == null) {
            throw new IllegalStateException("not secure");
        }
        return send(sender.protectRtp(buffer, 0, headerLength, buffer, headerLength, payloadLength), nowNs);
    }

    /** Seals and sends the compound RTCP packet in {@link #buffer}. */
    final void sendRtcp(final int length, final long nowNs) {
        if (sender != null) {
            send(sender.protectRtcp(buffer, 0, length), nowNs);
        }
    }

    /** Sends bytes as they are: a repetition, or what is no protocol or a broken one. */
    final void sendRaw(final byte[] datagram, final long nowNs) {
        up.send(address, relay, datagram, nowNs);
    }

    private void sendCheck(final long nowNs) {
        for (int i = 0; i < StunMessage.TRANSACTION_ID_LENGTH; i += Integer.BYTES) {
            transaction.putInt(i, random.nextInt());
        }
        final int length = writer.begin(buffer, 0, STUN_CAPACITY, StunMessage.BINDING_REQUEST, transaction, 0)
            .username((remoteUfrag + ":client").getBytes(StandardCharsets.US_ASCII)).priority(1).iceControlling(1)
            .useCandidate().integrity(integrity).fingerprint().length();
        lastCheck = send(length, nowNs);
        nextCheckNs = nowNs + (checked ? CONSENT_NS : CHECK_NS);
    }

    private void onStun(final DirectBuffer in, final long nowNs) {
        if (message.wrap(in, 0, in.capacity()) && message.type() == StunMessage.BINDING_SUCCESS && !checked) {
            checked = true;
            nextCheckNs = nowNs + CONSENT_NS;
            nextHelloNs = nowNs;
        }
    }

    private void secure() {
        if (sender == null && dtls.state() == Dtls.State.CONNECTED) {
            try (DtlsKeys agreed = dtls.keys();
                SrtpKeys keys = new SrtpKeys(SrtpProfile.AEAD_AES_256_GCM, agreed.exporter())) {
                sender = keys.clientSender(new JceAeadEngineProvider());
                receiver = keys.clientReceiver(new JceAeadEngineProvider());
            }
        }
    }

    final void sendDtls(final long nowNs) {
        for (int length; (length = dtls.pollTransmit(buffer, 0)) > 0;) {
            send(length, nowNs);
        }
    }

    private byte[] send(final int length, final long nowNs) {
        final byte[] datagram = new byte[length];
        buffer.getBytes(0, datagram);
        up.send(address, relay, datagram, nowNs);
        lastDatagram = datagram;
        return datagram;
    }
}
