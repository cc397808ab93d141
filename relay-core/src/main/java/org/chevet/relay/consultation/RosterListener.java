package org.chevet.relay.consultation;

/** Hears every change of the roster, on the lane's thread, before the call that made it returns. */
public interface RosterListener {
    /** Somebody is here now; nothing has been forwarded to them yet. */
    void joined(RosterParticipant participant);

    /** Name or connections of somebody changed. */
    void changed(RosterParticipant participant);

    /** Somebody's last connection is gone. */
    void left(RosterParticipant participant);
}
