/** Signed tokens (RFC 7519) to and from claims: the only user of the JOSE library. */
@NullMarked
package org.chevet.relay.token;

import org.jspecify.annotations.NullMarked;
