package org.chevet.bench.server;

/** A server that forwards media, seen by clients that join rooms. Safe on any thread; every call blocks. */
public interface MediaServer {
    /** Name in tables. */
    String name();

    /** Makes a room, once per room, before anyone joins it. */
    void open(String room) throws ServerException, InterruptedException;

    /** Ends a room. */
    void close(String room) throws ServerException, InterruptedException;

    /** Prepares what a participant needs before the clock runs: a token. May be called again. */
    void prepare(String room, String participant) throws ServerException, InterruptedException;

    /** Joins as a publisher. */
    Agreement publish(String room, String participant, LocalEnd local) throws ServerException, InterruptedException;

    /**
     * Joins as a subscriber.
     *
     * @param from participant whose streams are wanted; it has joined as a publisher before, unless the server's
     *     {@link #takesEarlySubscribers} says that this need not be
     */
    Agreement subscribe(String room, String participant, String from, LocalEnd local)
        throws ServerException, InterruptedException;

    /** True when somebody may subscribe to a participant who has not joined yet. */
    boolean takesEarlySubscribers();
}
