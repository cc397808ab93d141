/** End-to-end encryption of the client library: secrets, epochs, sealing and opening. relay-core/docs/e2ee.md. */
@NullMarked
package org.chevet.relay.client.e2ee;

import org.jspecify.annotations.NullMarked;
