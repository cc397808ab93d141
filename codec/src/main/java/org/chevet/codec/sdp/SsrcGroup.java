package org.chevet.codec.sdp;

import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code a=ssrc-group} (RFC 5576 section 4.2).
 *
 * @param semantics {@code FID} (media and its retransmissions), {@code SIM}, {@code FEC-FR}
 * @param ssrcs members, as 32 bits each
 */
public record SsrcGroup(String semantics, List<Integer> ssrcs) implements SdpAttribute {
    /** Copies the list. */
    public SsrcGroup {
        ssrcs = List.copyOf(ssrcs);
    }

    @Override
    public String key() {
        return "ssrc-group";
    }

    @Override
    public String value() {
        return semantics + ssrcs.stream().map(ssrc -> " " + Integer.toUnsignedString(ssrc))
            .collect(Collectors.joining());
    }
}
