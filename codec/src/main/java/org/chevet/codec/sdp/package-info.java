/** Session descriptions (RFC 8866, RFC 8829) as immutable records: parse, typed access, write. */
@NullMarked
package org.chevet.codec.sdp;

import org.jspecify.annotations.NullMarked;
