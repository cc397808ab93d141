package org.chevet.codec.vitals;

import java.util.List;
import org.chevet.codec.vitals.sbe.AckDecoder;
import org.chevet.codec.vitals.sbe.AlertAckDecoder;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.AlertEscalationDecoder;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.ClockEstimateDecoder;
import org.chevet.codec.vitals.sbe.ClockRequestDecoder;
import org.chevet.codec.vitals.sbe.ClockResponseDecoder;
import org.chevet.codec.vitals.sbe.CreditDecoder;
import org.chevet.codec.vitals.sbe.ErrorDecoder;
import org.chevet.codec.vitals.sbe.GapDecoder;
import org.chevet.codec.vitals.sbe.HeartbeatDecoder;
import org.chevet.codec.vitals.sbe.HelloDecoder;
import org.chevet.codec.vitals.sbe.LastValueDecoder;
import org.chevet.codec.vitals.sbe.OpenStreamDecoder;
import org.chevet.codec.vitals.sbe.PublisherClockDecoder;
import org.chevet.codec.vitals.sbe.StreamAnnouncedDecoder;
import org.chevet.codec.vitals.sbe.StreamClosedDecoder;
import org.chevet.codec.vitals.sbe.StreamOpenedDecoder;
import org.chevet.codec.vitals.sbe.StreamStateDecoder;
import org.chevet.codec.vitals.sbe.SubscribeDecoder;
import org.chevet.codec.vitals.sbe.SubscribedDecoder;
import org.chevet.codec.vitals.sbe.UnsubscribeDecoder;
import org.chevet.codec.vitals.sbe.WelcomeDecoder;
import org.jspecify.annotations.Nullable;

/**
 * What {@link VitalsReader} must check in each message, as a table. Offsets and lengths come from the generated
 * decoders, so that the schema stays the only place that knows them.
 */
final class MessageLayout {

    /** One-byte field with the values min to max. */
    record EnumField(int offset, int min, int max) {
    }

    /** Eight-byte sequence or sample index; optional ones may be all ones. */
    record IndexField(int offset, boolean optional) {
    }

    /** Variable data: text with a two-byte length, or bytes with a four-byte length. */
    record VarField(boolean text, int min, int max) {
    }

    private static final int TEMPLATES = 25;
    private static final int KINDS = 6;
    private static final int CLASSES = 5;
    private static final int FORMATS = 7;
    private static final int STATUSES = 4;
    private static final int CLOSE_REASONS = 4;
    private static final int GAP_REASONS = 3;
    private static final int ERROR_CODES = 13;
    private static final int STARTS = 3;
    private static final int ALERT_PRIORITIES = 3;
    private static final int ALERT_PHASES = 4;
    private static final int ALERT_ACK_STATES = 3;
    private static final @Nullable MessageLayout[] TABLE = table();

    private final int blockLength;
    private final EnumField[] enums;
    private final IndexField[] indexes;
    private final int groupBlockLength;
    private final VarField[] groupTail;
    private final VarField[] tail;

    private MessageLayout(final int blockLength, final EnumField[] enums, final IndexField[] indexes,
        final int groupBlockLength, final VarField[] groupTail, final VarField[] tail) {
        this.blockLength = blockLength;
        this.enums = enums;
        this.indexes = indexes;
        this.groupBlockLength = groupBlockLength;
        this.groupTail = groupTail;
        this.tail = tail;
    }

    /** Bytes of the fixed block in this version. */
    int blockLength() {
        return blockLength;
    }

    /** Not copied: do not change. */
    EnumField[] enums() {
        return enums;
    }

    /** Not copied: do not change. */
    IndexField[] indexes() {
        return indexes;
    }

    /** Bytes of the fixed part of a group entry, 0 when there is no group. */
    int groupBlockLength() {
        return groupBlockLength;
    }

    /** Variable data of a group entry. Not copied: do not change. */
    VarField[] groupTail() {
        return groupTail;
    }

    /** Variable data of the message. Not copied: do not change. */
    VarField[] tail() {
        return tail;
    }

    /** The layout of a message, or null when there is none with this id. */
    static @Nullable MessageLayout of(final int template) {
        return template < TABLE.length ? TABLE[template] : null;
    }

    private static @Nullable MessageLayout[] table() {
        final VarField[] channel = {text(0, VitalsReader.MAX_LABEL), text(0, VitalsReader.MAX_UNIT)};
        final VarField name = text(1, VitalsReader.MAX_NAME);
        final VarField label = text(0, VitalsReader.MAX_LABEL);
        final VarField device = text(0, VitalsReader.MAX_DEVICE);
        final VarField participant = text(1, VitalsReader.MAX_PARTICIPANT);
        final VarField payload = new VarField(false, 0, VitalsReader.MAX_PAYLOAD);
        final @Nullable MessageLayout[] table = new @Nullable MessageLayout[TEMPLATES];
        table[HelloDecoder.TEMPLATE_ID] = flat(HelloDecoder.BLOCK_LENGTH, List.of(), List.of(), label);
        table[WelcomeDecoder.TEMPLATE_ID] = flat(WelcomeDecoder.BLOCK_LENGTH, List.of(), List.of(), participant);
        table[OpenStreamDecoder.TEMPLATE_ID] = new MessageLayout(OpenStreamDecoder.BLOCK_LENGTH,
            new EnumField[] {
                value(OpenStreamDecoder.kindEncodingOffset(), KINDS),
                value(OpenStreamDecoder.clinicalClassEncodingOffset(), CLASSES),
                value(OpenStreamDecoder.sampleFormatEncodingOffset(), FORMATS),
                yesNo(OpenStreamDecoder.hasMissingValueEncodingOffset()),
                value(OpenStreamDecoder.ackModeEncodingOffset(), 2)},
            new IndexField[] {
                index(OpenStreamDecoder.oldestSequenceEncodingOffset()),
                index(OpenStreamDecoder.nextSequenceEncodingOffset())},
            OpenStreamDecoder.ChannelsDecoder.sbeBlockLength(), channel, new VarField[] {name, label, device});
        table[StreamAnnouncedDecoder.TEMPLATE_ID] = new MessageLayout(StreamAnnouncedDecoder.BLOCK_LENGTH,
            new EnumField[] {
                value(StreamAnnouncedDecoder.kindEncodingOffset(), KINDS),
                value(StreamAnnouncedDecoder.clinicalClassEncodingOffset(), CLASSES),
                value(StreamAnnouncedDecoder.sampleFormatEncodingOffset(), FORMATS),
                yesNo(StreamAnnouncedDecoder.hasMissingValueEncodingOffset()),
                value(StreamAnnouncedDecoder.statusEncodingOffset(), STATUSES)},
            new IndexField[] {
                index(StreamAnnouncedDecoder.oldestSequenceEncodingOffset()),
                index(StreamAnnouncedDecoder.nextSequenceEncodingOffset())},
            StreamAnnouncedDecoder.ChannelsDecoder.sbeBlockLength(), channel,
            new VarField[] {participant, name, label, device});
        table[StreamOpenedDecoder.TEMPLATE_ID] = flat(StreamOpenedDecoder.BLOCK_LENGTH, List.of(), List.of(
            index(StreamOpenedDecoder.nextSequenceEncodingOffset()),
            optional(StreamOpenedDecoder.nextSampleEncodingOffset())));
        table[StreamStateDecoder.TEMPLATE_ID] = flat(StreamStateDecoder.BLOCK_LENGTH,
            List.of(value(StreamStateDecoder.statusEncodingOffset(), STATUSES)),
            List.of(index(StreamStateDecoder.nextSequenceEncodingOffset()),
                optional(StreamStateDecoder.nextSampleEncodingOffset())));
        table[StreamClosedDecoder.TEMPLATE_ID] = flat(StreamClosedDecoder.BLOCK_LENGTH,
            List.of(value(StreamClosedDecoder.reasonEncodingOffset(), CLOSE_REASONS)), List.of());
        table[BlockDecoder.TEMPLATE_ID] = flat(BlockDecoder.BLOCK_LENGTH, List.of(),
            List.of(index(BlockDecoder.sequenceEncodingOffset()), index(BlockDecoder.firstSampleEncodingOffset())),
            payload);
        table[LastValueDecoder.TEMPLATE_ID] = flat(LastValueDecoder.BLOCK_LENGTH, List.of(),
            List.of(index(LastValueDecoder.sequenceEncodingOffset()),
                index(LastValueDecoder.firstSampleEncodingOffset())), payload);
        table[AckDecoder.TEMPLATE_ID] = flat(AckDecoder.BLOCK_LENGTH, List.of(),
            List.of(index(AckDecoder.heldBelowEncodingOffset()), index(AckDecoder.deliveredBelowEncodingOffset())));
        table[SubscribeDecoder.TEMPLATE_ID] = flat(SubscribeDecoder.BLOCK_LENGTH,
            List.of(value(SubscribeDecoder.startEncodingOffset(), STARTS),
                yesNo(SubscribeDecoder.requiredEncodingOffset())), List.of());
        table[SubscribedDecoder.TEMPLATE_ID] = flat(SubscribedDecoder.BLOCK_LENGTH, List.of(),
            List.of(index(SubscribedDecoder.firstSequenceEncodingOffset())));
        table[UnsubscribeDecoder.TEMPLATE_ID] = flat(UnsubscribeDecoder.BLOCK_LENGTH, List.of(), List.of());
        table[CreditDecoder.TEMPLATE_ID] = flat(CreditDecoder.BLOCK_LENGTH, List.of(),
            List.of(index(CreditDecoder.receivedBelowEncodingOffset())));
        table[GapDecoder.TEMPLATE_ID] = flat(GapDecoder.BLOCK_LENGTH,
            List.of(value(GapDecoder.reasonEncodingOffset(), GAP_REASONS)),
            List.of(index(GapDecoder.fromSequenceEncodingOffset()), index(GapDecoder.toSequenceEncodingOffset()),
                optional(GapDecoder.fromSampleEncodingOffset()), optional(GapDecoder.toSampleEncodingOffset())));
        table[ClockRequestDecoder.TEMPLATE_ID] = flat(ClockRequestDecoder.BLOCK_LENGTH, List.of(), List.of());
        table[ClockResponseDecoder.TEMPLATE_ID] = flat(ClockResponseDecoder.BLOCK_LENGTH, List.of(), List.of());
        table[ClockEstimateDecoder.TEMPLATE_ID] = flat(ClockEstimateDecoder.BLOCK_LENGTH, List.of(), List.of());
        table[PublisherClockDecoder.TEMPLATE_ID] = flat(PublisherClockDecoder.BLOCK_LENGTH, List.of(), List.of(),
            participant);
        table[HeartbeatDecoder.TEMPLATE_ID] = flat(HeartbeatDecoder.BLOCK_LENGTH, List.of(), List.of());
        table[ErrorDecoder.TEMPLATE_ID] = flat(ErrorDecoder.BLOCK_LENGTH,
            List.of(value(ErrorDecoder.codeEncodingOffset(), ERROR_CODES),
                yesNo(ErrorDecoder.fatalEncodingOffset())),
            List.of(optional(ErrorDecoder.expectedEncodingOffset())), text(0, VitalsReader.MAX_ERROR_TEXT));
        table[AlertDecoder.TEMPLATE_ID] = flat(AlertDecoder.BLOCK_LENGTH,
            List.of(value(AlertDecoder.priorityEncodingOffset(), ALERT_PRIORITIES),
                value(AlertDecoder.phaseEncodingOffset(), ALERT_PHASES)),
            List.of(index(AlertDecoder.sequenceEncodingOffset()), index(AlertDecoder.firstSampleEncodingOffset()),
                index(AlertDecoder.alertIdEncodingOffset())), payload);
        table[AlertAckDecoder.TEMPLATE_ID] = flat(AlertAckDecoder.BLOCK_LENGTH,
            List.of(value(AlertAckDecoder.stateEncodingOffset(), ALERT_ACK_STATES)),
            List.of(index(AlertAckDecoder.alertIdEncodingOffset()), index(AlertAckDecoder.sequenceEncodingOffset())),
            text(0, VitalsReader.MAX_PARTICIPANT));
        table[AlertEscalationDecoder.TEMPLATE_ID] = flat(AlertEscalationDecoder.BLOCK_LENGTH,
            List.of(value(AlertEscalationDecoder.priorityEncodingOffset(), ALERT_PRIORITIES)),
            List.of(index(AlertEscalationDecoder.alertIdEncodingOffset()),
                index(AlertEscalationDecoder.sequenceEncodingOffset())));
        return table;
    }

    private static MessageLayout flat(final int blockLength, final List<EnumField> enums,
        final List<IndexField> indexes, final VarField... tail) {
        return new MessageLayout(blockLength, enums.toArray(EnumField[]::new), indexes.toArray(IndexField[]::new), 0,
            new VarField[0], tail);
    }

    private static VarField text(final int min, final int max) {
        return new VarField(true, min, max);
    }

    private static EnumField value(final int offset, final int max) {
        return new EnumField(offset, 1, max);
    }

    private static EnumField yesNo(final int offset) {
        return new EnumField(offset, 0, 1);
    }

    private static IndexField index(final int offset) {
        return new IndexField(offset, false);
    }

    private static IndexField optional(final int offset) {
        return new IndexField(offset, true);
    }
}
