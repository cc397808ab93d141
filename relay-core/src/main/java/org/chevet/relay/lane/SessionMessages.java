package org.chevet.relay.lane;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.chevet.relay.lane.RelayDoor.RosterEntry;
import org.chevet.relay.lane.RelayDoor.Track;
import org.chevet.relay.route.LayerDemand;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.MediaTime;
import org.chevet.relay.route.PublicationInfo;
import org.chevet.relay.route.VideoWish;
import org.jspecify.annotations.Nullable;

/**
 * The messages of {@code chevet.session.v1} that a lane sends: one JSON object each, told apart by {@code type}. All of
 * both ways are described by {@code session.schema.json}; both sides ignore members they do not know.
 */
final class SessionMessages {
    /** Version of the protocol, as the welcome says it. */
    static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long NS_PER_US = 1_000;
    private static final String SECTIONS = "sections";
    private static final String PARTICIPANT = "participant";
    private static final String PUBLICATION = "publication";

    private SessionMessages() {
    }

    /**
     * What a media section of a receiving connection carries.
     *
     * @param mid the section
     * @param publication the track, or null while the section waits for one
     */
    record Binding(String mid, @Nullable PublicationInfo publication) {
    }

    /**
     * Sections that are missing: publications nobody carries to a participant.
     *
     * @param audio audio publications
     * @param video video publications
     */
    record Need(int audio, int video) {
        static final Need NOTHING = new Need(0, 0);
    }

    /**
     * Presence of one role.
     *
     * @param role claim value
     * @param present participants of the role
     * @param ready those whose technical check has passed
     */
    record Presence(String role, int present, int ready) {
    }

    /** The first message: who you are, the token to resume with, and who is here. */
    static String welcome(final String participant, final String consultation, final String resumeToken,
        final String examMode, final String endToEnd, final int epoch, final List<RosterEntry> roster) {
        final ObjectNode message = message("welcome").put("version", VERSION).put(PARTICIPANT, participant)
            .put("consultation", consultation).put("examMode", examMode).put("e2ee", endToEnd).put("epoch", epoch);
        message.putObject("resume").put("token", resumeToken)
            .put("seconds", SessionLinks.HOLD_NS / 1_000_000_000L);
        final ArrayNode entries = message.putArray("roster");
        roster.forEach(entry -> entries.add(entry(entry)));
        return message.toString();
    }

    /**
     * {@code {"type":"roster","event":"joined"|"changed"|"left","entry":{..}}}, with {@code "reason":"evicted"} when
     * somebody was put out.
     */
    static String roster(final String event, final RosterEntry entry, final String reason) {
        final ObjectNode message = message("roster").put("event", event);
        if (!reason.isEmpty()) {
            message.put("reason", reason);
        }
        message.set("entry", entry(entry));
        return message.toString();
    }

    /** {@code {"type":"bindings","resource":..,"sections":[{"mid":..,"publication":id|null,"participant":..,..}]}}. */
    static String bindings(final String resource, final List<Binding> bindings) {
        final ObjectNode message = message("bindings").put("resource", resource);
        final ArrayNode sections = message.putArray(SECTIONS);
        for (final Binding binding : bindings) {
            final ObjectNode section = sections.addObject().put("mid", binding.mid());
            final PublicationInfo publication = binding.publication();
            if (publication == null) {
                section.putNull(PUBLICATION);
            } else {
                section.put(PUBLICATION, publication.id()).put(PARTICIPANT, publication.participant())
                    .put("kind", kind(publication)).put("label", publication.label());
                putAudio(section, publication);
            }
        }
        return message.toString();
    }

    /** The same word with which a publisher says it. */
    private static void putAudio(final ObjectNode object, final PublicationInfo publication) {
        if (publication.isDeviceAudio()) {
            object.put("audio", "device");
        }
    }

    /** {@code {"type":"need","audio":n,"video":m}}: how many more sections would be filled at once. */
    static String need(final Need need) {
        return message("need").put("audio", need.audio()).put("video", need.video()).toString();
    }

    /** {@code {"type":"presence","ready":true|false,"roles":[{"role":..,"present":n,"ready":m}]}}. */
    static String presence(final List<Presence> roles) {
        final ObjectNode message = message("presence").put("ready",
            !roles.isEmpty() && roles.stream().allMatch(role -> role.ready() == role.present()));
        final ArrayNode list = message.putArray("roles");
        roles.forEach(role -> list.addObject().put("role", role.role()).put("present", role.present())
            .put("ready", role.ready()));
        return message.toString();
    }

    /** {@code {"type":"resumed","id":..,"resources":[..]}}: the media connections this session has now. */
    static String resumed(final long id, final List<String> resources) {
        final ObjectNode message = message("resumed");
        if (id != SessionRequest.NO_ID) {
            message.put("id", id);
        }
        final ArrayNode list = message.putArray("resources");
        resources.forEach(list::add);
        return message.toString();
    }

    /** {@code {"type":"speakers","active":id|null,"levels":[{"publication":..,"participant":..,"dbov":-30}]}}. */
    static String speakers(final @Nullable Integer active, final List<Speakers.Level> levels) {
        final ObjectNode message = message("speakers").put("active", active);
        final ArrayNode list = message.putArray("levels");
        levels.forEach(level -> list.addObject().put(PUBLICATION, level.publication())
            .put(PARTICIPANT, level.participant()).put("dbov", level.dbov()));
        return message.toString();
    }

    /** {@code {"type":"qualityScore","scores":[{"participant":..,"up":0..100|null,"down":0..100|null}]}}. */
    static String qualityScore(final List<QualityScores.Score> scores) {
        final ObjectNode message = message("qualityScore");
        final ArrayNode list = message.putArray("scores");
        scores.forEach(score -> list.addObject().put(PARTICIPANT, score.participant()).put("up", score.up())
            .put("down", score.down()));
        return message.toString();
    }

    /** {@code {"type":"examMode","mode":..,"participant":..}}: who switched to what. */
    static String examMode(final String mode, final String participant) {
        return message("examMode").put("mode", mode).put(PARTICIPANT, participant).toString();
    }

    /** {@code {"type":"layersWanted",..}}: what anybody wants of a video; bounds are left out where there are none. */
    static String layersWanted(final String resource, final LayerDemand demand) {
        final ObjectNode message = message("layersWanted").put("resource", resource).put("mid", demand.mid())
            .put(PUBLICATION, demand.publication());
        final ArrayNode rids = message.putArray("rids");
        demand.rids().forEach(rids::add);
        putBound(message, "maxWidth", demand.maxWidth());
        putBound(message, "maxHeight", demand.maxHeight());
        putBound(message, "maxFps", demand.maxFps());
        return message.toString();
    }

    /** {@code {"type":"epoch","epoch":..,"from":..,"nonce":..,"sealed":..,"key":..}}: new keys for the receiver. */
    static String epoch(final Epochs.Carried carried) {
        return message("epoch").put("epoch", carried.epoch()).put("from", carried.from())
            .put("nonce", carried.nonce()).put("sealed", carried.sealed()).put("key", carried.key()).toString();
    }

    private static void putBound(final ObjectNode message, final String name, final int bound) {
        if (bound != VideoWish.NO_LIMIT) {
            message.put(name, bound);
        }
    }

    /** {@code {"type":"done","id":..,"request":type}}. */
    static String done(final SessionRequest request) {
        return message("done").put("id", request.id()).put("request", request.type()).toString();
    }

    /** {@code {"type":"pong","t":..}} with the number of the ping. */
    static String pong(final long t) {
        return message("pong").put("t", t).toString();
    }

    /**
     * {@code {"type":"clock","id":..,"t":..,"relayUs":..,"sections":[{"resource":..,"mid":..,"clockRate":..,
     * "timestamp":..,"relayUs":..,"uncertaintyUs":..}]}}: relay time as vitals have it, in microseconds.
     *
     * @param times by resource
     */
    static String clock(final SessionRequest.Clock request, final long relayNs, final long utcOffsetNs,
        final Map<String, List<MediaTime>> times) {
        final ObjectNode message = message("clock");
        if (request.id() != SessionRequest.NO_ID) {
            message.put("id", request.id());
        }
        message.put("t", request.t()).put("relayUs", relayNs / NS_PER_US);
        final ArrayNode sections = message.putArray(SECTIONS);
        times.forEach((resource, list) -> list.forEach(time -> sections.addObject().put("resource", resource)
            .put("mid", time.mid()).put("clockRate", time.clockRate()).put("timestamp", time.timestamp())
            .put("relayUs", (time.laneNs() + utcOffsetNs) / NS_PER_US)
            .put("uncertaintyUs", time.uncertaintyNs() / NS_PER_US + 1)));
        return message.toString();
    }

    private static ObjectNode message(final String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private static ObjectNode entry(final RosterEntry entry) {
        final ObjectNode node = JSON.createObjectNode().put(PARTICIPANT, entry.participant())
            .put("role", entry.role()).put("name", entry.name()).put("ready", entry.ready());
        if (entry.endToEnd() != null) {
            node.putObject("endToEnd").put("key", entry.endToEnd().key()).put("mac", entry.endToEnd().mac());
        }
        final ArrayNode connections = node.putArray("connections");
        entry.connections().forEach(connections::add);
        final ArrayNode publications = node.putArray("publications");
        for (final Track track : entry.publications()) {
            final PublicationInfo info = track.info();
            final ObjectNode publication = publications.addObject().put("id", info.id()).put("kind", kind(info))
                .put("label", info.label()).put("mid", info.mid()).put("muted", track.muted());
            putAudio(publication, info);
            if (track.profile() != null) {
                publication.put("profile", track.profile().label());
            }
        }
        return node;
    }

    private static String kind(final PublicationInfo publication) {
        return publication.kind() == MediaKind.AUDIO ? "audio" : "video";
    }
}
