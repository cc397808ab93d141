package org.chevet.relay.signal;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Reads the frames of a client (RFC 6455 section 5) out of the bytes as they came, without an object per frame or
 * message. Binary messages only; extensions are never negotiated. One thread.
 *
 * <pre>
 *  0 1 2 3 4 5 6 7 8               15
 * +-+-+-+-+-------+-+-------------+----------------------+----------+---------
 * |F| RSV |opcode |1| length, 126 | 16 or 64 bits length | mask key | payload
 * |I| = 0 |       | | = 16, 127   | when 126 or 127      | 32 bits  | masked
 * |N|     |       | | = 64 bits   |                      |          |
 * +-+-+-+-+-------+-+-------------+----------------------+----------+---------
 * </pre>
 */
final class FrameReader {
    /** A close frame without a code (section 7.1.5). */
    static final int NO_CODE = -1;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final int KEY_BYTES = 4;

    private final int maxMessageBytes;
    private final Sink sink;
    private final ExpandableArrayBuffer fragments = new ExpandableArrayBuffer(0);
    private int fragmentBytes;
    private boolean fragmented;
    private boolean broken;
    private int needed = 2;

    /** What is done with what was read. The bytes are borrowed for the call. */
    interface Sink {
        /** False when no message can be taken now: reading stops in front of the frame that would complete it. */
        boolean takesMessages();

        /** A complete binary message. */
        void onMessage(DirectBuffer in, int offset, int length);

        /** A text message began; what follows is not read. */
        void onText();

        /** A ping with its payload of at most 125 bytes. */
        void onPing(DirectBuffer in, int offset, int length);

        /** A close frame; {@code code} is {@link #NO_CODE} or one that may be sent. What follows is not read. */
        void onClose(int code);

        /** A message is larger than the bound; what follows is not read. */
        void onTooLarge();

        /** A frame breaks RFC 6455; what follows is not read. */
        void onBroken();
    }

    FrameReader(final int maxMessageBytes, final Sink sink) {
        this.maxMessageBytes = maxMessageBytes;
        this.sink = sink;
    }

    /** Bytes that must be there, from where the last {@link #read} stopped, before anything more can be read. */
    int needed() {
        return needed;
    }

    /**
     * Reads complete frames and returns how many bytes they took. Payloads are unmasked where they are; frames that
     * are not complete are left as they are.
     */
    int read(final MutableDirectBuffer in, final int offset, final int length) {
        final int end = offset + length;
        int at = offset;
        while (!broken) {
            final int frame = next(in, at, end - at);
            if (frame == 0) {
                return at - offset;
            }
            at += frame;
        }
        return length;
    }

    /** Takes one frame and returns its length; 0 when it is not complete, or must wait. */
    private int next(final MutableDirectBuffer in, final int at, final int available) {
        needed = 2;
        if (available < needed) {
            return 0;
        }
        final int first = in.getByte(at) & 0xFF;
        final int second = in.getByte(at + 1) & 0xFF;
        final int opcode = first & 0x0F;
        final boolean last = (first & FIN) != 0;
        final int shortLength = second & ~MASKED;
        if ((first & RESERVED) != 0 || (second & MASKED) == 0 || !mayCome(opcode, last, shortLength)) {
            return broken(available);
        }
        final int lengthBytes = shortLength == LENGTH_16 ? Short.BYTES : shortLength == LENGTH_64 ? Long.BYTES : 0;
        final int head = 2 + lengthBytes + KEY_BYTES;
        needed = head;
        if (available < head) {
            return 0;
        }
        long payload = shortLength;
        if (shortLength == LENGTH_16) {
            payload = in.getShort(at + 2, BIG_ENDIAN) & 0xFFFF;
        } else if (shortLength == LENGTH_64) {
            payload = in.getLong(at + 2, BIG_ENDIAN);
        }
        if (payload < 0 || (lengthBytes == Short.BYTES && payload < LENGTH_16)
            || (lengthBytes == Long.BYTES && payload <= 0xFFFF)) {
            // The shortest way to write a length is the only one (section 5.2).
            return broken(available);
        }
        if (opcode < CLOSE && fragmentBytes + payload > maxMessageBytes) {
            broken = true;
            sink.onTooLarge();
            return available;
        }
        needed = head + (int) payload;
        if (available < needed || (opcode < CLOSE && last && opcode != TEXT && !sink.takesMessages())) {
            return 0;
        }
        unmask(in, at + head, (int) payload, in.getInt(at + head - KEY_BYTES, LITTLE_ENDIAN));
        final int taken = needed;
        take(opcode, last, in, at + head, (int) payload);
        return taken;
    }

    private boolean mayCome(final int opcode, final boolean last, final int length) {
        return switch (opcode) {
            case CONTINUATION -> fragmented;
            case TEXT, BINARY -> !fragmented;
            case CLOSE, PING, PONG -> last && length <= MAX_CONTROL_BYTES;
            default -> false;
        };
    }

    private void take(final int opcode, final boolean last, final MutableDirectBuffer in, final int offset,
        final int length) {
        switch (opcode) {
            case TEXT -> {
                broken = true;
                sink.onText();
            }
            case BINARY, CONTINUATION -> takeData(last, in, offset, length);
            case PING -> sink.onPing(in, offset, length);
            case CLOSE -> takeClose(in, offset, length);
            default -> { }
        }
    }

    private void takeData(final boolean last, final MutableDirectBuffer in, final int offset, final int length) {
        if (last && !fragmented) {
            sink.onMessage(in, offset, length);
            return;
        }
        fragments.putBytes(fragmentBytes, in, offset, length);
        fragmentBytes += length;
        fragmented = !last;
        if (last) {
            final int total = fragmentBytes;
            fragmentBytes = 0;
            sink.onMessage(fragments, 0, total);
        }
    }

    private void takeClose(final MutableDirectBuffer in, final int offset, final int length) {
        if (length == 0) {
            broken = true;
            sink.onClose(NO_CODE);
            return;
        }
        final int code = length == 1 ? 0 : in.getShort(offset, BIG_ENDIAN) & 0xFFFF;
        if (!mayBeSent(code) || !isUtf8(in, offset + 2, length - 2)) {
            broken(length);
            return;
        }
        broken = true;
        sink.onClose(code);
    }

    /** Codes of section 7.4.1 that may be on the wire, and those of libraries and applications. */
    private static boolean mayBeSent(final int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    private static boolean isUtf8(final DirectBuffer in, final int offset, final int length) {
        final byte[] text = new byte[length];
        in.getBytes(offset, text);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private int broken(final int available) {
        broken = true;
        sink.onBroken();
        return available;
    }

    /** Eight bytes at a time; the key repeats every four (section 5.3). */
    private static void unmask(final MutableDirectBuffer in, final int offset, final int length, final int key) {
        final long twice = (key & 0xFFFF_FFFFL) | (long) key << Integer.SIZE;
        final int end = offset + length;
        int at = offset;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            in.putLong(at, in.getLong(at, LITTLE_ENDIAN) ^ twice, LITTLE_ENDIAN);
        }
        for (int shift = 0; at < end; at++, shift += Byte.SIZE) {
            in.putByte(at, (byte) (in.getByte(at) ^ (twice >>> shift)));
        }
    }
}
