package org.chevet.relay.bwe;

/** What a video gives up first when it does not get the bandwidth it wants (REQUIREMENTS A5). */
public enum VideoProfile {
    /** Half of the frame rate, then resolution. */
    BALANCED,
    /** Sharpness first: frame rate is given up down to the lowest, then resolution. */
    DETAIL,
    /** Frame rate first: resolution is given up down to the lowest, then frame rate. */
    MOTION
}
