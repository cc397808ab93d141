package org.chevet.relay.vitals;

import java.util.Set;
import org.chevet.codec.vitals.sbe.Kind;

/**
 * What a connection may publish and receive, per kind of stream. The lane makes it from the token's grants.
 * Immutable; safe on any thread.
 *
 * @param publish kinds that may be published
 * @param subscribe kinds that may be seen in the directory and received
 */
public record VitalsRights(Set<Kind> publish, Set<Kind> subscribe) {
    /** Copies the sets. */
    public VitalsRights {
        publish = Set.copyOf(publish);
        subscribe = Set.copyOf(subscribe);
    }

    /** True when streams of the kind may be published. */
    public boolean mayPublish(final Kind kind) {
        return publish.contains(kind);
    }

    /** True when streams of the kind may be received. */
    public boolean maySubscribe(final Kind kind) {
        return subscribe.contains(kind);
    }
}
