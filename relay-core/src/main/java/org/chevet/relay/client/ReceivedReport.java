package org.chevet.relay.client;

/**
 * Counters of a played track; a snapshot.
 *
 * @param mid its media section
 * @param kind audio or video
 * @param codec name of the codec of the latest packet, "" before the first
 * @param stream media stream id the relay gave: the participant; "-" or "" while nothing is bound
 * @param track track id the relay gave: the label
 * @param packets media packets received, repaired ones included, duplicates and padding not
 * @param bytes their payload bytes
 * @param frames audio: packets; video: frames whose last packet came
 * @param keyFrames video: key frames whose first packet came
 * @param lost packets missing now between the first and the newest; repaired ones are not missing
 * @param repaired packets that came as retransmission
 * @param duplicates packets received twice
 */
public record ReceivedReport(String mid, TrackKind kind, String codec, String stream, String track, long packets,
    long bytes, long frames, long keyFrames, long lost, long repaired, long duplicates) {
}
