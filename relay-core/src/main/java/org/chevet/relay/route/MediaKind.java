package org.chevet.relay.route;

/** The kinds of RTP media section the relay routes. */
public enum MediaKind {
    AUDIO, VIDEO
}
