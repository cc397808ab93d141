package org.chevet.relay.lane;

import org.agrona.DirectBuffer;
import org.chevet.codec.stun.StunAttribute;
import org.chevet.codec.stun.StunMessage;
import org.jspecify.annotations.Nullable;

/** Finds which session a STUN request is for: the part of USERNAME before the colon (RFC 8445 section 7.2.2). */
final class StunUsers {
    /** ice-ufrag has at most 256 characters (RFC 8839 section 5.4); those the relay makes have far fewer. */
    private static final int MAX_UFRAG = 256;

    private final StunMessage message = new StunMessage();

    /** The relay's user fragment in the request, or null when the bytes are no STUN message with such a name. */
    @Nullable String localUfrag(final DirectBuffer in, final int offset, final int length) {
        if (!message.wrap(in, offset, length)) {
            return null;
        }
        final int value = message.find(StunAttribute.USERNAME);
        if (value == StunMessage.NOT_FOUND) {
            return "";
        }
        final int end = value + Math.min(message.attributeLength(value), MAX_UFRAG + 1);
        for (int at = value; at < end; at++) {
            if (in.getByte(at) == ':') {
                return in.getStringWithoutLengthAscii(value, at - value);
            }
        }
        return "";
    }
}
