package org.chevet.relay.signal;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.PublicationInfo;

/**
 * What an answer is made of besides the offer. Holds everything that is random, so that answers can be repeated.
 *
 * @param mode whether the client publishes or receives
 * @param localUfrag ICE user fragment of the answer
 * @param localPassword ICE password of the answer
 * @param addresses candidates and certificate fingerprint to advertise
 * @param ssrcs source of random SSRCs; values that are 0 or taken are skipped
 * @param sessionId numeric session id of the {@code o=} line, not negative
 * @param sessionVersion version of the {@code o=} line: counts up with each answer of the same resource
 * @param cname RTCP canonical name of what the relay sends
 * @param kinds kinds of media the token grants; sections of another kind are rejected
 * @param publications SUBSCRIBE: tracks to assign, in order; empty for PUBLISH
 * @param labels PUBLISH: labels by mid, else by the track id of {@code a=msid}, else by "audio" or "video"
 * @param dataChannels whether the token grants anything that data channels carry
 * @param encrypted the client seals or opens frames: only codecs whose packets need nothing of the sealed part
 */
public record AnswerPlan(Mode mode, String localUfrag, String localPassword, MediaAddresses addresses,
    IntSupplier ssrcs, long sessionId, long sessionVersion, String cname, Set<MediaKind> kinds,
    List<PublicationInfo> publications, Map<String, TrackLabel> labels, boolean dataChannels, boolean encrypted) {

    /** Copies the collections. */
    public AnswerPlan {
        kinds = Set.copyOf(kinds);
        publications = List.copyOf(publications);
        labels = Map.copyOf(labels);
    }

    /** Which way media goes. */
    public enum Mode {
        /** WHIP: the client sends. */
        PUBLISH,
        /** WHEP: the relay sends. */
        SUBSCRIBE
    }

    /**
     * What a published track is called, and whether it is a medical device's sound.
     *
     * @param label shown to people
     * @param deviceAudio true to demand Opus in audio mode: two channels, no DTX, a high bit rate (REQUIREMENTS)
     */
    public record TrackLabel(String label, boolean deviceAudio) {
    }

    /** The plan of a first WHIP answer with all kinds granted and no labels. */
    public static AnswerPlan publish(final String localUfrag, final String localPassword,
        final MediaAddresses addresses, final IntSupplier ssrcs, final long sessionId) {
        return new AnswerPlan(Mode.PUBLISH, localUfrag, localPassword, addresses, ssrcs, sessionId, 1, "",
            Set.of(MediaKind.values()), List.of(), Map.of(), true, false);
    }

    /** The plan of a first WHEP answer with all kinds granted. */
    public static AnswerPlan subscribe(final String localUfrag, final String localPassword,
        final MediaAddresses addresses, final IntSupplier ssrcs, final long sessionId, final String cname,
        final List<PublicationInfo> publications) {
        return new AnswerPlan(Mode.SUBSCRIBE, localUfrag, localPassword, addresses, ssrcs, sessionId, 1, cname,
            Set.of(MediaKind.values()), publications, Map.of(), true, false);
    }

    /** The same plan with labels. */
    public AnswerPlan withLabels(final Map<String, TrackLabel> newLabels) {
        return new AnswerPlan(mode, localUfrag, localPassword, addresses, ssrcs, sessionId, sessionVersion, cname,
            kinds, publications, newLabels, dataChannels, encrypted);
    }

    /** The same plan with other granted kinds. */
    public AnswerPlan withKinds(final Set<MediaKind> newKinds) {
        return new AnswerPlan(mode, localUfrag, localPassword, addresses, ssrcs, sessionId, sessionVersion, cname,
            newKinds, publications, labels, dataChannels, encrypted);
    }

    /** The same plan for a later answer of the same resource. */
    public AnswerPlan withVersion(final long newVersion) {
        return new AnswerPlan(mode, localUfrag, localPassword, addresses, ssrcs, sessionId, newVersion, cname,
            kinds, publications, labels, dataChannels, encrypted);
    }

    /** The same plan for a client that encrypts from end to end. */
    public AnswerPlan withEncrypted() {
        return new AnswerPlan(mode, localUfrag, localPassword, addresses, ssrcs, sessionId, sessionVersion, cname,
            kinds, publications, labels, dataChannels, true);
    }
}
