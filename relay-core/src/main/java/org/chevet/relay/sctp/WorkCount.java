package org.chevet.relay.sctp;

/** Steps of walks over what a peer makes us hold, since the start of a packet. One thread. */
final class WorkCount {
    private int steps;

    void restart() {
        steps = 0;
    }

    void add(final int count) {
        steps += count;
    }

    int steps() {
        return steps;
    }
}
