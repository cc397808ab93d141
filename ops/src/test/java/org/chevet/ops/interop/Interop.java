package org.chevet.ops.interop;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a test shows of a client that is not ours, for the matrix of {@code ops/docs/interop.md}. Both values are
 * written as literals, because {@code InteropTable} reads them in the source.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Interop {
    /** Name of the client, a row. */
    String client();

    /** Names of the features, columns: see {@code InteropTable.FEATURES}. */
    String[] features();
}
