package org.chevet.relay.client;

import java.security.SecureRandom;

/**
 * Random names of one connection.
 *
 * @param ufrag ICE user fragment, 8 characters (48 bits)
 * @param password ICE password, 24 characters (144 bits; RFC 8445 section 5.3 asks for 128)
 * @param cname RTCP canonical name, 16 characters (RFC 7022)
 */
record Credentials(String ufrag, String password, String cname) {
    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    static Credentials create(final SecureRandom random) {
        return new Credentials(text(random, 8), text(random, 24), text(random, 16));
    }

    private static String text(final SecureRandom random, final int length) {
        final StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
        }
        return text.toString();
    }
}
