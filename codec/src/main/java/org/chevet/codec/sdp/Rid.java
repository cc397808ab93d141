package org.chevet.codec.sdp;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code a=rid} (RFC 8851 section 4).
 *
 * @param id name of the encoding
 * @param send true for {@code send}, false for {@code recv}
 * @param restrictions text behind the direction ({@code pt=96;max-width=640}), "" when none
 */
public record Rid(String id, boolean send, String restrictions) implements SdpAttribute {
    /** Payload types the encoding is restricted to; empty for no restriction. */
    public List<Integer> payloadTypes() {
        final List<Integer> types = new ArrayList<>();
        for (final String part : Fmtp.parameter(restrictions, "pt").split(",", -1)) {
            final int type = SdpText.number(part.strip(), 127);
            if (type >= 0) {
                types.add(type);
            }
        }
        return List.copyOf(types);
    }

    @Override
    public String key() {
        return "rid";
    }

    @Override
    public String value() {
        return id + (send ? " send" : " recv") + (restrictions.isEmpty() ? "" : " " + restrictions);
    }
}
