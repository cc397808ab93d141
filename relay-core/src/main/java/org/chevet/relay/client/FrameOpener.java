package org.chevet.relay.client;

import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.client.e2ee.FrameSeal;
import org.chevet.relay.client.e2ee.Opener;
import org.chevet.relay.client.e2ee.SealKind;

/**
 * Opens frames and hands them on; one that does not open is counted and goes no further. Between a
 * {@link FrameAssembler} and whoever wants the frames; one thread.
 */
final class FrameOpener implements FrameListener {
    private final int audio;
    private final IntFunction<String> participants;
    private final FrameListener next;
    private final LongSupplier clockNs;
    private final Opener opener;
    private byte[] sealed = {};
    private byte[] plain = {};
    private final UnsafeBuffer out = new UnsafeBuffer(plain);

    /**
     * Opens for one player.
     *
     * @param audio sections of sound, the first ones
     * @param participants whose track a section carries
     * @param clockNs the clock by which the epochs are held
     */
    FrameOpener(final EndToEnd endToEnd, final int audio, final IntFunction<String> participants,
        final FrameListener next, final LongSupplier clockNs) {
        this.audio = audio;
        this.participants = participants;
        this.next = next;
        this.clockNs = clockNs;
        opener = new Opener(endToEnd.keys());
    }

    @Override
    public void onFrame(final int track, final int timestamp, final DirectBuffer frame, final int offset,
        final int length) {
        if (sealed.length < length) {
            sealed = new byte[length];
            plain = new byte[length];
            out.wrap(plain);
        }
        frame.getBytes(offset, sealed, 0, length);
        final boolean video = track >= audio;
        final int clear = video ? FrameSeal.vp8Clear(sealed, 0, length) : 0;
        final int opened = FrameSeal.open(opener, video ? SealKind.VIDEO : SealKind.AUDIO, participants.apply(track),
            sealed, length, clear, plain, clockNs.getAsLong());
        if (opened >= 0) {
            next.onFrame(track, timestamp, out, 0, opened);
        }
    }

    /** Frames that did not open. */
    long refused() {
        return opener.refused();
    }
}
