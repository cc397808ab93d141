package org.chevet.relay.consultation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a participant may publish and subscribe to, per class of track (REQUIREMENTS P4).
 *
 * <p>In a token the claim {@code grants} is a list of {@code publish:<class>} and {@code subscribe:<class>};
 * {@code *} stands for
 * every class. Immutable.
 *
 * @param publish classes that may be published
 * @param subscribe classes that may be received
 */
public record Grants(Set<TrackClass> publish, Set<TrackClass> subscribe) {
    private static final String PUBLISH = "publish:";
    private static final String SUBSCRIBE = "subscribe:";

    /** Copies the sets. */
    public Grants {
        publish = Set.copyOf(publish);
        subscribe = Set.copyOf(subscribe);
    }

    /** What a role may do when its token names no grants. */
    public static Grants defaultsOf(final Role role) {
        final EnumSet<TrackClass> all = EnumSet.allOf(TrackClass.class);
        final EnumSet<TrackClass> conversation = EnumSet.of(TrackClass.AUDIO, TrackClass.VIDEO);
        return switch (role) {
            case PATIENT -> new Grants(conversation, conversation);
            case COMPANION -> new Grants(all, all);
            case PRACTITIONER -> new Grants(
                EnumSet.of(TrackClass.AUDIO, TrackClass.VIDEO, TrackClass.EVENT, TrackClass.OBJECT), all);
            case GUEST -> new Grants(conversation, conversation);
            case DEVICE -> new Grants(all, EnumSet.of(TrackClass.EVENT));
        };
    }

    /**
     * Reads the claim.
     *
     * @throws IllegalArgumentException naming the entry that is not of the form and what is accepted
     */
    public static Grants parse(final List<String> entries) {
        final EnumSet<TrackClass> publish = EnumSet.noneOf(TrackClass.class);
        final EnumSet<TrackClass> subscribe = EnumSet.noneOf(TrackClass.class);
        for (final String entry : entries) {
            if (entry.startsWith(PUBLISH)) {
                add(publish, entry, entry.substring(PUBLISH.length()));
            } else if (entry.startsWith(SUBSCRIBE)) {
                add(subscribe, entry, entry.substring(SUBSCRIBE.length()));
            } else {
                throw refusal(entry);
            }
        }
        return new Grants(publish, subscribe);
    }

    /** The claim: sorted entries, one per class and direction. */
    public List<String> toClaim() {
        final List<String> entries = new ArrayList<>();
        for (final TrackClass trackClass : TrackClass.values()) {
            if (publish.contains(trackClass)) {
                entries.add(PUBLISH + trackClass.grantName());
            }
        }
        for (final TrackClass trackClass : TrackClass.values()) {
            if (subscribe.contains(trackClass)) {
                entries.add(SUBSCRIBE + trackClass.grantName());
            }
        }
        return List.copyOf(entries);
    }

    /** True when tracks of the class may be published. */
    public boolean mayPublish(final TrackClass trackClass) {
        return publish.contains(trackClass);
    }

    /** True when tracks of the class may be received. */
    public boolean maySubscribe(final TrackClass trackClass) {
        return subscribe.contains(trackClass);
    }

    private static void add(final Set<TrackClass> set, final String entry, final String name) {
        if (name.equals("*")) {
            set.addAll(EnumSet.allOf(TrackClass.class));
        } else {
            set.add(TrackClass.ofGrantName(name).orElseThrow(() -> refusal(entry)));
        }
    }

    private static IllegalArgumentException refusal(final String entry) {
        final List<String> names = new ArrayList<>();
        for (final TrackClass trackClass : TrackClass.values()) {
            names.add(trackClass.grantName());
        }
        return new IllegalArgumentException("grant '" + entry + "' is not publish:<class> or subscribe:<class> "
            + "with class one of " + String.join(", ", names) + " or *");
    }
}
