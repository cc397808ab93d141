/** The demo: a simulated site with real recordings, and a practitioner without a screen that checks what arrives. */
@NullMarked
package org.chevet.ops.demo;

import org.jspecify.annotations.NullMarked;
