package org.chevet.relay.sctp;

import static org.chevet.codec.wire.BigEndian.put16;

import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.ChunkType;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpWriter;

/** Control chunks that are due, at most one of each kind, and what goes into errors and echoes. One thread. */
final class ControlChunks {
    static final int INIT = 1;
    static final int INIT_ACK = 1 << 1;
    static final int COOKIE_ECHO = 1 << 2;
    static final int COOKIE_ACK = 1 << 3;
    static final int HEARTBEAT_ACK = 1 << 4;
    static final int ERROR = 1 << 5;
    static final int SACK = 1 << 6;
    static final int SHUTDOWN = 1 << 7;
    static final int SHUTDOWN_ACK = 1 << 8;
    static final int SHUTDOWN_COMPLETE = 1 << 9;
    static final int ABORT = 1 << 10;

    /** Longest heartbeat that is answered, and most of an unknown chunk that is reported, in bytes. */
    static final int MAX_ECHO = 512;
    private static final int CAUSE_INVALID_STREAM = 1;
    private static final int CAUSE_UNKNOWN_CHUNK = 6;

    /** Made with the first heartbeat or unknown chunk: most associations never see one. */
    private final UnsafeBuffer echo = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer stream = new UnsafeBuffer(new byte[Integer.BYTES]);
    private int echoLength;
    private int errorCause;
    private int abortCause;
    private int due;

    boolean isEmpty() {
        return due == 0;
    }

    boolean has(final int kinds) {
        return (due & kinds) != 0;
    }

    void add(final int kinds) {
        due |= kinds;
    }

    void remove(final int kinds) {
        due &= ~kinds;
    }

    void keepOnly(final int kinds) {
        due &= kinds;
    }

    /** True when it is due; it is then no longer. */
    boolean take(final int kind) {
        final boolean isDue = has(kind);
        remove(kind);
        return isDue;
    }

    /** An ABORT with this cause, and nothing else. */
    void abort(final int cause) {
        abortCause = cause;
        due = ABORT;
    }

    /** An ERROR with the start of the current chunk. */
    void reportUnknown(final SctpPacket packet) {
        keep(packet, packet.chunkOffset(), Math.min(packet.chunkLength(), MAX_ECHO));
        errorCause = CAUSE_UNKNOWN_CHUNK;
        remove(HEARTBEAT_ACK);
        add(ERROR);
    }

    /** An ERROR about data of a stream that does not exist. */
    void reportStream(final int streamId) {
        put16(stream, 0, streamId);
        put16(stream, 2, 0);
        errorCause = CAUSE_INVALID_STREAM;
        add(ERROR);
    }

    /** A HEARTBEAT ACK with the value of the current chunk; false when it is too long or an error comes first. */
    boolean echoHeartbeat(final SctpPacket packet) {
        if (packet.valueLength() > MAX_ECHO || has(ERROR)) {
            return false;
        }
        keep(packet, packet.valueOffset(), packet.valueLength());
        add(HEARTBEAT_ACK);
        return true;
    }

    private void keep(final SctpPacket packet, final int from, final int length) {
        if (echo.capacity() == 0) {
            echo.wrap(new byte[MAX_ECHO]);
        }
        echo.putBytes(0, packet.buffer(), from, length);
        echoLength = length;
    }

    /** Writes HEARTBEAT ACK and ERROR when they are due. */
    void write(final SctpWriter writer) {
        if (take(HEARTBEAT_ACK)) {
            writer.copied(ChunkType.HEARTBEAT_ACK, 0, echo, 0, echoLength);
        }
        if (take(ERROR)) {
            final boolean isStream = errorCause == CAUSE_INVALID_STREAM;
            writer.cause(ChunkType.ERROR, 0, errorCause, isStream ? stream : echo, 0,
                isStream ? Integer.BYTES : echoLength);
        }
    }

    /** Writes the chunk after which there is nothing more: ABORT or SHUTDOWN COMPLETE. */
    void writeLast(final SctpWriter writer) {
        if (take(ABORT)) {
            writer.cause(ChunkType.ABORT, 0, abortCause, stream, 0, 0);
        } else if (take(SHUTDOWN_COMPLETE)) {
            writer.plain(ChunkType.SHUTDOWN_COMPLETE, 0);
        }
    }
}
