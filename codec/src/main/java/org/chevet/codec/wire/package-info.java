/** Big-endian reads, serial number arithmetic (RFC 1982), NTP time (RFC 5905) and transport addresses. */
@NullMarked
package org.chevet.codec.wire;

import org.jspecify.annotations.NullMarked;
