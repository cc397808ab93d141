package org.chevet.codec.sdp;

import java.util.List;

/**
 * {@code a=group} (RFC 5888 section 5), such as BUNDLE (RFC 9143).
 *
 * @param semantics what the members share
 * @param mids identification tags of the members, in order
 */
public record Group(String semantics, List<String> mids) implements SdpAttribute {
    /** Copies the list. */
    public Group {
        mids = List.copyOf(mids);
    }

    @Override
    public String key() {
        return "group";
    }

    @Override
    public String value() {
        return mids.isEmpty() ? semantics : semantics + " " + String.join(" ", mids);
    }
}
