/**
 * Files and resources made of subscribed streams at an endpoint that holds the keys: EDF+, WAV and FHIR Observations.
 * The relay never uses this package, and HAPI FHIR, which two of its classes need, is an optional dependency.
 */
@NullMarked
package org.chevet.relay.client.export;

import org.jspecify.annotations.NullMarked;
