package org.chevet.relay.client;

import org.agrona.DirectBuffer;

/** Hears the frames of a player; called on the connection's thread, must not block. */
@FunctionalInterface
public interface FrameListener {
    /**
     * A whole frame, once: one Opus packet or one encoded VP8 frame, in the order in which they became complete.
     *
     * @param track index of the section in the player's offer
     * @param timestamp RTP timestamp, 48 kHz for audio and 90 kHz for video
     * @param frame borrowed for the call
     * @param offset where it starts
     * @param length its bytes
     */
    void onFrame(int track, int timestamp, DirectBuffer frame, int offset, int length);
}
