package org.chevet.relay.route;

/**
 * Leaves out the frames of scalability layers that one subscriber is not to get, and never one that it needs.
 *
 * <p>Works on decode targets. A target can be left or entered at any frame as long as nothing of it was left out since
 * the last frame at which its decoding can start: a key frame, or one that is marked as a switch for it. So temporal
 * layers and full spatial scalability go down at once and up at the next marked frame, while a lower layer that was
 * not sent (L3T3_KEY) has to wait for a key frame ({@link #isStuck}). Plain values. Lane thread only.
 */
final class TargetFilter {
    private static final int ALL = LayerMarks.ALL;

    private int current = -1;
    private int wanted = -1;
    /** Bit n: the subscriber has all it needs to decode target n from here on. */
    private int intact = ALL;
    private boolean anyFrame;
    private int newestFrame;
    private boolean newestAdmitted;

    /** Another source, or the same one at a key frame after a stretch left out: all can be decoded from here. */
    void begin(final int target) {
        current = target;
        wanted = target;
        intact = ALL;
        anyFrame = false;
    }

    /** From the next possible frame on this target, -1 for everything. */
    void want(final int target) {
        wanted = target;
        current = current < 0 ? target : current;
    }

    /** The target being sent, -1 for everything. */
    int current() {
        return current;
    }

    /** The target to be sent as soon as possible, -1 for everything. */
    int wanted() {
        return wanted;
    }

    /** True when the wanted target cannot be entered without a key frame or a switch. */
    boolean isStuck() {
        return wanted != current && wanted >= 0 && (intact & (1 << wanted)) == 0;
    }

    /** True when the packet is to be sent. Packets of one frame are all sent or all left out. */
    boolean admits(final Packet packet) {
        final int present = packet.present();
        if (present == ALL || (wanted < 0 && current < 0)) {
            return true;
        }
        final int frame = packet.frame();
        if (anyFrame && frame == newestFrame) {
            return newestAdmitted;
        }
        if (anyFrame && frame - newestFrame < 0) {
            // A late frame that is left out is missing to those that came after it, like any other.
            intact &= isPart(present) ? ALL : ~present;
            return isPart(present);
        }
        anyFrame = true;
        newestFrame = frame;
        newestAdmitted = decide(present, packet.switched());
        return newestAdmitted;
    }

    private boolean decide(final int present, final int switched) {
        if (wanted != current && (((intact | switched) >>> Math.max(wanted, 0)) & 1) != 0) {
            current = wanted;
        }
        if (isPart(present)) {
            intact |= switched;
            return true;
        }
        intact &= ~present;
        return false;
    }

    private boolean isPart(final int present) {
        return current < 0 || ((present >>> current) & 1) != 0;
    }
}
