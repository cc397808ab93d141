package org.chevet.relay.bwe;

/** What the one-way delay says of the queue in front of the link (draft-ietf-rmcat-gcc-02 section 5.4). */
enum LinkUse {
    /** The queue stays as it is. */
    NORMAL,
    /** The queue grows. */
    OVERUSE,
    /** The queue drains. */
    UNDERUSE
}
