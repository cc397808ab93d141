/** JMH benchmarks of single pieces. */
@NullMarked
package org.chevet.bench.micro;

import org.jspecify.annotations.NullMarked;
