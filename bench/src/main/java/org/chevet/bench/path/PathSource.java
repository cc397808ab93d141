package org.chevet.bench.path;

import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.srtp.SrtpSender;

/** A VP8 stream of equal packets, sealed: the first one starts a key frame, eight are a frame. One thread. */
final class PathSource {
    /** Bytes of payload: what a browser puts into a full packet. */
    static final int PAYLOAD_LENGTH = 1200;
    static final int PACKETS_PER_FRAME = 8;
    private static final int FRAME_TICKS = 3000;
    private static final byte START_OF_FRAME = 0x10;
    private static final byte NO_KEY_FRAME = 1;

    private final PathClient client;
    private final SrtpSender sender;
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private long sent;

    PathSource(final PathClient client, final SrtpProfile profile, final AeadEngineProvider engines) {
        this.client = client;
        try (SrtpKeys keys = AgreedKeys.keysOf(client.seed(), profile)) {
            sender = keys.clientSender(engines);
        }
    }

    /** Writes the next packet to the client's buffer; returns its length. */
    int next() {
        final UnsafeBuffer buffer = client.buffer();
        final int inFrame = (int) (sent % PACKETS_PER_FRAME);
        writer.begin(false).ssrc(PathLane.PUBLISHER_SSRC).payloadType(PathLane.PAYLOAD_TYPE)
            .sequence((int) sent & 0xFFFF).timestamp((int) (sent / PACKETS_PER_FRAME) * FRAME_TICKS)
            .marker(inFrame == PACKETS_PER_FRAME - 1)
            .extension16(PathLane.TRANSPORT_CC_ID, (int) sent & 0xFFFF);
        final int header = writer.write(buffer, 0, PathClient.CAPACITY);
        buffer.putByte(header, inFrame == 0 ? START_OF_FRAME : 0);
        buffer.putByte(header + 1, sent == 0 ? 0 : NO_KEY_FRAME);
        sent++;
        final int length = sender.protectRtp(buffer, 0, header, buffer, header, PAYLOAD_LENGTH);
        if (length < 0) {
            throw new IllegalStateException("a packet could not be sealed: " + length);
        }
        return length;
    }
}
