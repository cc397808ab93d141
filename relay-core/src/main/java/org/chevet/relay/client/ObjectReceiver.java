package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.jspecify.annotations.Nullable;

/**
 * Puts the chunks of one object together and checks its SHA-256. Give it the blocks of one stream of kind OBJECT, in
 * their order, from {@link VitalsListener#onBlock}; subscribe with {@link #START}. One thread.
 */
public final class ObjectReceiver {
    /** From the manifest on, with a receipt to the sender. */
    public static final VitalsListener.Start START = new VitalsListener.Start(StartFrom.SEQUENCE, 0, 0, true);

    /** How it ended. */
    public sealed interface Outcome {
        /** All of it, as it was sent. */
        record Complete(ObjectManifest manifest, ByteBuffer content) implements Outcome {
        }

        /** It is not what the manifest says; nothing of it must be used. */
        record Broken(String why) implements Outcome {
        }
    }

    private final Consumer<Outcome> listener;
    private final MessageDigest digest = ObjectManifest.sha256Digest();
    private @Nullable ObjectManifest manifest;
    private byte[] content = new byte[0];
    private long expected;
    private int length;
    private boolean done;

    /** Receives one object; the listener hears once. */
    public ObjectReceiver(final Consumer<Outcome> listener) {
        this.listener = listener;
    }

    /** What is being received, or null before block 0. */
    public @Nullable ObjectManifest manifest() {
        return manifest;
    }

    /** Bytes that have come. */
    public int length() {
        return length;
    }

    /** The next block of the stream. */
    public void onBlock(final VitalsBlock block) {
        if (done) {
            return;
        }
        if (block.sequence() != expected) {
            finish(new Outcome.Broken("block " + block.sequence() + " came instead of " + expected));
            return;
        }
        expected++;
        final ObjectManifest known = manifest;
        if (known == null) {
            begin(block);
        } else {
            add(known, block);
        }
    }

    /** The stream is over: what has not come never will. */
    public void onEnded() {
        if (!done) {
            finish(new Outcome.Broken("the sender ended after " + length + " bytes"));
        }
    }

    private void begin(final VitalsBlock block) {
        try {
            final ObjectManifest read = ObjectManifest.decode(block.payload());
            manifest = read;
            content = new byte[(int) read.size()];
        } catch (final IllegalArgumentException bad) {
            finish(new Outcome.Broken(String.valueOf(bad.getMessage())));
        }
    }

    private void add(final ObjectManifest known, final VitalsBlock block) {
        final int size = block.payload().remaining();
        if (size != Math.min(known.chunkBytes(), content.length - length)) {
            finish(new Outcome.Broken("chunk " + block.sequence() + " has " + size + " bytes"));
            return;
        }
        block.payload().duplicate().get(content, length, size);
        digest.update(content, length, size);
        length += size;
        if (length == content.length) {
            final String hash = HexFormat.of().formatHex(digest.digest());
            finish(hash.equals(known.sha256()) ? new Outcome.Complete(known, ByteBuffer.wrap(content))
                : new Outcome.Broken("SHA-256 is " + hash + ", not " + known.sha256()));
        }
    }

    private void finish(final Outcome outcome) {
        done = true;
        content = new byte[0];
        listener.accept(outcome);
    }
}
