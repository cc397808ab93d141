/** Java client library for gateways, tests and the demo site. */
@NullMarked
package org.chevet.relay.client;

import org.jspecify.annotations.NullMarked;
