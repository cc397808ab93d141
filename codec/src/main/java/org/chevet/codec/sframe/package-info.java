/** SFrame (RFC 9605): header, key schedule and the AES-GCM suites, on byte arrays. */
@NullMarked
package org.chevet.codec.sframe;

import org.jspecify.annotations.NullMarked;
