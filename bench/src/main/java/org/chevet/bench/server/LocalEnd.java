package org.chevet.bench.server;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a load client says of itself in SDP.
 *
 * @param ufrag ICE user fragment
 * @param password ICE password
 * @param fingerprint {@code sha-256 AB:CD:...} of its certificate
 * @param audioSsrc of its sound, 0 when it sends none
 * @param videoSsrcs of its video, one per simulcast layer, lowest first; empty when it sends none
 * @param repairs asks for what is missing, answers such requests, and tells when each packet arrived
 */
public record LocalEnd(String ufrag, String password, String fingerprint, int audioSsrc, List<Integer> videoSsrcs,
    boolean repairs) {
    /** Names of simulcast layers, lowest first; the last ones are used. */
    public static final List<String> RIDS = List.of("q", "h", "f");

    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /** Copies the list. */
    public LocalEnd {
        videoSsrcs = List.copyOf(videoSsrcs);
    }

    /** New credentials for a client that sends audio or not and video in so many layers. */
    public static LocalEnd create(final RandomGenerator random, final String fingerprint, final boolean audio,
        final int videoLayers, final boolean repairs) {
        return new LocalEnd(text(random, 8), text(random, 24), fingerprint,
            audio ? random.nextInt(1, Integer.MAX_VALUE) : 0,
            random.ints(videoLayers, 1, Integer.MAX_VALUE).boxed().toList(), repairs);
    }

    /** Name of a simulcast layer, "" when there is only one. */
    public String rid(final int layer) {
        return videoSsrcs.size() < 2 ? "" : RIDS.get(RIDS.size() - videoSsrcs.size() + layer);
    }

    private static String text(final RandomGenerator random, final int length) {
        final StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
        }
        return text.toString();
    }
}
