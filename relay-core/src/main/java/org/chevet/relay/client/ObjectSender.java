package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Offers one file of at most 25 MB to everyone who may receive objects. Whoever subscribes, now or later, gets it
 * from here through the relay, at its own pace and after live streams; the relay keeps none of it for long. It can
 * be had until {@link #close}. Safe on any thread.
 */
public final class ObjectSender implements AutoCloseable {
    /** Small enough that a live block behind one on a slow uplink does not wait long. */
    static final int CHUNK_BYTES = 4 * 1024;

    private final Publication publication;
    private final ObjectManifest manifest;

    private ObjectSender(final Publication publication, final ObjectManifest manifest) {
        this.publication = publication;
        this.manifest = manifest;
    }

    /**
     * Opens a stream for the file.
     *
     * @param spec {@link StreamSpec#object} with a name that is unique for the participant
     * @param content copied
     */
    public static ObjectSender offer(final VitalsPublisher publisher, final StreamSpec spec, final String fileName,
        final String mediaType, final byte[] content) {
        return offer(publisher.open(spec), fileName, mediaType, content,
            HexFormat.of().formatHex(ObjectManifest.sha256Digest().digest(content)));
    }

    static ObjectSender offer(final Publication publication, final String fileName, final String mediaType,
        final byte[] content, final String sha256) {
        final ObjectManifest manifest =
            new ObjectManifest(fileName, mediaType, content.length, CHUNK_BYTES, sha256);
        put(publication, 0, manifest.encode());
        for (int i = 1; i < manifest.blocks(); i++) {
            final int from = (i - 1) * CHUNK_BYTES;
            put(publication, i, ByteBuffer.wrap(content, from, Math.min(CHUNK_BYTES, content.length - from)));
        }
        publication.complete();
        return new ObjectSender(publication, manifest);
    }

    private static void put(final Publication publication, final long sequence, final ByteBuffer payload) {
        if (!publication.offer(sequence, 1, Long.MIN_VALUE, 0, payload)) {
            throw new IllegalStateException("the publisher's retentionBytes do not hold the object");
        }
    }

    /** What is offered. */
    public ObjectManifest manifest() {
        return manifest;
    }

    /** The stream. */
    public Publication publication() {
        return publication;
    }

    /** True when every receiver that asked for receipt had all of it. */
    public boolean isDelivered() {
        return publication.deliveredBelow() == manifest.blocks();
    }

    /** Ends the offer: who does not have it all will not get the rest. */
    @Override
    public void close() {
        publication.end();
    }
}
