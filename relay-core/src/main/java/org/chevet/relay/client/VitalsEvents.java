package org.chevet.relay.client;

import org.chevet.codec.vitals.sbe.ErrorCode;

/** What happens to a vitals client's connection. Called on the client's thread; must not block. */
public interface VitalsEvents {
    /** Nothing of it matters. */
    VitalsEvents NONE = new VitalsEvents() {
    };

    /** The relay said welcome; {@code participant} is who the token says this client is. */
    default void onConnected(final String participant) {
    }

    /** The connection is gone; {@code retrying} says whether another will be tried. */
    default void onDisconnected(final int code, final String reason, final boolean retrying) {
    }

    /** The relay refused something. */
    default void onRefused(final ErrorCode code, final String text) {
    }

    /** The relay sent what does not parse. */
    default void onMalformed(final String why) {
    }
}
