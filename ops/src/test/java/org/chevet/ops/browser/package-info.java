/** A headless browser driven with the JDK alone, and the tests that need one. */
@NullMarked
package org.chevet.ops.browser;

import org.jspecify.annotations.NullMarked;
