package org.chevet.bench.load;

import org.chevet.bench.mark.Ledger;

/** One stream at one receiver. Loop thread only. */
final class Subscription {
    private static final int SAMPLED = 16;

    private final Source source;
    private final Ledger ledger = new Ledger();
    private int ssrc;
    private int turn;
    private boolean known;
    private int highestRtp;

    Subscription(final Source source) {
        this.source = source;
        if (source.isLayered()) {
            ledger.beginWithFirst();
        } else {
            ledger.begin(source.sequence());
        }
    }

    /** True for a simulcast layer: the server chooses which of them comes, and when. */
    boolean isChoice() {
        return source.isLayered();
    }

    void beginWindow() {
        if (isChoice()) {
            ledger.beginWithFirst();
        } else {
            ledger.begin(source.windowFirst());
        }
    }

    void endWindow() {
        if (!isChoice()) {
            ledger.end(source.sequence());
        }
    }

    Source source() {
        return source;
    }

    Ledger ledger() {
        return ledger;
    }

    /** SSRC it comes under, once {@link #isKnown}. */
    int ssrc() {
        return ssrc;
    }

    /** True once a packet was opened and told its SSRC. */
    boolean isKnown() {
        return known;
    }

    /** Last RTP sequence number, for reports. */
    int highestRtp() {
        return highestRtp;
    }

    /** What an opened packet says of its neighbours. */
    void opened(final int newSsrc, final int rtpSequence, final long sequence) {
        ssrc = newSsrc;
        known = true;
        highestRtp = rtpSequence;
        ledger.pair(rtpSequence, sequence);
    }

    /** True for packets that are opened when only a sample is. */
    boolean isSampled() {
        turn++;
        return turn % SAMPLED == 0;
    }
}
