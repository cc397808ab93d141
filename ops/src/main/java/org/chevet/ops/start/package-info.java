/** First class of the server: compiled for old Java, so that a JDK that is too old gets a sentence. */
@NullMarked
package org.chevet.ops.start;

import org.jspecify.annotations.NullMarked;
