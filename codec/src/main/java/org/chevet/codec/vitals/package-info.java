/** The vitals protocol (chevet.vitals.v1): checks before the generated decoders, and the codes it speaks in. */
@NullMarked
package org.chevet.codec.vitals;

import org.jspecify.annotations.NullMarked;
