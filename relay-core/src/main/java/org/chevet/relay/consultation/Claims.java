package org.chevet.relay.consultation;

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
}
