/** The way of a packet through a lane, measured against a floor of the same system calls and ciphers. */
@NullMarked
package org.chevet.bench.path;

import org.jspecify.annotations.NullMarked;
