package org.chevet.relay.signal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.PublicationInfo;

/** Real offers and repeatable plans for tests of answers. */
final class AnswerFixtures {
    static final Path FOLDER = Path.of("../codec/src/test/resources/sdp");
    static final String UFRAG = "relay4";
    static final String PASSWORD = "relaypasswordrelaypassword";
    static final String FINGERPRINT = "sha-256 " + "AB:".repeat(31) + "CD";
    static final MediaAddresses ADDRESSES = new MediaAddresses(List.of(
        TransportAddress.ofBytes(new byte[] {127, 0, 0, 1}, 10_000),
        TransportAddress.ofBytes(new byte[] {(byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 10_000)),
        FINGERPRINT);

    private AnswerFixtures() {
    }

    static List<Path> offers() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(path -> path.toString().endsWith(".sdp") && !path.toString().contains("answer-to"))
                .sorted().toList();
        }
    }

    static String text(final String name) throws IOException {
        return Files.readString(FOLDER.resolve(name + ".sdp"));
    }

    static SessionDescription offer(final String name) throws IOException, SdpException {
        return SessionDescription.parse(text(name));
    }

    static AnswerPlan publish() {
        return AnswerPlan.publish(UFRAG, PASSWORD, ADDRESSES, new AtomicInteger(1000)::getAndIncrement, 4711);
    }

    static AnswerPlan subscribe(final PublicationInfo... publications) {
        return AnswerPlan.subscribe(UFRAG, PASSWORD, ADDRESSES, new AtomicInteger(1000)::getAndIncrement, 4711,
            "cname1", List.of(publications));
    }

    static PublicationInfo audio(final int id, final String label, final String fmtp) {
        return new PublicationInfo(id, "patient-1", "0", MediaKind.AUDIO, label,
            List.of(codec(Codec.OPUS, 111, fmtp)));
    }

    static PublicationInfo video(final int id, final String label, final Codec codec, final String fmtp) {
        return new PublicationInfo(id, "patient-1", "1", MediaKind.VIDEO, label, List.of(codec(codec, 96, fmtp)));
    }

    static NegotiatedCodec codec(final Codec codec, final int type, final String fmtp) {
        return new NegotiatedCodec(codec, type, -1, codec == Codec.OPUS ? 48_000 : 90_000,
            codec == Codec.OPUS ? 2 : 0, fmtp, true, true, true, true, true);
    }
}
