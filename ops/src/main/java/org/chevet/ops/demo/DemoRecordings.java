package org.chevet.ops.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.vitals.Mdc;
import org.chevet.codec.vitals.Ucum;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.IvfReader;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.WavFile;
import org.chevet.relay.client.WfdbRecord;

/** The recordings in this jar, see demo/ATTRIBUTION.md, and the numbers that a formula makes. */
final class DemoRecordings {
    /** Names of the streams: what a subscriber tells them apart by. */
    static final String ECG = "ecg-12";
    static final String MONITOR = "ecg-monitor";
    static final String HEART = "heart-sound";
    private static final String FOLDER = "/demo/";
    private static final String DEVICE = "Chevet demo, recorded";
    private static final String SIMULATED = "Chevet demo, simulated";
    /** The numbers repeat after this many seconds. */
    private static final int NUMBERS = 120;

    private DemoRecordings() {
    }

    /** ECGs and heart sound. */
    static List<Recording> waveforms() throws IOException {
        final List<Recording> all = new ArrayList<>();
        all.addAll(wfdb("HR06004", ECG, "ECG"));
        all.addAll(wfdb("mitdb100", MONITOR, "ECG monitor"));
        all.add(Recording.ofHeartSound(WavFile.parse(bytes("heart-murmur.wav")), HEART, "Aortic area", DEVICE));
        return all;
    }

    /** Oxygen saturation and pulse once a second, as a recording of their own so that they can be checked. */
    static Recording oximeter() {
        final short[] values = new short[2 * NUMBERS];
        for (int second = 0; second < NUMBERS; second++) {
            values[2 * second] = (short) (97 + Math.round(Math.sin(2 * Math.PI * second / NUMBERS)));
            values[2 * second + 1] = (short) (72 + Math.round(5 * Math.sin(2 * Math.PI * 3 * second / NUMBERS)));
        }
        return new Recording(StreamSpec.of("oximeter", Kind.NUMERIC, 1, 1, List.of(
                new StreamSpec.Channel(Mdc.SPO2, "SpO2", Ucum.PERCENT),
                new StreamSpec.Channel(Mdc.PULSE_RATE, "Pulse", Ucum.PER_MINUTE)))
            .withFormat(SampleFormat.I16LE, 1, 0).withDescription(Mdc.SPO2, 0, "Oximeter", SIMULATED)
            .withDelivery(5_000, AckMode.HELD), values);
    }

    /** Body temperature every five seconds, in tenths of a degree. */
    static Recording thermometer() {
        final short[] values = new short[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            values[i] = (short) (368 + Math.round(2 * Math.sin(2 * Math.PI * i / NUMBERS)));
        }
        return new Recording(StreamSpec.of("thermometer", Kind.NUMERIC, 1, 5, List.of(
                new StreamSpec.Channel(Mdc.BODY_TEMPERATURE, "Temperature", Ucum.CELSIUS)))
            .withFormat(SampleFormat.I16LE, 0.1, 0)
            .withDescription(Mdc.BODY_TEMPERATURE, 0, "Temperature", SIMULATED)
            .withDelivery(30_000, AckMode.HELD), values);
    }

    /** Blood pressure as one message of systolic, diastolic and mean, every ten seconds: faster than any real cuff. */
    static Recording cuff() {
        final short[] values = new short[3 * NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            final int drift = (int) Math.round(6 * Math.sin(2 * Math.PI * i / 12));
            values[3 * i] = (short) (124 + drift);
            values[3 * i + 1] = (short) (78 + drift / 2);
            values[3 * i + 2] = (short) Math.round((values[3 * i] + 2 * values[3 * i + 1]) / 3.0);
        }
        return new Recording(StreamSpec.of("cuff", Kind.NUMERIC, 1, 10, List.of(
                new StreamSpec.Channel(Mdc.CUFF_SYSTOLIC, "Systolic", Ucum.MILLIMETRE_OF_MERCURY),
                new StreamSpec.Channel(Mdc.CUFF_DIASTOLIC, "Diastolic", Ucum.MILLIMETRE_OF_MERCURY),
                new StreamSpec.Channel(Mdc.CUFF_MEAN, "Mean", Ucum.MILLIMETRE_OF_MERCURY)))
            .withFormat(SampleFormat.I16LE, 1, 0).withDescription(Mdc.CUFF, 0, "Blood pressure", SIMULATED)
            .withDelivery(60_000, AckMode.HELD), values);
    }

    /** Every stream of the demo. */
    static List<Recording> all() throws IOException {
        final List<Recording> all = new ArrayList<>(waveforms());
        all.add(oximeter());
        all.add(thermometer());
        all.add(cuff());
        return all;
    }

    /** Frames of the ultrasound clip. */
    static List<IvfReader.Frame> video() throws IOException {
        final List<IvfReader.Frame> frames = new ArrayList<>();
        try (InputStream in = open("lung-ultrasound.ivf")) {
            final IvfReader reader = new IvfReader(in);
            IvfReader.Frame frame = reader.next();
            while (frame != null) {
                frames.add(frame);
                frame = reader.next();
            }
        }
        return frames;
    }

    private static List<Recording> wfdb(final String record, final String name, final String label)
        throws IOException {
        final WfdbRecord read = WfdbRecord.read(new String(bytes(record + ".hea"), StandardCharsets.ISO_8859_1),
            DemoRecordings::bytes);
        if (!read.checksumsHold()) {
            throw new IOException("the recording " + record + " is damaged: its checksum does not hold");
        }
        return Recording.ofWfdb(read, name, label, DEVICE);
    }

    private static byte[] bytes(final String file) throws IOException {
        try (InputStream in = open(file)) {
            return in.readAllBytes();
        }
    }

    private static InputStream open(final String file) throws IOException {
        final InputStream in = DemoRecordings.class.getResourceAsStream(FOLDER + file);
        if (in == null) {
            throw new IOException("the recording " + file + " is not in this build");
        }
        return in;
    }
}
