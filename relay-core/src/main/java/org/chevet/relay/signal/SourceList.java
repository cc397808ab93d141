package org.chevet.relay.signal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.Rid;
import org.chevet.codec.sdp.Simulcast;
import org.chevet.codec.sdp.Ssrc;
import org.chevet.codec.sdp.SsrcGroup;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.OfferedSource;

/** What a publisher's section announces to send: encodings by rid (RFC 8851, RFC 8853) and by SSRC (RFC 5576). */
final class SourceList {
    /** Bound on the encodings of one section; browsers make at most 3. */
    static final int MAX_ENCODINGS = 8;

    private SourceList() {
    }

    /**
     * The encodings to receive, in the offer's order: of the alternatives of a simulcast stream the first that is
     * defined and whose payload types are agreed.
     */
    static List<Rid> rids(final MediaSection section, final List<NegotiatedCodec> codecs) {
        final Map<String, Rid> defined = new HashMap<>();
        final Set<String> order = new LinkedHashSet<>();
        for (final Rid rid : section.all(Rid.class)) {
            if (rid.send() && usable(rid, codecs) && defined.putIfAbsent(rid.id(), rid) == null) {
                order.add(rid.id());
            }
        }
        final List<List<Simulcast.Alternative>> streams =
            section.first(Simulcast.class).map(Simulcast::send).orElse(List.of());
        final List<Rid> rids = new ArrayList<>();
        if (streams.isEmpty()) {
            order.stream().limit(1).forEach(id -> rids.add(agreed(defined.get(id), codecs)));
            return rids;
        }
        for (final List<Simulcast.Alternative> stream : streams) {
            stream.stream().map(Simulcast.Alternative::rid).filter(defined::containsKey).findFirst()
                .filter(id -> rids.size() < MAX_ENCODINGS && rids.stream().noneMatch(rid -> rid.id().equals(id)))
                .ifPresent(id -> rids.add(agreed(defined.get(id), codecs)));
        }
        return rids;
    }

    private static boolean usable(final Rid rid, final List<NegotiatedCodec> codecs) {
        final List<Integer> types = rid.payloadTypes();
        return types.isEmpty() || codecs.stream().anyMatch(codec -> types.contains(codec.payloadType()));
    }

    /** The receiving side of a rid: the same restrictions, of its payload types the agreed ones. */
    private static Rid agreed(final Rid offered, final List<NegotiatedCodec> codecs) {
        final List<Integer> types = offered.payloadTypes();
        final List<String> restrictions = new ArrayList<>();
        if (!types.isEmpty()) {
            restrictions.add("pt=" + String.join(",", types.stream()
                .filter(type -> codecs.stream().anyMatch(codec -> codec.payloadType() == type))
                .map(String::valueOf).toList()));
        }
        for (final String part : offered.restrictions().split(";", -1)) {
            if (!part.isBlank() && !part.strip().startsWith("pt=")) {
                restrictions.add(part.strip());
            }
        }
        return new Rid(offered.id(), false, String.join(";", restrictions));
    }

    /** The sources of a section; where rids and SSRCs are as many, they belong together in order. */
    static List<OfferedSource> sources(final MediaSection section, final List<Rid> rids) {
        final Map<Integer, Integer> rtx = new HashMap<>();
        final Set<Integer> secondary = new HashSet<>();
        for (final SsrcGroup group : section.all(SsrcGroup.class)) {
            if (group.semantics().startsWith("F") && group.ssrcs().size() >= 2) {
                secondary.addAll(group.ssrcs().subList(1, group.ssrcs().size()));
                if (group.semantics().equals("FID")) {
                    rtx.putIfAbsent(group.ssrcs().get(0), group.ssrcs().get(1));
                }
            }
        }
        final List<Integer> media = section.all(Ssrc.class).stream().map(Ssrc::ssrc).distinct()
            .filter(ssrc -> ssrc != 0 && !secondary.contains(ssrc)).limit(MAX_ENCODINGS).toList();
        final List<OfferedSource> sources = new ArrayList<>();
        if (rids.isEmpty()) {
            media.forEach(ssrc -> sources.add(new OfferedSource("", ssrc, rtx.getOrDefault(ssrc, 0))));
            return sources;
        }
        final boolean paired = media.size() == rids.size();
        for (int i = 0; i < rids.size(); i++) {
            final int ssrc = paired ? media.get(i) : 0;
            sources.add(new OfferedSource(rids.get(i).id(), ssrc, rtx.getOrDefault(ssrc, 0)));
        }
        return sources;
    }
}
