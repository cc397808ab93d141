package org.chevet.bench.load;

import org.chevet.bench.server.MediaServer;

/**
 * What a load is put on.
 *
 * @param server how to speak to it
 * @param pid its process, 0 when it is not known
 */
record Target(MediaServer server, long pid) {
}
