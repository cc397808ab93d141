package org.chevet.relay.signal;

import java.util.Locale;
import java.util.Optional;
import org.chevet.codec.sdp.Fmtp;

/** The profiles of H.264 that {@code profile-level-id} can name (RFC 6184 section 8.1, table 5). */
enum H264Profile {
    CONSTRAINED_BASELINE, BASELINE, MAIN, EXTENDED, HIGH, CONSTRAINED_HIGH, HIGH_444_PREDICTIVE;

    private static final int SET0 = 0x80;
    private static final int SET1 = 0x40;
    private static final int SET2 = 0x20;
    private static final int SET4 = 0x08;
    private static final int SET5 = 0x04;

    /** What {@code profile-level-id} is when it is not written: Baseline, level 1. */
    private static final String DEFAULT = "42000a";

    /** The profile that format parameters name, or empty when it is none of these. */
    static Optional<H264Profile> of(final String fmtp) {
        final String written = Fmtp.parameter(fmtp, "profile-level-id");
        final String id = (written.isEmpty() ? DEFAULT : written).toLowerCase(Locale.ROOT);
        if (!id.matches("[0-9a-f]{6}")) {
            return Optional.empty();
        }
        final int flags = Integer.parseInt(id.substring(2, 4), 16);
        return Optional.ofNullable(switch (id.substring(0, 2)) {
            case "42" -> (flags & SET1) != 0 ? CONSTRAINED_BASELINE : BASELINE;
            case "4d" -> (flags & SET0) != 0 ? CONSTRAINED_BASELINE : MAIN;
            case "58" -> (flags & SET0) == 0 ? EXTENDED : (flags & SET1) != 0 ? CONSTRAINED_BASELINE : BASELINE;
            case "64" -> (flags & (SET4 | SET5)) == (SET4 | SET5) && (flags & SET2) == 0 ? CONSTRAINED_HIGH : HIGH;
            case "f4" -> HIGH_444_PREDICTIVE;
            default -> null;
        });
    }

    /** Packetization mode of format parameters: 0 when not written, -1 when it is no mode. */
    static int packetizationMode(final String fmtp) {
        return switch (Fmtp.parameter(fmtp, "packetization-mode")) {
            case "", "0" -> 0;
            case "1" -> 1;
            case "2" -> 2;
            default -> -1;
        };
    }
}
