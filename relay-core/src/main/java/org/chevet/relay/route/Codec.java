package org.chevet.relay.route;

/**
 * The codecs that pass through; the relay reads no more of them than where a key frame starts, and of RED (RFC 2198,
 * redundant Opus) where the primary block does.
 */
public enum Codec {
    OPUS, RED, VP8, VP9, H264, AV1
}
