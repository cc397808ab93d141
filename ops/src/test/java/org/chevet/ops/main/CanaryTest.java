package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.AlertPriority;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.ops.demo.DemoKeys;
import org.chevet.ops.interop.ForeignClient;
import org.chevet.relay.client.AlertPublisher;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.ObjectSender;
import org.chevet.relay.client.OutgoingTrack;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsAlert;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WhepPlayer;
import org.chevet.relay.client.WhipPublisher;
import org.chevet.relay.client.e2ee.MessageSeal;
import org.chevet.relay.client.e2ee.SealKind;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Role;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A known pattern goes through a relay in every kind of stream, and the relay's process is searched for it: all its
 * memory, heap and native, and what it logged; device streams also on the wire, both ways. Encrypted there is none; in
 * the clear every one is found, so the search can fail. Sound, picture and data channels are ciphertext on the wire
 * whatever the consultation asks (SRTP, DTLS), so that only memory and log are searched for them.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(300)
class CanaryTest {
    private static final int CANARY_BYTES = 32;
    private static final String SITE = "site";
    private static final String GATEWAY = "gateway";
    private static final String AUDIO = "AUDIO";
    private static final String VIDEO = "VIDEO";
    private static final String CHAT = "CHAT";
    private static final String ANNOTATION = "ANNOTATION";
    private static final Duration SOON = Duration.ofSeconds(60);
    /** In front of a picture's canary: what of a VP8 key frame stays clear. */
    private static final int CLEAR = 10;

    @TempDir
    private Path folder;
    private final Map<String, byte[]> canaries = new TreeMap<>();
    private final Set<String> arrived = new ConcurrentSkipListSet<>();

    @Test
    @Tag("REQ-O8")
    @Tag("REQ-O7")
    void nothingOfAnyStreamIsInTheRelayWhenItIsEncrypted() throws Exception {
        final Findings findings = search(DemoKeys.randomSecret());
        assertEquals(Set.of(), findings.memory());
        assertEquals(Set.of(), findings.log());
        assertEquals(Set.of(), findings.said());
        assertEquals(Set.of(), findings.heard());
    }

    @Test
    void theSearchFindsEveryStreamInTheClear() throws Exception {
        final Findings findings = search(null);
        assertEquals(canaries.keySet(), findings.memory());
        final Set<String> deviceStreams = new TreeSet<>(canaries.keySet());
        deviceStreams.removeAll(Set.of(AUDIO, VIDEO));
        assertEquals(deviceStreams, findings.said());
        assertEquals(deviceStreams, findings.heard());
    }

    @Test
    @Tag("REQ-O8")
    @Tag("REQ-O7")
    void nothingOfChatAndAnnotationsIsInTheRelayWhenTheyAreEncrypted() throws Exception {
        assertEquals(Set.of(), talk(DemoKeys.randomSecret(), false));
    }

    @Test
    void theSearchFindsChatAndAnnotationsInTheClear() throws Exception {
        assertEquals(Set.of(CHAT, ANNOTATION), talk(null, true));
    }

    /**
     * Which canaries of data channels the relay's memory and log hold while both sides talk.
     *
     * @param all search until all are found: memory that is in use changes
     */
    private Set<String> talk(final @Nullable String secret, final boolean all) throws Exception {
        ForeignClient.require("import aiortc", "python3-aiortc");
        final Random random = new Random(9);
        canaries.put(CHAT, canary(random));
        canaries.put(ANNOTATION, canary(random));
        try (RelayProcess relay = start(secret)) {
            Assumptions.assumeTrue(ProcessMemory.isReadable(relay.pid()), "memory of processes cannot be read here");
            try (ForeignClient _ = talker(relay, "publish", "whip", SITE, Role.COMPANION, secret);
                ForeignClient doctor = talker(relay, "view", "whep", "doctor", Role.PRACTITIONER, secret)) {
                final JsonNode heard = doctor.await(said -> said.path("heard").size() == 2, SOON).path("heard");
                assertArrayEquals(canaries.get(CHAT), opened(secret, SealKind.CHAT, heard, "chevet.chat"));
                assertArrayEquals(canaries.get(ANNOTATION),
                    opened(secret, SealKind.ANNOTATION, heard, "chevet.annotations"));
                final Set<String> found = new TreeSet<>();
                RelayProcess.await(() -> {
                    found.addAll(searched(relay));
                    return !all || found.size() == 2;
                }, "chat and annotations are in memory");
                return found;
            }
        }
    }

    private Set<String> searched(final RelayProcess relay) {
        try {
            final Set<String> found = new TreeSet<>(ProcessMemory.find(relay.pid(), canaries));
            found.addAll(ProcessMemory.find(relay.log(), canaries));
            return found;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ForeignClient talker(final RelayProcess relay, final String mode, final String path,
        final String participant, final Role role, final @Nullable String secret) throws Exception {
        return ForeignClient.start(ForeignClient.python("aiortc_canary.py"), mode,
            relay.http("/" + path + "/canary" + (secret == null ? "" : "?e2ee=sframe")).toString(),
            relay.token(participant, role), message(secret, SealKind.CHAT, participant, canaries.get(CHAT)),
            message(secret, SealKind.ANNOTATION, participant, canaries.get(ANNOTATION)));
    }

    private static String message(final @Nullable String secret, final SealKind kind, final String participant,
        final byte[] words) {
        return HexFormat.of().formatHex(secret == null ? words
            : Objects.requireNonNull(seal(secret, kind, participant).seal(words)));
    }

    private static byte[] opened(final @Nullable String secret, final SealKind kind, final JsonNode heard,
        final String label) {
        final byte[] bytes = HexFormat.of().parseHex(heard.path(label).asText());
        return secret == null ? bytes : Objects.requireNonNull(
            seal(secret, kind, "reader").open(bytes, System.nanoTime())).bytes();
    }

    private static MessageSeal seal(final String secret, final SealKind kind, final String participant) {
        return new MessageSeal(DemoKeys.of(secret, participant).keys(), kind, participant,
            new SecureRandom()::nextLong);
    }

    /**
     * Which canaries were found where.
     *
     * @param said by clients, on the wire
     * @param heard by clients, on the wire
     */
    private record Findings(Set<String> memory, Set<String> log, Set<String> said, Set<String> heard) {
    }

    private Findings search(final @Nullable String secret) throws Exception {
        final Random random = new Random(8);
        for (final Kind kind : Kind.values()) {
            if (kind != Kind.NULL_VAL) {
                canaries.put(kind.name(), canary(random));
            }
        }
        canaries.put(AUDIO, canary(random));
        canaries.put(VIDEO, canary(random));
        try (RelayProcess relay = start(secret); WireTap wire = new WireTap(relay.port())) {
            Assumptions.assumeTrue(ProcessMemory.isReadable(relay.pid()), "memory of processes cannot be read here");
            return carry(relay, wire, secret);
        }
    }

    private RelayProcess start(final @Nullable String secret) throws Exception {
        return RelayProcess.start(folder, RelayProcess.freePort(), "canary",
            secret == null ? EndToEndPolicy.OFF : EndToEndPolicy.REQUIRED, "-Xmx128m");
    }

    private static byte[] canary(final Random random) {
        final byte[] canary = new byte[CANARY_BYTES];
        random.nextBytes(canary);
        return canary;
    }

    private Findings carry(final RelayProcess relay, final WireTap wire, final @Nullable String secret)
        throws Exception {
        final VitalsPublisher.Options options = VitalsPublisher.Options.defaults("test");
        final MediaClientConfig media = MediaClientConfig.create().withoutFeedback();
        try (VitalsSubscriber _ = subscribe(relay, wire, secret);
            VitalsPublisher gateway = VitalsPublisher.start(relay.vitals(GATEWAY, Role.DEVICE, wire.port()),
                secret == null ? options : options.withEndToEnd(DemoKeys.of(secret, GATEWAY)));
            WhipPublisher publisher = WhipPublisher.connect(sealing(media, secret, SITE), relay.http("/whip/canary"),
                relay.token(SITE, Role.COMPANION),
                List.of(OutgoingTrack.audio("voice"), OutgoingTrack.video("camera")), track -> { });
            WhepPlayer _ = WhepPlayer.connectFrames(sealing(media, secret, "doctor"),
                relay.http("/whep/canary?from=" + SITE), relay.token("doctor", Role.PRACTITIONER), 1, 1,
                (track, timestamp, frame, offset, length) -> {
                    final byte[] bytes = new byte[length];
                    frame.getBytes(offset, bytes);
                    arrived.addAll(ProcessMemory.find(bytes, canaries));
                })) {
            publishVitals(gateway, secret != null);
            final byte[] picture = new byte[CLEAR + CANARY_BYTES];
            System.arraycopy(canaries.get(VIDEO), 0, picture, CLEAR, CANARY_BYTES);
            final int[] number = {0};
            RelayProcess.await(() -> {
                publisher.send(0, canaries.get(AUDIO), 0, CANARY_BYTES, number[0] * 20_000_000L);
                publisher.send(1, picture, 0, picture.length, number[0] * 20_000_000L);
                number[0]++;
                return arrived.containsAll(canaries.keySet());
            }, "everything arrives: " + arrived + " of " + canaries.keySet());
            return new Findings(ProcessMemory.find(relay.pid(), canaries), ProcessMemory.find(relay.log(), canaries),
                wire.findUp(canaries), wire.findDown(canaries));
        }
    }

    private static MediaClientConfig sealing(final MediaClientConfig config, final @Nullable String secret,
        final String participant) {
        return secret == null ? config : config.withEndToEnd(DemoKeys.of(secret, participant));
    }

    private VitalsSubscriber subscribe(final RelayProcess relay, final WireTap wire, final @Nullable String secret)
        throws Exception {
        final VitalsListener listener = new VitalsListener() {
            @Override
            public Start onStream(final SubscribedStream stream) {
                return Start.beginning();
            }

            @Override
            public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
                take(block);
            }

            @Override
            public void onAlert(final SubscribedStream stream, final VitalsAlert alert) {
                take(alert.block());
            }
        };
        if (secret == null) {
            return VitalsSubscriber.start(relay.vitals("doctor", Role.PRACTITIONER, wire.port()), "test", listener);
        }
        final EndToEnd endToEnd = DemoKeys.of(secret, "doctor");
        return VitalsSubscriber.start(relay.vitals("doctor", Role.PRACTITIONER, wire.port()), "test", listener,
            endToEnd);
    }

    private void take(final VitalsBlock block) {
        final ByteBuffer payload = block.payload().duplicate();
        final byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        arrived.addAll(ProcessMemory.find(bytes, canaries));
    }

    private void publishVitals(final VitalsPublisher gateway, final boolean encrypted) {
        for (final Kind kind : Kind.values()) {
            final ByteBuffer canary = ByteBuffer.wrap(canaries.getOrDefault(kind.name(), new byte[0]));
            switch (kind) {
                case WAVEFORM, DEVICE_AUDIO -> {
                    final Publication stream = gateway.open(sealed(spec(kind, SampleFormat.I16LE), encrypted));
                    stream.offer(0, CANARY_BYTES / 2, Long.MIN_VALUE, 0, canary);
                }
                case NUMERIC, EVENT -> {
                    final Publication stream = gateway.open(sealed(spec(kind, SampleFormat.OPAQUE), encrypted));
                    stream.offer(0, 1, Long.MIN_VALUE, 0, canary);
                }
                case ALERT -> AlertPublisher.open(gateway, sealed(StreamSpec.alerts("alerts", 10_000), encrypted),
                    new AlertPublisher.Listener() { }).raise(new VitalsAlert.Terms(AlertPriority.HIGH,
                        AlertPhase.START, 600_000, 0), Long.MIN_VALUE, canary);
                case OBJECT -> ObjectSender.offer(gateway, sealed(StreamSpec.object("photo"), encrypted), "photo.jpg",
                    "image/jpeg", canary.array());
                case NULL_VAL -> { }
            }
        }
    }

    private static StreamSpec spec(final Kind kind, final SampleFormat format) {
        return StreamSpec.of(kind.name(), kind, kind == Kind.WAVEFORM || kind == Kind.DEVICE_AUDIO ? 500 : 0, 1,
            List.of(new StreamSpec.Channel(0, "", ""))).withFormat(format, 1, 0);
    }

    private static StreamSpec sealed(final StreamSpec spec, final boolean encrypted) {
        return encrypted ? spec.encrypted() : spec;
    }
}
