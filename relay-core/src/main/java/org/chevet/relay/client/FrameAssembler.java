package org.chevet.relay.client;

import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.payload.Vp8Descriptor;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.wire.SequenceUnwrapper;

/**
 * Puts the packets of a player together to frames: Opus packet by packet, VP8 without its payload descriptors (RFC
 * 7741 section 4.2). A frame that lacks a packet for longer than {@link #WINDOW} packets is left out.
 *
 * <p>Bounded: {@link #WINDOW} packets of each video track are kept. For a {@link WhepPlayer} as its listener; one
 * thread.
 */
public final class FrameAssembler implements PacketListener {
    /** Packets of a track that are kept for frames not yet whole; a longer frame is never whole. */
    public static final int WINDOW = 1024;

    private final FrameListener listener;
    private final int audio;
    private final Track[] tracks;
    private final Vp8Descriptor descriptor = new Vp8Descriptor();
    private final ExpandableArrayBuffer frame = new ExpandableArrayBuffer();

    /** One video track: a ring of packets by sequence number. */
    private static final class Track {
        final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        final long[] numbers = new long[WINDOW];
        final int[] timestamps = new int[WINDOW];
        final boolean[] starts = new boolean[WINDOW];
        final boolean[] ends = new boolean[WINDOW];
        final UnsafeBuffer[] payloads = new UnsafeBuffer[WINDOW];
        final int[] lengths = new int[WINDOW];
    }

    /**
     * Takes the sections as the player offered them.
     *
     * @param audio sections of sound, the first ones
     * @param video sections of picture, the ones after them
     */
    public FrameAssembler(final int audio, final int video, final FrameListener listener) {
        this.listener = listener;
        this.audio = audio;
        tracks = new Track[video];
        for (int i = 0; i < video; i++) {
            tracks[i] = new Track();
        }
    }

    @Override
    public void onPacket(final int track, final RtpHeader packet, final int payloadOffset, final int payloadLength,
        final int sequence) {
        if (track < audio) {
            listener.onFrame(track, packet.timestamp(), packet.buffer(), payloadOffset, payloadLength);
        } else if (descriptor.wrap(packet.buffer(), payloadOffset, payloadLength)) {
            final Track of = tracks[track - audio];
            final long number = keep(of, packet, payloadOffset, payloadLength, sequence);
            if (number >= 0) {
                complete(track, of, number);
            }
        }
    }

    /** Keeps a packet under its number plus one, so that 0 means nothing; -1 when the ring has gone beyond it. */
    private long keep(final Track track, final RtpHeader packet, final int offset, final int length,
        final int sequence) {
        final long number = track.unwrapper.unwrap(sequence) + 1;
        final int slot = (int) (number % WINDOW);
        if (number <= track.numbers[slot]) {
            return -1;
        }
        final int bytes = length - descriptor.length();
        if (track.payloads[slot] == null || track.payloads[slot].capacity() < bytes) {
            track.payloads[slot] = new UnsafeBuffer(new byte[Math.max(bytes, Vp8Packetizer.MAX_PAYLOAD)]);
        }
        track.payloads[slot].putBytes(0, packet.buffer(), offset + descriptor.length(), bytes);
        track.numbers[slot] = number;
        track.timestamps[slot] = packet.timestamp();
        track.starts[slot] = descriptor.isStartOfFrame();
        track.ends[slot] = packet.marker();
        track.lengths[slot] = bytes;
        return number;
    }

    /** Tells the frame of a packet that has just come, when nothing of it is missing. */
    private void complete(final int index, final Track track, final long number) {
        final int timestamp = track.timestamps[(int) (number % WINDOW)];
        long first = number;
        while (!track.starts[(int) (first % WINDOW)]) {
            first--;
            if (number - first >= WINDOW || !holds(track, first, timestamp)) {
                return;
            }
        }
        long last = number;
        while (!track.ends[(int) (last % WINDOW)]) {
            last++;
            if (last - first >= WINDOW || !holds(track, last, timestamp)) {
                return;
            }
        }
        int length = 0;
        for (long at = first; at <= last; at++) {
            final int slot = (int) (at % WINDOW);
            frame.putBytes(length, track.payloads[slot], 0, track.lengths[slot]);
            length += track.lengths[slot];
        }
        listener.onFrame(index, timestamp, frame, 0, length);
    }

    private static boolean holds(final Track track, final long number, final int timestamp) {
        final int slot = (int) Math.floorMod(number, (long) WINDOW);
        return track.numbers[slot] == number && track.timestamps[slot] == timestamp;
    }
}
