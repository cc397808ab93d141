/** STUN messages (RFC 8489) with the attributes of ICE (RFC 8445): reading, checking, writing. */
@NullMarked
package org.chevet.codec.stun;

import org.jspecify.annotations.NullMarked;
