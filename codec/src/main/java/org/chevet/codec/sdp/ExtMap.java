package org.chevet.codec.sdp;

import org.jspecify.annotations.Nullable;

/**
 * {@code a=extmap} (RFC 8285 section 5).
 *
 * @param id 1 to 255, or 4096 to 4351 where the answerer is to choose
 * @param direction direction written behind the id, null when none is: the section's
 * @param uri name of the extension
 * @param attributes text behind the URI, "" when none
 */
public record ExtMap(int id, @Nullable Direction direction, String uri, String attributes) implements SdpAttribute {
    @Override
    public String key() {
        return "extmap";
    }

    @Override
    public String value() {
        return id + (direction == null ? "" : "/" + direction.key()) + " " + uri
            + (attributes.isEmpty() ? "" : " " + attributes);
    }
}
