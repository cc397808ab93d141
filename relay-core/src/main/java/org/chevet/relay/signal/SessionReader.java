package org.chevet.relay.signal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.lane.SessionRequest;
import org.chevet.relay.route.VideoWish;
import org.chevet.relay.signal.SessionCall.MediaAction;

/** Reads the messages of session clients ({@code session.schema.json}). Stateless. */
final class SessionReader {
    /** Of a type or token that is repeated or kept. */
    private static final int MAX_TYPE = 64;
    private static final int MAX_TOKEN = 128;
    private static final long MAX_ID = (1L << 53) - 1;
    private static final double MAX_MS = 60_000;
    private static final int MAX_PIXELS = 65_535;
    private static final double ALL_PERCENT = 100;
    /** Participants a new epoch is wrapped for. */
    private static final int MAX_WRAPPED = 256;
    /** base64url of an uncompressed P-256 point, of the proof, of the nonce and of a sealed secret. */
    private static final int KEY_CHARACTERS = 87;
    private static final int MAC_CHARACTERS = 43;
    private static final int NONCE_CHARACTERS = 22;
    private static final int SEALED_CHARACTERS = 107;
    private static final Pattern BASE64_URL = Pattern.compile("[A-Za-z0-9_-]*");

    private SessionReader() {
    }

    /**
     * Reads one message.
     *
     * @throws ProblemException when it is no message at all: the connection cannot go on
     */
    static SessionCall read(final byte[] text) throws ProblemException {
        final Json message = Json.message(text);
        final String type = typeOf(message);
        long id = SessionRequest.NO_ID;
        try {
            id = idOf(message);
            return call(message, type, id);
        } catch (ProblemException problem) {
            return new SessionCall.Refused(id, type.substring(0, Math.min(MAX_TYPE, type.length())), problem);
        }
    }

    private static SessionCall call(final Json message, final String type, final long id) throws ProblemException {
        for (final MediaAction action : MediaAction.values()) {
            if (action.type().equals(type)) {
                if (id == SessionRequest.NO_ID) {
                    throw new ProblemException(ProblemType.INVALID_FIELD, "id is missing: a " + type + " is answered");
                }
                return new SessionCall.Media(id, action, message);
            }
        }
        return new SessionCall.ToLane(switch (type) {
            case "ping" -> new SessionRequest.Ping(id, whole(message, "t", Long.MAX_VALUE));
            case "clock" -> new SessionRequest.Clock(id, whole(message, "t", MAX_ID));
            case "resume" -> new SessionRequest.Resume(id, bounded(message, "token", MAX_TOKEN));
            case "mute" -> new SessionRequest.Mute(id, (int) whole(message, "publication", Integer.MAX_VALUE),
                message.requiredFlag("muted"));
            case "ready" -> new SessionRequest.Ready(id, message.requiredFlag("ready"));
            case "quality" -> new SessionRequest.Quality(id, measures(message.object("up")),
                measures(message.object("down")));
            case "layers" -> layers(message, id);
            case "examMode" -> new SessionRequest.Exam(id, mode(message));
            case "endToEnd" -> new SessionRequest.Announce(id, base64(message, "key", KEY_CHARACTERS),
                base64(message, "mac", MAC_CHARACTERS));
            case "epoch" -> new SessionRequest.Epoch(id, epoch(message), wrappedForEach(message));
            case "epochFor" -> new SessionRequest.EpochFor(id, epoch(message), wrapped(message));
            case "evict" -> new SessionRequest.Evict(id, ApiEndpoint.checkedId("participant",
                message.required("participant")));
            default -> throw new ProblemException(ProblemType.UNKNOWN_TYPE,
                "this relay does not know messages of this type");
        });
    }

    private static SessionRequest.Layers layers(final Json message, final long id) throws ProblemException {
        final boolean named = message.integer("publication").isPresent();
        final Optional<String> profile = message.text("profile");
        final TrackProfile kept = profile.isEmpty() ? null : TrackProfile.ofLabel(profile.get()).orElseThrow(() ->
            new ProblemException(ProblemType.INVALID_FIELD, "a profile is detail or motion"));
        return new SessionRequest.Layers(id, named ? "" : bounded(message, "resource", MAX_TOKEN),
            named ? "" : bounded(message, "mid", MAX_TOKEN),
            named ? (int) whole(message, "publication", Integer.MAX_VALUE) : -1, bound(message, "maxWidth"),
            bound(message, "maxHeight"), bound(message, "maxFps"), message.flag("paused"), kept);
    }

    private static int epoch(final Json message) throws ProblemException {
        final int epoch = (int) whole(message, "epoch", Integer.MAX_VALUE);
        if (epoch == 0) {
            throw new ProblemException(ProblemType.INVALID_FIELD, "epoch 0 is the link's, and never sent");
        }
        return epoch;
    }

    private static List<SessionRequest.Wrapped> wrappedForEach(final Json message) throws ProblemException {
        final List<SessionRequest.Wrapped> all = new ArrayList<>();
        final Set<String> named = new HashSet<>();
        for (final Json one : message.objects("wrapped", MAX_WRAPPED)) {
            final SessionRequest.Wrapped read = wrapped(one);
            if (!named.add(read.participant())) {
                throw new ProblemException(ProblemType.INVALID_FIELD, "wrapped names a participant twice");
            }
            all.add(read);
        }
        return all;
    }

    private static SessionRequest.Wrapped wrapped(final Json message) throws ProblemException {
        return new SessionRequest.Wrapped(ApiEndpoint.checkedId("participant", message.required("participant")),
            base64(message, "nonce", NONCE_CHARACTERS), base64(message, "sealed", SEALED_CHARACTERS));
    }

    /** Text that the relay carries without reading it. */
    private static String base64(final Json message, final String name, final int characters)
        throws ProblemException {
        final String value = message.required(name);
        if (value.length() != characters || !BASE64_URL.matcher(value).matches()) {
            throw new ProblemException(ProblemType.INVALID_FIELD,
                name + " is not base64url of " + characters + " characters");
        }
        return value;
    }

    private static int bound(final Json message, final String name) throws ProblemException {
        final OptionalLong bound = message.integer(name);
        if (bound.isPresent() && (bound.getAsLong() < 1 || bound.getAsLong() > MAX_PIXELS)) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not from 1 to " + MAX_PIXELS);
        }
        return bound.isPresent() ? (int) bound.getAsLong() : VideoWish.NO_LIMIT;
    }

    private static SessionRequest.Mode mode(final Json message) throws ProblemException {
        final String name = message.required("mode");
        for (final SessionRequest.Mode mode : SessionRequest.Mode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
                return mode;
            }
        }
        throw new ProblemException(ProblemType.INVALID_FIELD, "mode is normal, auscultation, scope or gesture");
    }

    private static SessionRequest.Measures measures(final Optional<Json> given) throws ProblemException {
        if (given.isEmpty()) {
            return null;
        }
        final Json one = given.get();
        return new SessionRequest.Measures(one.number("lossPercent", ALL_PERCENT), one.number("jitterMs", MAX_MS),
            one.number("rttMs", MAX_MS), one.number("frozenPercent", ALL_PERCENT));
    }

    private static String typeOf(final Json message) throws ProblemException {
        try {
            return message.required("type");
        } catch (ProblemException e) {
            throw new ProblemException(ProblemType.MALFORMED_REQUEST, "the message has no type");
        }
    }

    private static long idOf(final Json message) throws ProblemException {
        final OptionalLong id = message.integer("id");
        if (id.isPresent() && (id.getAsLong() < 0 || id.getAsLong() > MAX_ID)) {
            throw new ProblemException(ProblemType.INVALID_FIELD, "id is not from 0 to 2^53 - 1");
        }
        return id.orElse(SessionRequest.NO_ID);
    }

    private static long whole(final Json message, final String name, final long highest) throws ProblemException {
        final long value = message.integer(name).orElseThrow(() ->
            new ProblemException(ProblemType.INVALID_FIELD, name + " is missing"));
        if (value < 0 || value > highest) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is out of range");
        }
        return value;
    }

    private static String bounded(final Json message, final String name, final int most) throws ProblemException {
        final String value = message.required(name);
        if (value.length() > most) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is too long");
        }
        return value;
    }
}
