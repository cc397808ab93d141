package org.chevet.codec.vitals;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.ClockEstimateDecoder;
import org.chevet.codec.vitals.sbe.LastValueDecoder;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.OpenStreamDecoder;
import org.chevet.codec.vitals.sbe.PublisherClockDecoder;
import org.chevet.codec.vitals.sbe.StreamAnnouncedDecoder;

/**
 * Checks every byte that the generated decoders will touch, before they touch it: they throw on short buffers and
 * unknown enum values, this does not. A message that passed may be decoded completely without an exception.
 *
 * <pre>
 *  0        2          4         6        8
 * +--------+----------+---------+--------+---------------+--------------------------+------------------+
 * | block  | template | schema  | version| fixed block   | groups: block length u16,| texts: u16 + UTF-8
 * | length | id       | id = 1  |        |               | count u16, entries       | bytes: u32 + bytes
 * +--------+----------+---------+--------+---------------+--------------------------+------------------+
 * </pre>
 *
 * <p>Stateless, allocates nothing, never throws; safe on any thread.
 */
public final class VitalsReader {
    /** Shorter than its header or than what its header says. */
    public static final int TOO_SHORT = -1;
    /** Not a message of this schema. */
    public static final int WRONG_SCHEMA = -2;
    /** No message has this template id. */
    public static final int UNKNOWN_TEMPLATE = -3;
    /** The fixed block or a group entry is shorter than this version has it. */
    public static final int WRONG_BLOCK_LENGTH = -4;
    /** Bytes are left after the end of the message. */
    public static final int TRAILING_BYTES = -5;
    /** An enum or yes/no field holds a value that has no meaning. */
    public static final int UNKNOWN_ENUM_VALUE = -6;
    /** A sequence or sample index is above {@link #MAX_INDEX}. */
    public static final int INDEX_OUT_OF_RANGE = -7;
    /** A text is too long, empty where it must not be, not UTF-8, or holds control characters. */
    public static final int BAD_TEXT = -8;
    /** Too few or too many entries in a group. */
    public static final int BAD_GROUP_COUNT = -9;
    /** A rate without denominator, a scale that is zero or not finite, a sample count out of range, ... */
    public static final int BAD_VALUE = -10;

    /** Largest sequence or sample index: 2^53 - 1, so that every language holds it exactly in a double. */
    public static final long MAX_INDEX = (1L << 53) - 1;
    /** The value of an optional index that is not known. */
    public static final long NO_INDEX = -1L;
    /** The value of an optional time that is not known. */
    public static final long NO_TIME = Long.MIN_VALUE;
    /** Most channels of a stream. */
    public static final int MAX_CHANNELS = 64;
    /** Most samples per channel in a block. */
    public static final int MAX_SAMPLES = 1 << 20;
    /** Largest samples per second, numerator over denominator. */
    public static final long MAX_RATE_HZ = 1_000_000;
    /** Largest payload this schema can carry, in bytes; a relay usually allows less. */
    public static final int MAX_PAYLOAD = 1 << 20;
    /** Longest stream name in bytes of UTF-8. */
    public static final int MAX_NAME = 64;
    /** Longest participant id in bytes of UTF-8. */
    public static final int MAX_PARTICIPANT = 128;
    /** Longest label, client name or channel label in bytes of UTF-8. */
    public static final int MAX_LABEL = 128;
    /** Longest device descriptor in bytes of UTF-8. */
    public static final int MAX_DEVICE = 256;
    /** Longest unit in bytes of UTF-8. */
    public static final int MAX_UNIT = 32;
    /** Longest error text in bytes of UTF-8. */
    public static final int MAX_ERROR_TEXT = 512;
    /** Longest time to live of an alert, in milliseconds: a day. */
    public static final int MAX_ALERT_TTL_MS = 24 * 3_600_000;
    /** Bytes of the header in front of every message. */
    public static final int HEADER_LENGTH = MessageHeaderDecoder.ENCODED_LENGTH;
    /** Bytes of a Block or LastValue besides its payload. */
    public static final int BLOCK_OVERHEAD = HEADER_LENGTH + BlockDecoder.BLOCK_LENGTH + Integer.BYTES;

    /** Bytes of an Alert besides its payload. */
    public static final int ALERT_OVERHEAD = HEADER_LENGTH + AlertDecoder.BLOCK_LENGTH + Integer.BYTES;

    private static final int TEMPLATE_OFFSET = MessageHeaderDecoder.templateIdEncodingOffset();

    private VitalsReader() {
    }

    /**
     * Checks one message.
     *
     * @param in the bytes, borrowed
     * @param offset where the message begins
     * @param length its length, which must be exact
     * @return the template id, which is positive, or one of the negative faults of this class
     */
    public static int check(final DirectBuffer in, final int offset, final int length) {
        if (length < HEADER_LENGTH || offset < 0 || offset > in.capacity() - length) {
            return TOO_SHORT;
        }
        final int template = u16(in, offset + TEMPLATE_OFFSET);
        if (u16(in, offset + MessageHeaderDecoder.schemaIdEncodingOffset()) != MessageHeaderDecoder.SCHEMA_ID) {
            return WRONG_SCHEMA;
        }
        final MessageLayout layout = MessageLayout.of(template);
        if (layout == null) {
            return UNKNOWN_TEMPLATE;
        }
        final int blockLength = u16(in, offset);
        if (blockLength < layout.blockLength()) {
            return WRONG_BLOCK_LENGTH;
        }
        final int block = offset + HEADER_LENGTH;
        final int end = offset + length;
        if (blockLength > end - block) {
            return TOO_SHORT;
        }
        final int fields = checkFields(in, block, layout);
        if (fields < 0) {
            return fields;
        }
        final int tail = checkGroups(in, block + blockLength, end, layout);
        if (tail < 0) {
            return tail;
        }
        final int last = checkTail(in, tail, end, layout.tail());
        if (last < 0) {
            return last;
        }
        if (last != end) {
            return TRAILING_BYTES;
        }
        final int values = checkValues(in, block, template);
        return values < 0 ? values : template;
    }

    /** One sentence for a fault of {@link #check}. */
    public static String describe(final int fault) {
        return switch (fault) {
            case TOO_SHORT -> "the message is shorter than its fields say";
            case WRONG_SCHEMA -> "the schema id is not 1 (chevet.vitals.v1)";
            case UNKNOWN_TEMPLATE -> "no message has this template id";
            case WRONG_BLOCK_LENGTH -> "the fixed block is shorter than this version has it";
            case TRAILING_BYTES -> "bytes are left after the end of the message";
            case UNKNOWN_ENUM_VALUE -> "an enumerated field holds a value that has no meaning";
            case INDEX_OUT_OF_RANGE -> "a sequence or sample index is above 2^53 - 1";
            case BAD_TEXT -> "a text is too long, empty, not UTF-8 or holds control characters";
            case BAD_GROUP_COUNT -> "a stream has 1 to 64 channels";
            case BAD_VALUE -> "a number is outside its range";
            default -> "fault " + fault;
        };
    }

    private static int checkFields(final DirectBuffer in, final int block, final MessageLayout layout) {
        for (final MessageLayout.EnumField field : layout.enums()) {
            final int value = in.getByte(block + field.offset()) & 0xFF;
            if (value < field.min() || value > field.max()) {
                return UNKNOWN_ENUM_VALUE;
            }
        }
        for (final MessageLayout.IndexField field : layout.indexes()) {
            final long value = in.getLong(block + field.offset(), LITTLE_ENDIAN);
            if ((value < 0 || value > MAX_INDEX) && !(field.optional() && value == NO_INDEX)) {
                return INDEX_OUT_OF_RANGE;
            }
        }
        return 0;
    }

    private static int checkGroups(final DirectBuffer in, final int from, final int end, final MessageLayout layout) {
        if (layout.groupBlockLength() == 0) {
            return from;
        }
        if (end - from < 2 * Short.BYTES) {
            return TOO_SHORT;
        }
        final int entryLength = u16(in, from);
        final int count = u16(in, from + Short.BYTES);
        if (entryLength < layout.groupBlockLength()) {
            return WRONG_BLOCK_LENGTH;
        }
        if (count < 1 || count > MAX_CHANNELS) {
            return BAD_GROUP_COUNT;
        }
        int position = from + 2 * Short.BYTES;
        for (int i = 0; i < count; i++) {
            if (entryLength > end - position) {
                return TOO_SHORT;
            }
            position = checkTail(in, position + entryLength, end, layout.groupTail());
            if (position < 0) {
                return position;
            }
        }
        return position;
    }

    /** Returns the position after the variable data, or a fault. */
    private static int checkTail(final DirectBuffer in, final int from, final int end,
        final MessageLayout.VarField... fields) {
        int position = from;
        for (final MessageLayout.VarField field : fields) {
            final int header = field.text() ? Short.BYTES : Integer.BYTES;
            if (end - position < header) {
                return TOO_SHORT;
            }
            final int length = field.text() ? u16(in, position) : in.getInt(position, LITTLE_ENDIAN);
            position += header;
            if (length < 0 || length > end - position) {
                return TOO_SHORT;
            }
            if (length < field.min() || length > field.max()) {
                return field.text() ? BAD_TEXT : BAD_VALUE;
            }
            if (field.text() && !Utf8.isPlainText(in, position, length)) {
                return BAD_TEXT;
            }
            position += length;
        }
        return position;
    }

    private static int checkValues(final DirectBuffer in, final int block, final int template) {
        return switch (template) {
            case OpenStreamDecoder.TEMPLATE_ID -> checkRateAndScale(in,
                block + OpenStreamDecoder.rateNumeratorEncodingOffset(),
                block + OpenStreamDecoder.rateDenominatorEncodingOffset(),
                block + OpenStreamDecoder.scaleEncodingOffset(),
                block + OpenStreamDecoder.zeroOffsetEncodingOffset());
            case StreamAnnouncedDecoder.TEMPLATE_ID -> checkRateAndScale(in,
                block + StreamAnnouncedDecoder.rateNumeratorEncodingOffset(),
                block + StreamAnnouncedDecoder.rateDenominatorEncodingOffset(),
                block + StreamAnnouncedDecoder.scaleEncodingOffset(),
                block + StreamAnnouncedDecoder.zeroOffsetEncodingOffset());
            case BlockDecoder.TEMPLATE_ID, LastValueDecoder.TEMPLATE_ID -> checkBlock(in, block);
            case AlertDecoder.TEMPLATE_ID -> checkAlert(in, block);
            case ClockEstimateDecoder.TEMPLATE_ID ->
                in.getLong(block + ClockEstimateDecoder.uncertaintyNsEncodingOffset(), LITTLE_ENDIAN) < 0
                    ? BAD_VALUE : 0;
            case PublisherClockDecoder.TEMPLATE_ID ->
                in.getLong(block + PublisherClockDecoder.uncertaintyNsEncodingOffset(), LITTLE_ENDIAN) < 0
                    ? BAD_VALUE : 0;
            default -> 0;
        };
    }

    private static int checkRateAndScale(final DirectBuffer in, final int numeratorAt, final int denominatorAt,
        final int scaleAt, final int zeroOffsetAt) {
        final long numerator = in.getLong(numeratorAt, LITTLE_ENDIAN);
        final long denominator = in.getInt(denominatorAt, LITTLE_ENDIAN) & 0xFFFF_FFFFL;
        final double scale = in.getDouble(scaleAt, LITTLE_ENDIAN);
        final double zeroOffset = in.getDouble(zeroOffsetAt, LITTLE_ENDIAN);
        final boolean good = denominator > 0 && numerator >= 0 && numerator <= MAX_INDEX
            && numerator / denominator <= MAX_RATE_HZ
            && Double.isFinite(scale) && scale != 0 && Double.isFinite(zeroOffset);
        return good ? 0 : BAD_VALUE;
    }

    /** Both messages have the same layout; MISSING (bit 0) goes with an empty payload. */
    private static int checkBlock(final DirectBuffer in, final int block) {
        final int samples = in.getInt(block + BlockDecoder.sampleCountEncodingOffset(), LITTLE_ENDIAN);
        final long first = in.getLong(block + BlockDecoder.firstSampleEncodingOffset(), LITTLE_ENDIAN);
        return samples < 1 || samples > MAX_SAMPLES || first > MAX_INDEX - samples ? BAD_VALUE : 0;
    }

    private static int checkAlert(final DirectBuffer in, final int block) {
        final int ttlMs = in.getInt(block + AlertDecoder.ttlMsEncodingOffset(), LITTLE_ENDIAN);
        return ttlMs < 1 || ttlMs > MAX_ALERT_TTL_MS ? BAD_VALUE : checkBlock(in, block);
    }

    private static int u16(final DirectBuffer in, final int index) {
        return in.getShort(index, LITTLE_ENDIAN) & 0xFFFF;
    }
}
