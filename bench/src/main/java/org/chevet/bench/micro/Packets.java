package org.chevet.bench.micro;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes that the codec benchmarks read: shaped like what a browser sends (three header extensions, a payload of
 * 1200 bytes; a STUN check with USE-CANDIDATE; a viewer's RTCP). Off the heap, as on the lane.
 */
final class Packets {
    /** Password of {@link #stunCheck()}. */
    static final String STUN_PASSWORD = "BowCghcdDcCbuNom4U7b62Vu";

    private static final int PAYLOAD = 1200;

    private Packets() {
    }

    /** A VP8 packet in the clear: abs-send-time, transport sequence, mid, then 1200 bytes that start a key frame. */
    static UnsafeBuffer rtp() {
        final byte[] head = hex("90e0508f1b6464b1ca6f8ff0bede000322b80681310001403000000090f0d77300a10000");
        final UnsafeBuffer packet = offHeap(head.length + PAYLOAD);
        packet.putBytes(0, head);
        return packet;
    }

    /** The same with a two-byte extension header and a dependency descriptor of 20 bytes. */
    static UnsafeBuffer rtpTwoByte() {
        final byte[] head = hex("90e0508f1b6464b1ca6f8ff0100000090203b8068103020014040130"
            + "0c14c0000555fd301010" + "00".repeat(13) + "90f0d77300a10000");
        final UnsafeBuffer packet = offHeap(head.length + PAYLOAD);
        packet.putBytes(0, head);
        return packet;
    }

    /** Chromium's check with USE-CANDIDATE (from the captures of real clients). */
    static UnsafeBuffer stunCheck() {
        return offHeap(hex("000100502112a44263754744623379384744644a000600096e724f453a684f776b000000c0570004000100"
            + "00802a000813fe7e4a9315ce4e00250000002400046e7e1eff00080014e74cf99589135aca80a88233b87cd2a3dbe40d1c"
            + "80280004ed25fba7"));
    }

    /** A viewer's receiver report, NACK and picture loss indication in one datagram. */
    static UnsafeBuffer viewerCompound() {
        return offHeap(hex("81c900070000000122222222000000000000574300000000000000000000000081cd0004000000012222"
            + "2222000a00050100800181ce00020000000122222222"));
    }

    private static UnsafeBuffer offHeap(final byte[] bytes) {
        final UnsafeBuffer buffer = offHeap(bytes.length);
        buffer.putBytes(0, bytes);
        return buffer;
    }

    private static UnsafeBuffer offHeap(final int length) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }

    private static byte[] hex(final String text) {
        return HexFormat.of().parseHex(text);
    }
}
