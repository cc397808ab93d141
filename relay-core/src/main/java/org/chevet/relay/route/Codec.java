package org.chevet.relay.route;

/** The codecs that pass through; the relay reads no more of them than where a key frame starts. */
public enum Codec {
    OPUS, VP8, VP9, H264, AV1
}
