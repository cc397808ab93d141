package org.chevet.relay.consultation;

import java.util.Set;

/**
 * Who a token says its bearer is, after its signature and times were checked.
 *
 * @param participant claim {@code sub}: opaque id, unique in the consultation
 * @param consultation claim {@code consultation}: the one consultation the token opens
 * @param role claim {@code role}
 * @param name claim {@code name}: what others see; may be empty
 * @param grants claim {@code grants}, or the defaults of the role
 * @param expiresAtMs claim {@code exp} in milliseconds since 1970
 */
public record Claims(String participant, String consultation, Role role, String name, Grants grants, long expiresAtMs) {

    /**
     * True when data channels are of any use to the participant: it is a person, who may chat, or may publish or
     * receive device streams.
     */
    public boolean mayUseDataChannels() {
        return role != Role.DEVICE || hasDeviceClass(grants.publish()) || hasDeviceClass(grants.subscribe());
    }

    private static boolean hasDeviceClass(final Set<TrackClass> classes) {
        return classes.stream().anyMatch(each -> each != TrackClass.AUDIO && each != TrackClass.VIDEO);
    }
}
