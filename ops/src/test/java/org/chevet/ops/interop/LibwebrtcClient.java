package org.chevet.ops.interop;

import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCBundlePolicy;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelInit;
import dev.onvoid.webrtc.RTCDataChannelObserver;
import dev.onvoid.webrtc.RTCDataChannelState;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCIceGatheringState;
import dev.onvoid.webrtc.RTCIceServer;
import dev.onvoid.webrtc.RTCIceTransportPolicy;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCRtpEncodingParameters;
import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import dev.onvoid.webrtc.RTCRtpTransceiverInit;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.RTCStats;
import dev.onvoid.webrtc.RTCStatsType;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.internal.NativeLoader;
import dev.onvoid.webrtc.media.MediaStreamTrack;
import dev.onvoid.webrtc.media.audio.AudioOptions;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.NativeI420Buffer;
import dev.onvoid.webrtc.media.video.VideoFrame;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * libwebrtc as a client of the relay, a program: {@code publish|view URL TOKEN [OPTION]}. Offers by WHIP or WHEP and
 * prints a line of JSON each half second: the state of the connection, how many frames of 20 ms of sound and how many
 * pictures were decoded (view), how wide they are, and the protocol in use. A line of its standard input makes it
 * restart ICE, or say what it has to say; at the end of that it deletes its resource and ends. A process of its own,
 * because native code that aborts takes the JVM along.
 */
final class LibwebrtcClient implements PeerConnectionObserver {
    static final String LOAD = "load";
    /** Option: no UDP. */
    static final String TCP = "tcp";
    /** Option: the picture in three layers. */
    static final String LAYERS = "layers";
    /** Option: chat by a data channel beside sound and picture. */
    static final String CHAT = "chat";
    /** Option: only through the TURN server that the relay names. */
    static final String TURN = "turn";
    private static final Pattern SERVER =
        Pattern.compile("<([^>]+)>; rel=\"ice-server\"; username=\"([^\"]+)\"; credential=\"([^\"]+)\"");
    /** Messages that each side sends. */
    static final int CHATTED = 40;
    /** Of every tenth message, bytes; the others are short. */
    private static final int LONG_MESSAGE = 16_000;
    /** Of the picture in its widest layer, pixels. */
    static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int FRAME_MS = 66;
    private static final int REPORT_MS = 500;
    private static final int SAMPLES_OF_20_MS = 960;
    private static final int PATIENCE_S = 10;

    private final HttpClient http = HttpClient.newHttpClient();
    private final CompletableFuture<Void> gathered = new CompletableFuture<>();
    private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true,
        StandardCharsets.UTF_8);
    private final URI url;
    private final String token;
    private final String option;
    private final HeadlessAudioDeviceModule devices = new HeadlessAudioDeviceModule();
    private final PeerConnectionFactory factory = new PeerConnectionFactory(devices);
    private final RTCPeerConnection connection;
    private final AtomicInteger heard = new AtomicInteger();
    private final AtomicInteger faults = new AtomicInteger();
    private int pictures;
    private volatile @Nullable RTCDataChannel opened;

    private LibwebrtcClient(final String url, final String token, final String option) throws Exception {
        this.url = URI.create(url);
        this.token = token;
        this.option = option;
        final RTCConfiguration configuration = new RTCConfiguration();
        configuration.bundlePolicy = RTCBundlePolicy.MAX_BUNDLE;
        configuration.portAllocatorConfig.setDisableUdp(option.equals(TCP));
        if (option.equals(TURN)) {
            configuration.iceTransportPolicy = RTCIceTransportPolicy.RELAY;
            configuration.iceServers.add(turnServer());
        }
        connection = factory.createPeerConnection(configuration, this);
    }

    /** RFC 9725 section 4.6. */
    private RTCIceServer turnServer() throws Exception {
        final String link = send("OPTIONS", url, "application/sdp", "").headers().firstValue("link").orElseThrow();
        final Matcher named = SERVER.matcher(link);
        if (!named.find()) {
            throw new IOException("no TURN server in " + link);
        }
        final RTCIceServer server = new RTCIceServer();
        server.urls = List.of(named.group(1));
        server.username = named.group(2);
        server.password = named.group(3);
        return server;
    }

    /** The program; with {@link #LOAD} it only loads the native code. */
    public static void main(final String[] arguments) throws Exception {
        if (arguments[0].equals(LOAD)) {
            NativeLoader.loadLibrary("webrtc-java");
            return;
        }
        final LibwebrtcClient client = new LibwebrtcClient(arguments[1], arguments[2],
            arguments.length > 3 ? arguments[3] : "");
        // Native threads go on for a while and would write into what the JVM takes down.
        Runtime.getRuntime().halt(client.run(arguments[0].equals("publish")) ? 0 : 1);
    }

    @Override
    public void onIceCandidate(final RTCIceCandidate candidate) {
        // The offer has all of them.
    }

    @Override
    public void onIceGatheringChange(final RTCIceGatheringState state) {
        if (state == RTCIceGatheringState.COMPLETE) {
            gathered.complete(null);
        }
    }

    private boolean run(final boolean publishes) throws Exception {
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            final List<Future<?>> tasks = new ArrayList<>();
            if (publishes) {
                tasks.add(publish(timer));
            } else {
                devices.initPlayout();
                devices.startPlayout();
                receive(factory.createAudioTrack("audio", factory.createAudioSource(new AudioOptions())));
                receive(factory.createVideoTrack("video", new CustomVideoSource()));
            }
            if (option.equals(CHAT)) {
                chat();
            }
            final URI resource = url.resolve(negotiate());
            tasks.add(timer.scheduleAtFixedRate(this::report, 0, REPORT_MS, TimeUnit.MILLISECONDS));
            for (int said = System.in.read(); said >= 0; said = System.in.read()) {
                if (said == '\n') {
                    if (option.equals(CHAT)) {
                        say();
                    } else {
                        restartIce(resource);
                    }
                }
            }
            tasks.forEach(task -> task.cancel(false));
            return send("DELETE", resource, "application/sdp", "").statusCode() == 200;
        }
    }

    /** Silence of the headless device, and grey rows that grow lighter. */
    private Future<?> publish(final ScheduledExecutorService timer) {
        final CustomVideoSource camera = new CustomVideoSource();
        final List<String> streams = List.of("camera");
        connection.addTrack(factory.createAudioTrack("audio", factory.createAudioSource(new AudioOptions())), streams);
        connection.addTransceiver(factory.createVideoTrack("video", camera), layers(streams));
        return timer.scheduleAtFixedRate(() -> {
            final NativeI420Buffer picture = NativeI420Buffer.allocate(WIDTH, HEIGHT);
            final byte[] row = new byte[picture.getStrideY()];
            for (int y = 0; y < HEIGHT; y++) {
                Arrays.fill(row, (byte) (y + pictures));
                picture.getDataY().put(y * row.length, row);
            }
            pictures++;
            final VideoFrame frame = new VideoFrame(picture, System.nanoTime());
            camera.pushFrame(frame);
            frame.release();
        }, 0, FRAME_MS, TimeUnit.MILLISECONDS);
    }

    /** Opens a channel; sends when it is open, and compares what comes byte by byte. */
    private void chat() {
        final RTCDataChannel channel = connection.createDataChannel("chevet.chat", new RTCDataChannelInit());
        channel.registerObserver(new RTCDataChannelObserver() {
            @Override
            public void onBufferedAmountChange(final long before) {
                // All of it fits the buffer.
            }

            @Override
            public void onStateChange() {
                if (channel.getState() == RTCDataChannelState.OPEN) {
                    opened = channel;
                }
            }

            @Override
            public void onMessage(final RTCDataChannelBuffer buffer) {
                final byte[] message = new byte[buffer.data.remaining()];
                buffer.data.get(message);
                if (buffer.binary && Arrays.equals(message, message(heard.get()))) {
                    heard.incrementAndGet();
                } else {
                    faults.incrementAndGet();
                }
            }
        });
    }

    /** Sends all messages, once another has opened its channel too: nothing is kept for those who come later. */
    private void say() throws Exception {
        for (int i = 0; i < CHATTED; i++) {
            opened.send(new RTCDataChannelBuffer(ByteBuffer.wrap(message(i)), true));
        }
    }

    private static byte[] message(final int number) {
        final byte[] message = new byte[number % 10 == 5 ? LONG_MESSAGE : 20];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) (number * 31 + i * 7);
        }
        return message;
    }

    private RTCRtpTransceiverInit layers(final List<String> streams) {
        final RTCRtpTransceiverInit init = new RTCRtpTransceiverInit();
        init.direction = RTCRtpTransceiverDirection.SEND_ONLY;
        init.streamIds = streams;
        if (option.equals(LAYERS)) {
            for (final double scale : new double[] {4, 2, 1}) {
                final RTCRtpEncodingParameters layer = new RTCRtpEncodingParameters();
                layer.active = true;
                layer.scaleResolutionDownBy = scale;
                init.sendEncodings.add(layer);
            }
        }
        return init;
    }

    private void receive(final MediaStreamTrack track) {
        final RTCRtpTransceiverInit init = new RTCRtpTransceiverInit();
        init.direction = RTCRtpTransceiverDirection.RECV_ONLY;
        final RTCRtpTransceiver transceiver = connection.addTransceiver(track, init);
        transceiver.setDirection(RTCRtpTransceiverDirection.RECV_ONLY);
    }

    /** Offers, and takes the answer; the address of the resource. */
    private String negotiate() throws Exception {
        offer();
        gathered.get(PATIENCE_S, TimeUnit.SECONDS);
        final HttpResponse<String> answer = send("POST", url, "application/sdp",
            connection.getLocalDescription().sdp);
        if (answer.statusCode() != 201) {
            throw new IOException("status " + answer.statusCode() + ": " + answer.body());
        }
        accept(answer.body());
        return answer.headers().firstValue("location").orElseThrow();
    }

    /** RFC 9725 section 4.3.3. */
    private void restartIce(final URI resource) throws Exception {
        connection.restartIce();
        offer();
        final String mine = connection.getLocalDescription().sdp;
        final HttpResponse<String> answer = send("PATCH", resource, "application/trickle-ice-sdpfrag",
            line(mine, "a=ice-ufrag:") + "\r\n" + line(mine, "a=ice-pwd:") + "\r\n");
        if (answer.statusCode() != 200) {
            throw new IOException("status " + answer.statusCode() + ": " + answer.body());
        }
        accept(connection.getCurrentRemoteDescription().sdp
            .replaceAll("a=ice-ufrag:.*", Matcher.quoteReplacement(line(answer.body(), "a=ice-ufrag:")))
            .replaceAll("a=ice-pwd:.*", Matcher.quoteReplacement(line(answer.body(), "a=ice-pwd:"))));
    }

    private void offer() throws Exception {
        final CompletableFuture<RTCSessionDescription> offer = new CompletableFuture<>();
        connection.createOffer(new RTCOfferOptions(), new CreateSessionDescriptionObserver() {
            @Override
            public void onSuccess(final RTCSessionDescription description) {
                offer.complete(description);
            }

            @Override
            public void onFailure(final String error) {
                offer.completeExceptionally(new IOException(error));
            }
        });
        final RTCSessionDescription mine = offer.get(PATIENCE_S, TimeUnit.SECONDS);
        settle(observer -> connection.setLocalDescription(mine, observer));
    }

    private void accept(final String answer) throws Exception {
        settle(observer -> connection.setRemoteDescription(
            new RTCSessionDescription(RTCSdpType.ANSWER, answer), observer));
    }

    private static String line(final String sdp, final String start) {
        return sdp.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    private static void settle(final Consumer<SetSessionDescriptionObserver> description) throws Exception {
        final CompletableFuture<Void> done = new CompletableFuture<>();
        description.accept(new SetSessionDescriptionObserver() {
            @Override
            public void onSuccess() {
                done.complete(null);
            }

            @Override
            public void onFailure(final String error) {
                done.completeExceptionally(new IOException(error));
            }
        });
        done.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    private HttpResponse<String> send(final String method, final URI where, final String type, final String body)
        throws Exception {
        return http.send(HttpRequest.newBuilder(where).method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", type).header("If-Match", "*").header("Authorization", "Bearer " + token).build(),
            HttpResponse.BodyHandlers.ofString());
    }

    private void report() {
        connection.getStats(report -> {
            final Collection<RTCStats> all = report.getStats().values();
            out.println("{\"state\":\"" + connection.getConnectionState().name().toLowerCase(Locale.ROOT)
                + "\",\"audio\":" + (received(all, "audio", "totalSamplesReceived")
                - received(all, "audio", "concealedSamples")) / SAMPLES_OF_20_MS
                + ",\"video\":" + received(all, "video", "framesDecoded")
                + ",\"width\":" + received(all, "video", "frameWidth")
                + ",\"open\":" + (opened != null) + ",\"heard\":" + heard + ",\"faults\":" + faults
                + ",\"protocol\":\"" + protocol(report.getStats()) + "\"}");
        });
    }

    /** Of the remote candidate in use, "" before there is one. */
    private static String protocol(final Map<String, RTCStats> all) {
        return all.values().stream().filter(one -> one.getType() == RTCStatsType.TRANSPORT)
            .map(one -> all.get(String.valueOf(one.getAttributes().get("selectedCandidatePairId"))))
            .filter(Objects::nonNull)
            .map(pair -> all.get(String.valueOf(pair.getAttributes().get("remoteCandidateId"))))
            .filter(Objects::nonNull).map(remote -> String.valueOf(remote.getAttributes().get("protocol")))
            .findFirst().orElse("");
    }

    private static long received(final Collection<RTCStats> all, final String kind, final String name) {
        return all.stream().filter(one -> one.getType() == RTCStatsType.INBOUND_RTP)
            .filter(one -> kind.equals(one.getAttributes().get("kind")))
            .map(one -> one.getAttributes().get(name)).mapToLong(value -> value instanceof Number number
                ? number.longValue() : 0).sum();
    }
}
