package org.chevet.relay.vitals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.jspecify.annotations.Nullable;

/** One connection of a hub: who it is, what it must still be told, its views of the streams. One thread. */
final class Connection {
    /** Refusals that may wait for a slow connection; one more ends it. */
    private static final int MAX_REFUSALS = 32;
    /** Clock exchanges that may wait for a slow connection; more are dropped. */
    private static final int MAX_CLOCK_EXCHANGES = 16;
    /** Clinical classes are 1 to 5; the first is served first. */
    private static final int CLASSES = 5;
    private static final int FIRST_READY = 16;
    /** Streams a connection has been told of, closed ones it was not told of yet included. */
    static final int MAX_VIEWS = 512;

    /** A refusal on its way to the client. */
    record Refused(ErrorCode code, boolean fatal, int template, long reference, long expected, String text) {
    }

    /** A clock request on its way back. */
    record ClockExchange(long clientSendNs, long relayReceiveNs, long exchange) {
    }

    final int number;
    final String participant;
    VitalsRights rights;
    final List<View> views = new ArrayList<>();
    private final ArrayDeque<Refused> refusals = new ArrayDeque<>();
    private final ArrayDeque<ClockExchange> clockExchanges = new ArrayDeque<>();
    boolean greeted;
    boolean welcomePending;
    boolean heartbeatPending;
    /** Some view wants something; may be true when none does. */
    boolean controlPending;
    /** Subscriptions that may have a block or a gap, by clinical class; each at most once, taking turns. */
    private final List<ArrayDeque<View>> ready = new ArrayList<>();
    private int readyCount;
    /** It is in the hub's queue of dirty connections. */
    boolean queued;
    long instance;
    int version;
    long lastReceivedNs;
    long lastSentNs;
    int closeCode;
    String closeReason = "";
    private long windowStartNs;
    private int windowMessages;
    private long windowBytes;

    Connection(final int number, final String participant, final VitalsRights rights, final long nowNs) {
        this.number = number;
        this.participant = participant;
        this.rights = rights;
        lastReceivedNs = nowNs;
        lastSentNs = nowNs;
        windowStartNs = nowNs;
        for (int i = 0; i < CLASSES; i++) {
            ready.add(new ArrayDeque<>(FIRST_READY));
        }
    }

    /** A subscription may have something to deliver. */
    void ready(final View view) {
        if (!view.ready) {
            view.ready = true;
            readyCount++;
            ready.get(view.stream.definition.clinicalClass().value() - 1).add(view);
        }
    }

    /** Takes the subscription whose turn it is; null when none may have anything. */
    @Nullable View nextReady() {
        for (int i = 0; readyCount > 0 && i < CLASSES; i++) {
            final View view = ready.get(i).poll();
            if (view != null) {
                view.ready = false;
                readyCount--;
                return view;
            }
        }
        return null;
    }

    /** Queues a refusal; a fatal one closes the connection once it is sent. */
    void refuse(final ErrorCode code, final boolean fatal, final int template, final long reference,
        final long expected, final String text) {
        if (closeCode != 0) {
            return;
        }
        if (fatal || refusals.size() >= MAX_REFUSALS) {
            final ErrorCode last = fatal ? code : ErrorCode.LIMIT_REACHED;
            final String why = fatal ? text : "too many refused messages that were not read";
            refusals.add(new Refused(last, true, template, reference, expected, why));
            closeCode = VitalsCloseCode.of(last);
            closeReason = why;
            return;
        }
        refusals.add(new Refused(code, false, template, reference, expected, text));
    }

    @Nullable Refused nextRefusal() {
        return refusals.poll();
    }

    /** Queues the answer to a clock request; false when too many wait. */
    boolean addClockExchange(final ClockExchange exchange) {
        return clockExchanges.size() < MAX_CLOCK_EXCHANGES && clockExchanges.add(exchange);
    }

    @Nullable ClockExchange nextClockExchange() {
        return clockExchanges.poll();
    }

    boolean hasTransmit() {
        return welcomePending || heartbeatPending || controlPending || readyCount > 0 || !refusals.isEmpty()
            || !clockExchanges.isEmpty();
    }

    /** The connection is to be closed: nothing more is sent. */
    void forgetTransmit() {
        heartbeatPending = false;
        controlPending = false;
        while (nextReady() != null) {
            // What is not delivered stays in the ring.
        }
        clockExchanges.clear();
    }

    /** Counts a message into the window of a second; false when that is more than the bounds. */
    boolean countReceived(final int length, final long nowNs, final long windowNs, final int maxMessages,
        final long maxBytes) {
        if (nowNs - windowStartNs >= windowNs) {
            windowStartNs = nowNs;
            windowMessages = 0;
            windowBytes = 0;
        }
        windowMessages++;
        windowBytes += length;
        return windowMessages <= maxMessages && windowBytes <= maxBytes;
    }

    @Nullable View viewOf(final long streamId) {
        for (int i = 0; i < views.size(); i++) {
            final View view = views.get(i);
            if (view.stream.id == streamId && view.closing == null) {
                return view;
            }
        }
        return null;
    }

    boolean publishes() {
        for (int i = 0; i < views.size(); i++) {
            if (views.get(i).publishing) {
                return true;
            }
        }
        return false;
    }
}
