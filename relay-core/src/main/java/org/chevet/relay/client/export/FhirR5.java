package org.chevet.relay.client.export;

import ca.uhn.fhir.model.api.TemporalPrecisionEnum;
import java.math.BigDecimal;
import java.util.Date;
import java.util.TimeZone;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsBlock;
import org.hl7.fhir.r5.model.CodeableConcept;
import org.hl7.fhir.r5.model.DataType;
import org.hl7.fhir.r5.model.DateTimeType;
import org.hl7.fhir.r5.model.Enumerations.ObservationStatus;
import org.hl7.fhir.r5.model.Observation;
import org.hl7.fhir.r5.model.Quantity;
import org.hl7.fhir.r5.model.Reference;
import org.hl7.fhir.r5.model.SampledData;
import org.jspecify.annotations.Nullable;

/**
 * Observations of FHIR R5 (hl7.org/fhir/R5/observation.html). Their status is "preliminary": no person has looked at
 * them. They name no patient; the caller sets the subject. Codes are MDC numbers, units UCUM. The limits are the range
 * of the sample format, in the raw numbers of the data: a device's own may be narrower. Needs HAPI FHIR's
 * structures-r5 on the class path.
 */
public final class FhirR5 {
    private FhirR5() {
    }

    /** One observation of a window: valueQuantity or SampledData, or a component of it per channel. */
    public static Observation observation(final SampledWindow window) {
        final StreamSpec spec = window.spec();
        final Observation observation = new Observation();
        observation.setStatus(ObservationStatus.PRELIMINARY);
        if (window.start() != null) {
            observation.setEffective(new DateTimeType(Date.from(window.start()),
                TemporalPrecisionEnum.MILLI, TimeZone.getTimeZone("UTC")));
        }
        if (!spec.device().isEmpty()) {
            observation.setDevice(new Reference().setDisplay(spec.device()));
        }
        FhirTerms.notes(window.flags()).forEach(note -> observation.addNote().setText(note));
        if ((window.flags() & VitalsBlock.CALIBRATION) != 0) {
            observation.getMeta().addSecurity().setSystem(FhirTerms.ACT_REASON).setCode(FhirTerms.TEST_DATA);
        }
        if (spec.channels().size() == 1) {
            final StreamSpec.Channel channel = spec.channels().getFirst();
            observation.setCode(code(channel.mdc() == 0 ? spec.mdcCode() : channel.mdc(), channel.label()));
            final DataType value = value(window, 0);
            if (value == null) {
                observation.setDataAbsentReason(absent());
            } else {
                observation.setValue(value);
            }
            return observation;
        }
        observation.setCode(code(spec.mdcCode(), spec.label()));
        for (int i = 0; i < spec.channels().size(); i++) {
            final Observation.ObservationComponentComponent component = observation.addComponent();
            component.setCode(code(spec.channels().get(i).mdc(), spec.channels().get(i).label()));
            final DataType value = value(window, i);
            if (value == null) {
                component.setDataAbsentReason(absent());
            } else {
                component.setValue(value);
            }
        }
        return observation;
    }

    private static @Nullable DataType value(final SampledWindow window, final int channel) {
        final StreamSpec spec = window.spec();
        final String unit = spec.channels().get(channel).unit();
        if (spec.kind() == Kind.NUMERIC || spec.rateNumerator() == 0) {
            final BigDecimal physical = window.physical(channel);
            return physical == null ? null : quantity(physical, unit);
        }
        return new SampledData().setOrigin(quantity(BigDecimal.valueOf(spec.zeroOffset()), unit))
            .setFactor(BigDecimal.valueOf(spec.scale()))
            .setLowerLimit(window.lowerLimit()).setUpperLimit(window.upperLimit()).setInterval(window.periodMs())
            .setIntervalUnit("ms").setDimensions(1).setData(window.data().get(channel));
    }

    private static Quantity quantity(final BigDecimal value, final String unit) {
        return new Quantity().setValue(value).setUnit(unit).setSystem(FhirTerms.UCUM).setCode(unit);
    }

    private static CodeableConcept code(final int mdc, final String label) {
        final CodeableConcept concept = new CodeableConcept().setText(label);
        if (FhirTerms.isStandard(mdc)) {
            concept.addCoding().setSystem(FhirTerms.MDC).setCode(Integer.toUnsignedString(mdc));
        }
        return concept;
    }

    private static CodeableConcept absent() {
        final CodeableConcept concept = new CodeableConcept();
        concept.addCoding().setSystem(FhirTerms.ABSENT_REASON).setCode("unknown");
        return concept;
    }
}
