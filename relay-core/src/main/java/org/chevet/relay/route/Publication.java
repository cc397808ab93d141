package org.chevet.relay.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.chevet.relay.bwe.ClinicalClass;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stream.AudioLevel;

/** One published track: its layers and who receives it. Lane thread only. */
final class Publication {
    /** Bound on simulcast layers. */
    static final int MAX_LAYERS = 8;
    private static final byte UNKNOWN = -1;

    final int id;
    final PublisherSide publisher;
    final NegotiatedSection section;
    final Layer[] layers;
    /** Codec index by payload type, or -1. */
    final byte[] codecs = new byte[128];
    /** Media payload type by retransmission payload type, or -1. */
    final byte[] repaired = new byte[128];
    /** Payload type of the blocks by payload type of RED, or -1. */
    final byte[] blocks = new byte[128];
    /** Ordinal of {@link HeaderExtension} by id, or -1. */
    final byte[] extensions = new byte[256];
    final boolean nack;
    final boolean pli;
    final boolean fir;
    final WantedLayers wanted;
    /** What the publisher says of a video; BALANCED when nothing. */
    private VideoProfile profile = VideoProfile.BALANCED;
    private ClinicalClass clinicalClass;
    /** Subscribers in order of binding; read on the packet path. */
    Subscription[] subscriptions = new Subscription[0];
    /** Nothing of it is forwarded, asked for or repaired. */
    boolean muted;
    /** How loud it is; audio only. */
    final AudioLevel level = new AudioLevel();

    Publication(final int id, final PublisherSide publisher, final NegotiatedSection section,
        final PacketSlab slab) {
        this.id = id;
        this.publisher = publisher;
        this.section = section;
        Arrays.fill(codecs, UNKNOWN);
        Arrays.fill(repaired, UNKNOWN);
        Arrays.fill(blocks, UNKNOWN);
        Arrays.fill(extensions, UNKNOWN);
        boolean anyNack = false;
        boolean anyPli = false;
        boolean anyFir = false;
        for (int i = 0; i < section.codecs().size(); i++) {
            final NegotiatedCodec codec = section.codecs().get(i);
            codecs[codec.payloadType()] = (byte) i;
            blocks[codec.payloadType()] = (byte) codec.blockPayloadType();
            if (codec.rtxPayloadType() >= 0) {
                repaired[codec.rtxPayloadType()] = (byte) codec.payloadType();
            }
            anyNack |= codec.nack();
            anyPli |= codec.pli();
            anyFir |= codec.fir();
        }
        nack = anyNack;
        pli = anyPli;
        fir = anyFir;
        section.extensions().forEach((extension, value) -> extensions[value] = (byte) extension.ordinal());
        layers = makeLayers(slab);
        wanted = new WantedLayers(this);
        clinicalClass = ClinicalLabels.classOf(section, profile);
    }

    /** One layer per announced source; several announcements of one rid are one layer. */
    private Layer[] makeLayers(final PacketSlab slab) {
        final List<Layer> made = new ArrayList<>();
        final Set<String> rids = new HashSet<>();
        for (final OfferedSource source : section.sources()) {
            if (made.size() < MAX_LAYERS && (source.rid().isEmpty() || rids.add(source.rid()))) {
                made.add(new Layer(this, made.size(), source.rid(), slab));
            }
        }
        if (made.isEmpty()) {
            made.add(new Layer(this, 0, "", slab));
        }
        return made.toArray(Layer[]::new);
    }

    /** Width in pixels of a spatial layer of an encoding, assumed where nobody told. */
    int width(final Layer layer, final int spatial) {
        final int told = layer.marks.width(spatial);
        return told > 0 ? told : Ladder.ASSUMED_WIDTH >> halvings(layer, spatial);
    }

    /** Height in pixels, likewise. */
    int height(final Layer layer, final int spatial) {
        final int told = layer.marks.height(spatial);
        return told > 0 ? told : Ladder.ASSUMED_HEIGHT >> halvings(layer, spatial);
    }

    /** Encodings above it by the last rate of each; one that never sent is above, as encoders leave out the best. */
    private int halvings(final Layer layer, final int spatial) {
        int above = layer.marks.maxSpatial() - spatial;
        for (final Layer other : layers) {
            if (other != layer && layer.lastRateBps() > 0
                && (other.lastRateBps() == 0 || other.lastRateBps() > layer.lastRateBps())) {
                above++;
            }
        }
        return above;
    }

    boolean isVideo() {
        return section.kind() == MediaKind.VIDEO;
    }

    NegotiatedCodec codec(final int payloadType) {
        return section.codecs().get(codecs[payloadType]);
    }

    void add(final Subscription subscription) {
        subscriptions = Arrays.copyOf(subscriptions, subscriptions.length + 1);
        subscriptions[subscriptions.length - 1] = subscription;
    }

    void remove(final Subscription subscription) {
        subscriptions = Arrays.stream(subscriptions).filter(other -> other != subscription)
            .toArray(Subscription[]::new);
    }

    ClinicalClass clinicalClass() {
        return clinicalClass;
    }

    VideoProfile profile() {
        return profile;
    }

    void profile(final VideoProfile next) {
        profile = next;
        clinicalClass = ClinicalLabels.classOf(section, next);
    }

    PublicationInfo info() {
        return new PublicationInfo(id, publisher.media.participantId(), section.mid(), section.kind(),
            section.label(), section.codecs());
    }
}
