package org.chevet.bench.path;

import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsKeys;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/** In place of a DTLS handshake: any datagram connects, and both sides know the keys from a number. One thread. */
final class AgreedKeys implements Dtls {
    private final long seed;
    private final SrtpProfile profile;
    private final Runnable wake;
    private State state = State.HANDSHAKING;

    AgreedKeys(final long seed, final SrtpProfile profile, final Runnable wake) {
        this.seed = seed;
        this.profile = profile;
        this.wake = wake;
    }

    /** What the other side of the association uses. */
    static SrtpKeys keysOf(final long seed, final SrtpProfile profile) {
        return new SrtpKeys(profile, exporter(seed, profile));
    }

    private static byte[] exporter(final long seed, final SrtpProfile profile) {
        final byte[] exporter = new byte[profile.exporterLength()];
        new Random(seed).nextBytes(exporter);
        return exporter;
    }

    @Override
    public @Nullable DropReason offer(final DirectBuffer in, final int offset, final int length) {
        state = State.CONNECTED;
        wake.run();
        return null;
    }

    @Override
    public int pollTransmit(final MutableDirectBuffer out, final int offset) {
        return 0;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public DtlsKeys keys() {
        return new DtlsKeys(profile.code(), exporter(seed, profile));
    }

    @Override
    public void acceptApplicationData() {
        // The path is measured without data channels.
    }

    @Override
    public int pollApplicationData(final MutableDirectBuffer out, final int offset) {
        return 0;
    }

    @Override
    public int takeDroppedApplicationData() {
        return 0;
    }

    @Override
    public boolean send(final DirectBuffer in, final int offset, final int length) {
        return false;
    }

    @Override
    public String failure() {
        return "";
    }

    @Override
    public void close() {
        state = State.CLOSED;
    }
}
