/** UDP sockets of many clients on one thread: batched system calls and kernel stamps on Linux, NIO elsewhere. */
@NullMarked
package org.chevet.bench.socket;

import org.jspecify.annotations.NullMarked;
