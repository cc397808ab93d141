package org.chevet.bench.load;

/**
 * Who is connected to whom, and what they send.
 *
 * @param name of the scenario
 * @param rooms consultations
 * @param sites publishers in each
 * @param subscribers in each, of whom each receives every site by a connection per site
 * @param twoWay true when sites receive each other too
 * @param shape what each site sends
 */
record Plan(String name, int rooms, int sites, int subscribers, boolean twoWay, MediaShape shape) {
    private static final int MOST_CONNECTIONS = 20_000;

    Plan {
        if (rooms < 1 || sites < 1 || subscribers < 0 || connections(rooms, sites, subscribers, twoWay)
            > MOST_CONNECTIONS) {
            throw new IllegalArgumentException("at least one consultation with one site, and at most "
                + MOST_CONNECTIONS + " connections");
        }
    }

    /** One site, one who receives. */
    static Plan call() {
        return new Plan("call", 1, 1, 1, false, MediaShape.call());
    }

    /** Calls of two who send and receive; 20 of them are about 9000 packets a second. */
    static Plan calls(final int calls) {
        return new Plan("calls" + calls, calls, 2, 0, true, MediaShape.call());
    }

    /** One site, many who receive. */
    static Plan fanout(final int subscribers) {
        return new Plan("fanout" + subscribers, 1, 1, subscribers, false, MediaShape.call());
    }

    /** Rooms of one site and ten who receive. */
    static Plan rooms(final int rooms) {
        return new Plan("rooms" + rooms + "x10", rooms, 1, 10, false, MediaShape.call());
    }

    Plan withShape(final MediaShape newShape) {
        return new Plan(name, rooms, sites, subscribers, twoWay, newShape);
    }

    /** Connections that publish. */
    int publishers() {
        return rooms * sites;
    }

    /** Connections that receive. */
    int receivers() {
        return rooms * (sites * subscribers + (twoWay ? sites * (sites - 1) : 0));
    }

    /** All connections. */
    int connections() {
        return publishers() + receivers();
    }

    /** Packets a second the server should forward, about. */
    double forwardedPerSecond() {
        return receivers() * shape.forwardedPerSecond();
    }

    private static long connections(final long rooms, final long sites, final long subscribers,
        final boolean twoWay) {
        return rooms * sites * (1 + subscribers + (twoWay ? sites - 1 : 0));
    }
}
