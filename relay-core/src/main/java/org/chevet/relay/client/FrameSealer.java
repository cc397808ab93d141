package org.chevet.relay.client;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.client.e2ee.FrameSeal;
import org.chevet.relay.client.e2ee.SealKind;
import org.chevet.relay.client.e2ee.Sealer;

/** Seals the frames of one published track, each into the same buffer. Guarded by its publisher. */
final class FrameSealer {
    private final boolean video;
    private final Sealer sealer;
    private byte[] frame = {};
    private byte[] sealed = {};
    private final UnsafeBuffer out = new UnsafeBuffer(sealed);

    FrameSealer(final EndToEnd endToEnd, final TrackKind kind) {
        video = kind == TrackKind.VIDEO;
        sealer = new Sealer(endToEnd.keys(), video ? SealKind.VIDEO : SealKind.AUDIO, endToEnd.participant(),
            endToEnd.random());
    }

    /** Seals a frame into {@link #buffer}; its bytes there, or a negative code of {@link Sealer}. */
    int seal(final byte[] data, final int offset, final int length) {
        if (frame.length < length) {
            frame = new byte[length];
            sealed = new byte[length + Sealer.MAX_OVERHEAD];
            out.wrap(sealed);
        }
        System.arraycopy(data, offset, frame, 0, length);
        final int written =
            FrameSeal.seal(sealer, frame, length, video ? FrameSeal.vp8Clear(frame, 0, length) : 0, sealed);
        Arrays.fill(frame, 0, length, (byte) 0);
        return written;
    }

    /** The frame sealed last. */
    UnsafeBuffer buffer() {
        return out;
    }
}
