package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the class path from which the distribution is copied has, and has not. */
class DistributionTest {
    /** Clinical formats are made where the keys are: HAPI FHIR is an optional dependency of the client only. */
    @Test
    @Tag("REQ-O23")
    void relayCarriesNoFhir() {
        final ClassLoader loader = DistributionTest.class.getClassLoader();
        assertNotNull(loader.getResource("org/chevet/relay/client/export/FhirR4.class"), "the client library is there");
        for (final String absent : new String[] {"ca/uhn/fhir/context/FhirContext.class",
            "org/hl7/fhir/r4/model/Observation.class", "org/hl7/fhir/r5/model/Observation.class"}) {
            assertNull(loader.getResource(absent), absent);
        }
    }
}
