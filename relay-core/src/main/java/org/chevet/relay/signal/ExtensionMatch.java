package org.chevet.relay.signal;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.ExtMap;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.relay.route.HeaderExtension;

/** Which offered header extensions (RFC 8285) are agreed, with the offer's ids. */
final class ExtensionMatch {
    private static final int MAX_ONE_BYTE = 14;
    private static final int RESERVED = 15;
    private static final int MAX_TWO_BYTE = 255;

    /** Layers are the relay's business, and send time offsets end at the relay. */
    private static final Set<HeaderExtension> NOT_SENT = EnumSet.of(HeaderExtension.RID,
        HeaderExtension.REPAIRED_RID, HeaderExtension.VIDEO_LAYERS_ALLOCATION, HeaderExtension.TRANSMISSION_OFFSET);

    /** What the relay writes itself is worth more than what it passes on. */
    private static final Set<HeaderExtension> WRITTEN = EnumSet.of(HeaderExtension.MID, HeaderExtension.TRANSPORT_CC,
        HeaderExtension.ABS_SEND_TIME);

    private ExtensionMatch() {
    }

    /**
     * Agreed extensions of a section.
     *
     * @param sends true when the relay sends in this section: then ids stay in the one-byte range
     */
    static Map<HeaderExtension, Integer> agree(final SessionDescription offer, final MediaSection section,
        final boolean sends) {
        // Firefox refuses a description that names id 15 or more.
        final boolean firefox = offer.origin().username().startsWith("mozilla");
        final boolean twoByte = !sends && !firefox && offer.extmapAllowMixed(section);
        final int maxId = twoByte ? MAX_TWO_BYTE : MAX_ONE_BYTE;
        final Map<HeaderExtension, Integer> agreed = new EnumMap<>(HeaderExtension.class);
        final Set<Integer> ids = new HashSet<>();
        for (final ExtMap line : section.all(ExtMap.class)) {
            final Optional<HeaderExtension> known = HeaderExtension.ofUri(line.uri());
            if (known.isPresent() && line.id() <= maxId && line.id() != RESERVED && flows(line, sends)
                && !(sends && (NOT_SENT.contains(known.get()) || meansMore(offer, line.id(), known.get())))
                && ids.add(line.id())) {
                agreed.putIfAbsent(known.get(), line.id());
            }
        }
        return agreed;
    }

    /** The answer's line of an agreed extension: its direction is the offer's seen from this side (section 6). */
    static ExtMap line(final MediaSection section, final HeaderExtension extension, final int id) {
        final Optional<Direction> direction = section.all(ExtMap.class).stream()
            .filter(line -> line.id() == id && line.uri().equals(extension.uri()))
            .flatMap(line -> Optional.ofNullable(line.direction()).stream()).findFirst();
        return new ExtMap(id, direction.map(Direction::reversed).orElse(null), extension.uri(), "");
    }

    /**
     * True when another section gives the id to another extension that is worth as much or more. Ids must agree in a
     * BUNDLE (RFC 8843 section 9.2), but aiortc numbers each section from one and then reads every packet by one map.
     */
    private static boolean meansMore(final SessionDescription offer, final int id, final HeaderExtension extension) {
        for (final MediaSection section : offer.sections()) {
            for (final ExtMap line : section.all(ExtMap.class)) {
                final HeaderExtension rival =
                    line.id() == id ? HeaderExtension.ofUri(line.uri()).orElse(extension) : extension;
                if (rival != extension && !NOT_SENT.contains(rival)
                    && (WRITTEN.contains(rival) || !WRITTEN.contains(extension))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean flows(final ExtMap line, final boolean sends) {
        final Direction direction = line.direction();
        return direction == null || (sends ? direction.receives() : direction.sends());
    }

    /** Extensions in a fixed order, so that answers can be compared. */
    static List<HeaderExtension> inOrder(final Map<HeaderExtension, Integer> agreed) {
        return Arrays.stream(HeaderExtension.values()).filter(agreed::containsKey).toList();
    }
}
