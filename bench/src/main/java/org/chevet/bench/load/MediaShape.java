package org.chevet.bench.load;

/**
 * What a publisher sends.
 *
 * @param audioPps packets of audio a second, 0 for none
 * @param audioBytes bytes of an audio packet's payload, at least 40; it varies by a quarter around it
 * @param videoBps bits of video a second, 0 for none
 * @param videoFps frames a second
 * @param keyFrameMs a key frame every so many milliseconds, besides those that are asked for
 * @param layers simulcast layers, 1 to 3: each has a quarter of the next one's rate
 */
record MediaShape(int audioPps, int audioBytes, long videoBps, int videoFps, int keyFrameMs, int layers) {
    /** Longest RTP payload: with header and tag it stays below 1200 bytes. */
    static final int MAX_PAYLOAD = 1100;
    private static final int LEAST_AUDIO = 40;

    MediaShape {
        if (audioPps < 0 || audioPps > 10_000 || audioBytes < LEAST_AUDIO || audioBytes > MAX_PAYLOAD * 4 / 5) {
            throw new IllegalArgumentException("audio: 0 to 10000 packets a second of 40 to 880 bytes");
        }
        if (videoBps < 0 || videoFps < 1 || videoFps > 240 || keyFrameMs < 100 || layers < 1 || layers > 3) {
            throw new IllegalArgumentException("video: 1 to 240 frames a second, a key frame every 100 ms or"
                + " less often, 1 to 3 layers");
        }
    }

    /** A person who speaks and is seen: 50 packets of sound and about 175 of 1.5 Mb/s video a second. */
    static MediaShape call() {
        return new MediaShape(50, 120, 1_500_000, 30, 10_000, 1);
    }

    /** The same with another video rate. */
    MediaShape withVideo(final long newVideoBps) {
        return new MediaShape(audioPps, audioBytes, newVideoBps, videoFps, keyFrameMs, layers);
    }

    /** Sound only. */
    static MediaShape audio(final int pps, final int bytes) {
        return new MediaShape(pps, bytes, 0, 30, 10_000, 1);
    }

    /** Nothing at all: connected, silent. */
    static MediaShape silence() {
        return new MediaShape(0, LEAST_AUDIO, 0, 30, 10_000, 1);
    }

    /** Packets a second that a publisher sends, about: all layers. */
    double packetsPerSecond() {
        double total = audioPps;
        for (int layer = 0; layer < layers && videoBps > 0; layer++) {
            total += layerPacketsPerSecond(layer);
        }
        return total;
    }

    /** Packets a second that each subscriber should get, about: the best layer only. */
    double forwardedPerSecond() {
        return audioPps + (videoBps > 0 ? layerPacketsPerSecond(layers - 1) : 0);
    }

    /** Bits a second of a layer; the last one has the full rate. */
    long layerBps(final int layer) {
        return videoBps >> (2 * (layers - 1 - layer));
    }

    private double layerPacketsPerSecond(final int layer) {
        final double frame = layerBps(layer) / 8.0 / videoFps;
        // A frame that does not divide evenly has one packet more: half a packet on average.
        return videoFps * Math.max(1, frame / (MAX_PAYLOAD - Source.DESCRIPTOR) + 0.5);
    }
}
