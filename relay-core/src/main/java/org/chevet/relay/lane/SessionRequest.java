package org.chevet.relay.lane;

import java.util.List;
import org.chevet.relay.consultation.TrackProfile;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of its consultation over the session WebSocket, read and checked by signalling. Immutable.
 *
 * <p>A request with an id is answered: {@code done}, {@code resumed} or {@code error} with the same id.
 */
public sealed interface SessionRequest {
    /** No answer is wanted. */
    long NO_ID = -1;

    /** Chosen by the client, 0 to 2^53 - 1, or {@link #NO_ID}. */
    long id();

    /** The message's {@code type}. */
    String type();

    /**
     * Asks for a pong.
     *
     * @param t comes back
     */
    record Ping(long id, long t) implements SessionRequest {
        @Override
        public String type() {
            return "ping";
        }
    }

    /**
     * Asks for the relay's time, and for that of the media the client receives.
     *
     * @param t comes back
     */
    record Clock(long id, long t) implements SessionRequest {
        @Override
        public String type() {
            return "clock";
        }
    }

    /**
     * Takes over what an earlier session WebSocket of the same participant made.
     *
     * @param token from the welcome of that WebSocket
     */
    record Resume(long id, String token) implements SessionRequest {
        @Override
        public String type() {
            return "resume";
        }
    }

    /**
     * Stops or resumes the forwarding of an own publication.
     *
     * @param publication its id
     */
    record Mute(long id, int publication, boolean muted) implements SessionRequest {
        @Override
        public String type() {
            return "mute";
        }
    }

    /** Whether the participant's technical check has passed (REQUIREMENTS P8). */
    record Ready(long id, boolean ready) implements SessionRequest {
        @Override
        public String type() {
            return "ready";
        }
    }

    /**
     * What the client measured since its last report; a direction it does not use is null.
     *
     * @param up from the client to the relay
     * @param down from the relay to the client
     */
    record Quality(long id, @Nullable Measures up, @Nullable Measures down) implements SessionRequest {
        @Override
        public String type() {
            return "quality";
        }
    }

    /**
     * What the client wants of a video it receives.
     *
     * @param resource of the receiving connection, with {@code mid}; "" when a publication is named
     * @param mid section of that connection
     * @param publication the video, in whichever section carries it; -1 when a section is named
     * @param maxWidth widest picture in pixels, 1 or more
     * @param maxHeight highest picture
     * @param maxFps most pictures a second
     * @param paused send nothing for now
     * @param profile what to give up last; null to leave it to the publisher and the exam mode
     */
    record Layers(long id, String resource, String mid, int publication, int maxWidth, int maxHeight, int maxFps,
        boolean paused, @Nullable TrackProfile profile) implements SessionRequest {
        @Override
        public String type() {
            return "layers";
        }
    }

    /**
     * What the consultation is doing from now on; practitioners and companions may say it.
     *
     * @param mode what gets bandwidth first
     */
    record Exam(long id, Mode mode) implements SessionRequest {
        @Override
        public String type() {
            return "examMode";
        }
    }

    /**
     * Announces the point with which this participant agrees on new keys (end-to-end encryption).
     *
     * @param key uncompressed P-256 point, base64url; opaque to the relay
     * @param mac its proof for the others, base64url; opaque to the relay
     */
    record Announce(long id, String key, String mac) implements SessionRequest {
        @Override
        public String type() {
            return "endToEnd";
        }
    }

    /**
     * A new epoch of keys, wrapped for each participant; practitioners and companions make them.
     *
     * @param epoch its number, one more than the newest
     * @param wrapped for whom; each participant once
     */
    record Epoch(long id, int epoch, List<Wrapped> wrapped) implements SessionRequest {
        /** Copies the list. */
        public Epoch {
            wrapped = List.copyOf(wrapped);
        }

        @Override
        public String type() {
            return "epoch";
        }
    }

    /**
     * The newest epoch, wrapped for one who came after it was made.
     *
     * @param epoch its number
     */
    record EpochFor(long id, int epoch, Wrapped wrapped) implements SessionRequest {
        @Override
        public String type() {
            return "epochFor";
        }
    }

    /** Puts another participant out; practitioners and companions may. */
    record Evict(long id, String participant) implements SessionRequest {
        @Override
        public String type() {
            return "evict";
        }
    }

    /**
     * Secret bytes that only one participant can unwrap.
     *
     * @param participant who
     * @param nonce base64url; opaque to the relay
     * @param sealed base64url; opaque to the relay
     */
    record Wrapped(String participant, String nonce, String sealed) {
    }

    /** Exam modes, as messages name them: in lower case. */
    enum Mode {
        NORMAL, AUSCULTATION, SCOPE, GESTURE
    }

    /**
     * Figures of one direction over one interval.
     *
     * @param lossPercent packets lost, 0 to 100
     * @param jitterMs interarrival jitter (RFC 3550 section 6.4.1) in milliseconds
     * @param rttMs round trip in milliseconds
     * @param frozenPercent part of the interval in which the picture stood still or the sound was made up, 0 to 100
     */
    record Measures(double lossPercent, double jitterMs, double rttMs, double frozenPercent) {
    }
}
