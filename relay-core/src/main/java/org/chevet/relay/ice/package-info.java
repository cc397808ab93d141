/** ICE-lite agent (RFC 8445) and consent freshness (RFC 7675). */
@NullMarked
package org.chevet.relay.ice;

import org.jspecify.annotations.NullMarked;
