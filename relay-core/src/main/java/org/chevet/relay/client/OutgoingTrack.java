package org.chevet.relay.client;

/**
 * A track to publish.
 *
 * @param kind audio is Opus at 48 kHz, video is VP8
 * @param label what people call it ("camera", "stethoscope"), "" for none
 * @param deviceAudio true for the sound of a medical device: then all audio tracks of the publisher are of devices
 */
public record OutgoingTrack(TrackKind kind, String label, boolean deviceAudio) {
    /** A microphone. */
    public static OutgoingTrack audio(final String label) {
        return new OutgoingTrack(TrackKind.AUDIO, label, false);
    }

    /** A camera. */
    public static OutgoingTrack video(final String label) {
        return new OutgoingTrack(TrackKind.VIDEO, label, false);
    }
}
