package org.chevet.relay.route;

import org.agrona.collections.Int2ObjectHashMap;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Which layer an SSRC of one publisher belongs to.
 *
 * <p>Learned from the first packet that says so and kept, because browsers stop sending mid and rid after the first
 * receiver report: by the mid, rid and repaired rid extensions (RFC 8843, RFC 8852), else by {@code a=ssrc} of the
 * offer, else by a payload type that only one section has. Only SSRCs that found a layer are kept, at most two per
 * layer and a few retired ones, so that a flood of unknown SSRCs costs a look-up each and no memory. Lane thread only.
 */
final class SourceTable {
    /** A layer that sent nothing for this long may be taken over on weaker evidence. */
    static final long SILENT_NS = 1_000_000_000L;
    private static final int RETIRED = 16;

    private final Publication[] publications;
    private final Int2ObjectHashMap<Layer> known = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<Layer> announced = new Int2ObjectHashMap<>();
    private final byte[][] mids;
    private final int[] retired = new int[RETIRED];
    private int retiredCount;
    private boolean foundRtx;

    SourceTable(final Publication[] publications) {
        this.publications = publications;
        mids = new byte[publications.length][];
        for (int i = 0; i < publications.length; i++) {
            final NegotiatedSection section = publications[i].section;
            mids[i] = section.mid().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            announce(publications[i], section);
        }
    }

    private void announce(final Publication publication, final NegotiatedSection section) {
        int unnamed = 0;
        for (final OfferedSource source : section.sources()) {
            final Layer layer = source.rid().isEmpty() ? unnamed(publication, unnamed++)
                : byRid(publication, source.rid());
            if (layer == null) {
                continue;
            }
            if (source.ssrc() != 0) {
                announced.put(source.ssrc(), layer);
            }
            if (source.rtxSsrc() != 0) {
                announced.put(source.rtxSsrc(), layer);
            }
        }
    }

    /** The layer of a known SSRC, or null. */
    @Nullable Layer find(final int ssrc) {
        return known.get(ssrc);
    }

    /**
     * The layer of an SSRC heard for the first time, or null. The caller begins the layer's new source when
     * {@link Layer#ssrc} has changed.
     */
    @Nullable Layer learn(final RtpHeader header, final RtpExtensions extensions, final MediaRouter router,
        final long nowNs) {
        boolean strong = true;
        Layer layer = extensions.wrap(header) ? byExtensions(header, extensions) : null;
        if (layer == null) {
            layer = announced.get(header.ssrc());
            foundRtx = layer != null && isRtx(layer.publication, header);
        }
        if (layer == null) {
            layer = byPayloadType(header);
            strong = false;
        }
        if (layer == null || !assign(layer, header.ssrc(), strong, router, nowNs)) {
            return null;
        }
        return layer;
    }

    /** Forgets a source that said goodbye; true when it was the media SSRC of its layer. */
    boolean bye(final int ssrc) {
        final Layer layer = known.get(ssrc);
        if (layer == null) {
            return false;
        }
        retire(ssrc);
        if (layer.rtxKnown && layer.rtxSsrc == ssrc) {
            layer.rtxKnown = false;
            return false;
        }
        if (layer.rtxKnown) {
            retire(layer.rtxSsrc);
        }
        layer.end();
        return true;
    }

    private boolean assign(final Layer layer, final int ssrc, final boolean strong, final MediaRouter router,
        final long nowNs) {
        final boolean taken = foundRtx ? layer.rtxKnown : layer.known;
        final boolean silent = !layer.everMedia || nowNs - layer.lastMediaNs >= SILENT_NS;
        if (taken && !silent && (!strong || isRetired(ssrc))) {
            return false;
        }
        if (taken) {
            retire(foundRtx ? layer.rtxSsrc : layer.ssrc);
        }
        unretire(ssrc);
        known.put(ssrc, layer);
        if (foundRtx) {
            layer.rtxKnown = true;
            layer.rtxSsrc = ssrc;
            layer.rtxStats = new org.chevet.relay.stream.ReceiveStats();
        } else {
            layer.begin(ssrc, router.newSource());
        }
        return true;
    }

    private @Nullable Layer byExtensions(final RtpHeader header, final RtpExtensions extensions) {
        for (int i = 0; i < publications.length; i++) {
            final Publication publication = publications[i];
            final Integer mid = publication.section.extensions().get(HeaderExtension.MID);
            if (mid == null || !extensions.find(mid) || !matches(header, extensions, mids[i])) {
                continue;
            }
            final Layer repaired = byName(publication, HeaderExtension.REPAIRED_RID, header, extensions);
            if (repaired != null) {
                foundRtx = true;
                return repaired;
            }
            foundRtx = isRtx(publication, header);
            final Layer named = byName(publication, HeaderExtension.RID, header, extensions);
            return named != null || publication.layers.length > 1 ? named : publication.layers[0];
        }
        return null;
    }

    private static @Nullable Layer byName(final Publication publication, final HeaderExtension extension,
        final RtpHeader header, final RtpExtensions extensions) {
        final Integer id = publication.section.extensions().get(extension);
        if (id == null || !extensions.find(id)) {
            return null;
        }
        for (final Layer layer : publication.layers) {
            if (layer.ridBytes.length > 0 && matches(header, extensions, layer.ridBytes)) {
                return layer;
            }
        }
        return null;
    }

    private @Nullable Layer byPayloadType(final RtpHeader header) {
        final int payloadType = header.payloadType();
        Publication only = null;
        for (final Publication publication : publications) {
            if (publication.codecs[payloadType] >= 0 || publication.repaired[payloadType] >= 0) {
                if (only != null) {
                    return null;
                }
                only = publication;
            }
        }
        if (only == null || only.layers.length > 1) {
            return null;
        }
        foundRtx = isRtx(only, header);
        return only.layers[0];
    }

    private static boolean isRtx(final Publication publication, final RtpHeader header) {
        return publication.repaired[header.payloadType()] >= 0;
    }

    private static boolean matches(final RtpHeader header, final RtpExtensions extensions, final byte[] text) {
        if (extensions.valueLength() != text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (header.buffer().getByte(extensions.valueOffset() + i) != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Layer byRid(final Publication publication, final String rid) {
        for (final Layer layer : publication.layers) {
            if (layer.rid.equals(rid)) {
                return layer;
            }
        }
        return null;
    }

    private static @Nullable Layer unnamed(final Publication publication, final int ordinal) {
        int seen = 0;
        for (final Layer layer : publication.layers) {
            if (layer.rid.isEmpty() && seen++ == ordinal) {
                return layer;
            }
        }
        return null;
    }

    private boolean isRetired(final int ssrc) {
        for (int i = 0; i < Math.min(retiredCount, RETIRED); i++) {
            if (retired[i] == ssrc) {
                return true;
            }
        }
        return false;
    }

    private void retire(final int ssrc) {
        known.remove(ssrc);
        retired[retiredCount++ % RETIRED] = ssrc;
        // Keeps the count from running over while the ring stays full.
        retiredCount = retiredCount == 2 * RETIRED ? RETIRED : retiredCount;
    }

    private void unretire(final int ssrc) {
        for (int i = 0; i < Math.min(retiredCount, RETIRED); i++) {
            retired[i] = retired[i] == ssrc ? 0 : retired[i];
        }
    }
}
