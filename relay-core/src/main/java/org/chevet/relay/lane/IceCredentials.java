package org.chevet.relay.lane;

/**
 * One generation of ICE credentials of the relay's, as an answer advertises them.
 *
 * @param ufrag user fragment, unique on the relay
 * @param password key of the integrity of checks
 */
public record IceCredentials(String ufrag, String password) {
}
