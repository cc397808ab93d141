/** Clients that are not ours against a real relay: each as a process of its own, driven from its standard input. */
@NullMarked
package org.chevet.ops.interop;

import org.jspecify.annotations.NullMarked;
