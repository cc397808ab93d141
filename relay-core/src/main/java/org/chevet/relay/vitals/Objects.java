package org.chevet.relay.vitals;

import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.CreditEncoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Streams of kind OBJECT: one file each, whole at its publisher, never whole here. The relay asks the publisher for the
 * chunks that receivers have given credit for, from wherever they are: it passes a receiver's credit on, and moves
 * to another place of the file (StreamOpened again) when those who wait are all elsewhere. One thread.
 */
final class Objects {
    /** Bytes of chunks kept of one file. */
    static final int RING_BYTES = 1 << 20;

    private final VitalsHub hub;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CreditEncoder credit = new CreditEncoder();

    Objects(final VitalsHub hub) {
        this.hub = hub;
    }

    /** Why a stream cannot be opened, or null. */
    static @Nullable String faultOf(final StreamDefinition definition, final long oldestSequence) {
        if (definition.kind() != Kind.OBJECT) {
            return null;
        }
        if (definition.clinicalClass() != ClinicalClass.BACKGROUND || definition.isPeriodic()) {
            return "a stream of kind OBJECT is aperiodic and of class BACKGROUND";
        }
        return oldestSequence == 0 ? null : "the publisher of an object holds all of it: oldestSequence is 0";
    }

    static boolean isObject(final VitalsStream stream) {
        return stream.definition.kind() == Kind.OBJECT;
    }

    /** Something about who wants what may have changed: tells the publisher how far to send, and from where. */
    void changed(final VitalsStream stream) {
        final View publisher = stream.publisher;
        if (publisher != null && isObject(stream)) {
            steer(stream, publisher);
        }
    }

    private void steer(final VitalsStream stream, final View publisher) {
        final long oldest = stream.oldestSequence();
        long limit = stream.nextSequence;
        long lowest = Long.MAX_VALUE;
        boolean someoneHere = false;
        for (int i = 0; i < stream.views.size(); i++) {
            final View view = stream.views.get(i);
            final boolean waits = view.subscribed && view.cursor < view.creditLimit
                && view.cursor < stream.objectBlocks;
            if (waits && view.cursor >= oldest && view.cursor <= stream.nextSequence) {
                someoneHere = true;
                limit = Math.max(limit, view.creditLimit);
            } else if (waits) {
                lowest = Math.min(lowest, view.cursor);
            }
        }
        if (!someoneHere && lowest != Long.MAX_VALUE) {
            stream.seek(lowest);
            publisher.want(View.OPENED);
            steer(stream, publisher);
            return;
        }
        final long granted = Math.min(limit, stream.objectBlocks);
        if (granted != stream.grantedBelow || stream.nextSequence != stream.creditedAt) {
            stream.grantedBelow = granted;
            stream.creditedAt = stream.nextSequence;
            publisher.want(View.CREDIT);
            hub.dirty(publisher.connection);
        }
    }

    /** Writes what the publisher may send. */
    int credit(final VitalsStream stream, final MutableDirectBuffer out, final int offset) {
        credit.wrapAndApplyHeader(out, offset, header).receivedBelow(stream.nextSequence).streamId(stream.id)
            .credit(Math.max(0, stream.grantedBelow - stream.nextSequence));
        return VitalsReader.HEADER_LENGTH + credit.encodedLength();
    }
}
