package org.chevet.relay.client;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What an object is: payload of block 0 of its stream, opaque to the relay.
 *
 * <pre>
 * u8 version = 1 | u64 size | u32 bytes per chunk | 32 bytes SHA-256 | u16 + UTF-8 name | u16 + UTF-8 media type
 * </pre>
 *
 * @param name file name, for people: never a path
 * @param mediaType such as {@code image/jpeg}
 * @param size bytes of the file
 * @param chunkBytes bytes of every chunk but the last; chunk i is block i + 1
 * @param sha256 of the file, 64 hexadecimal digits
 */
public record ObjectManifest(String name, String mediaType, long size, int chunkBytes, String sha256) {
    /** Largest object: 25 MB. */
    public static final int MAX_SIZE = 25_000_000;
    private static final int VERSION = 1;
    private static final int HASH_BYTES = 32;
    private static final int MAX_TEXT = 255;
    private static final int MAX_CHUNK = 64 * 1024;
    private static final int FIXED = 1 + Long.BYTES + Integer.BYTES + HASH_BYTES + 2 * Short.BYTES;

    /** Refuses what is out of range. */
    public ObjectManifest {
        final boolean plain = name.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\');
        if (size < 1 || size > MAX_SIZE || chunkBytes < 1 || chunkBytes > MAX_CHUNK || !plain
            || name.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT
            || mediaType.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT) {
            throw new IllegalArgumentException("no object of at most " + MAX_SIZE + " bytes with a plain name");
        }
    }

    /** Blocks of the stream: this one and the chunks. */
    public int blocks() {
        return 1 + (int) ((size + chunkBytes - 1) / chunkBytes);
    }

    ByteBuffer encode() {
        final byte[] file = name.getBytes(StandardCharsets.UTF_8);
        final byte[] type = mediaType.getBytes(StandardCharsets.UTF_8);
        final ByteBuffer out = ByteBuffer.allocate(FIXED + file.length + type.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) VERSION).putLong(size).putInt(chunkBytes).put(HexFormat.of().parseHex(sha256));
        out.putShort((short) file.length).put(file).putShort((short) type.length).put(type);
        return out.flip();
    }

    /** Throws IllegalArgumentException when the bytes are no manifest. */
    static ObjectManifest decode(final ByteBuffer payload) {
        final ByteBuffer in = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (in.get() != VERSION) {
                throw new IllegalArgumentException("not a manifest of version " + VERSION);
            }
            final long size = in.getLong();
            final int chunkBytes = in.getInt();
            final byte[] hash = new byte[HASH_BYTES];
            in.get(hash);
            final String name = text(in);
            return new ObjectManifest(name, text(in), size, chunkBytes, HexFormat.of().formatHex(hash));
        } catch (final BufferUnderflowException cut) {
            throw new IllegalArgumentException("the manifest is cut short", cut);
        }
    }

    private static String text(final ByteBuffer in) {
        final byte[] bytes = new byte[Math.min(in.getShort() & 0xFFFF, MAX_TEXT + 1)];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has SHA-256", missing);
        }
    }
}
