package org.chevet.ops.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.MediaClientException;
import org.chevet.relay.client.ReceivedReport;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.TrackKind;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WhepPlayer;
import org.jspecify.annotations.Nullable;

/**
 * A practitioner without a screen: receives the demo's video by WHEP and its device data by WebSocket, compares every
 * sample with the recordings in this jar, and says in one JSON object what came.
 */
public final class HeadlessPractitioner implements AutoCloseable {
    /** Part of the time in which streams must have flowed: the rest is for joining and for the block under way. */
    private static final double SHARE = 0.85;
    /** The clip has a key frame every two seconds, and nothing can be shown before the first. */
    private static final double KEY_FRAME_S = 2.1;
    private static final double NS_PER_S = 1e9;

    private final Map<String, StreamCheck> checks = new TreeMap<>();
    private final Map<String, Kind> kinds = new TreeMap<>();
    private final WhepPlayer player;
    private final VitalsSubscriber subscriber;
    private final double videoRate;
    /** When media could flow: what the join itself took does not count against the stream. */
    private final long startNs;
    private final AtomicLong framesOpened = new AtomicLong();
    private final AtomicLong undecryptable = new AtomicLong();
    private volatile String refused = "";

    private HeadlessPractitioner(final RelayAddress address, final String consultation, final String token,
        final String secret)
        throws IOException, MediaClientException, InterruptedException {
        for (final Recording recording : DemoRecordings.all()) {
            checks.put(recording.spec().name(), new StreamCheck(recording));
            kinds.put(recording.spec().name(), recording.spec().kind());
        }
        videoRate = VideoLoop.rate(DemoRecordings.video());
        final EndToEnd endToEnd = DemoKeys.of(secret, "headless");
        player = WhepPlayer.connectFrames(MediaClientConfig.create().withEndToEnd(endToEnd),
            address.http("/whep/" + consultation), token, 0, 1,
            (track, timestamp, frame, offset, length) -> framesOpened.incrementAndGet());
        subscriber = VitalsSubscriber.start(new WebSocketTransport(address.webSocket("/v1/vitals"), () -> token),
            "chevet-headless", new Listener(), endToEnd);
        startNs = System.nanoTime();
    }

    /**
     * Joins a consultation.
     *
     * @param token of a participant who may receive everything
     * @param secret key of the consultation
     * @throws IOException one sentence: the relay's refusal
     */
    public static HeadlessPractitioner join(final RelayAddress address, final String consultation, final String token,
        final String secret) throws IOException, InterruptedException {
        try {
            return new HeadlessPractitioner(address, consultation, token, secret);
        } catch (final MediaClientException e) {
            throw new IOException("The practitioner could not join: " + e.getMessage(), e);
        }
    }

    /**
     * What came until now, as one JSON object on one line, and whether all of it flowed and nothing was lost.
     *
     * @param videoMayYield on a poor network device data comes first: then video need not have flowed
     */
    public Report report(final boolean videoMayYield) {
        final double seconds = (System.nanoTime() - startNs) / NS_PER_S;
        final ReceivedReport video = player.reports().stream().filter(track -> track.kind() == TrackKind.VIDEO)
            .findFirst().orElseThrow();
        final boolean videoFlowed = video.lost() == 0 && video.keyFrames() > 0
            && player.unopenedFrames() == 0
            && framesOpened.get() >= Math.max(1, Math.floor(videoRate * (seconds - KEY_FRAME_S) * SHARE));
        boolean ok = refused.isEmpty() && undecryptable.get() == 0 && player.isConnected()
            && (videoFlowed || videoMayYield);
        long gaps = 0;
        long lost = 0;
        long wrong = 0;
        long numerics = 0;
        for (final Map.Entry<String, StreamCheck> entry : checks.entrySet()) {
            final StreamCheck check = entry.getValue();
            ok &= check.isWhole(seconds * SHARE);
            gaps += check.gaps();
            lost += check.lost();
            wrong += check.wrong();
            numerics += kinds.get(entry.getKey()) == Kind.NUMERIC ? check.received() : 0;
        }
        final ObjectNode json = new ObjectMapper().createObjectNode()
            .put("seconds", Math.round(seconds * 10) / 10.0)
            .put("videoPackets", video.packets()).put("videoFrames", video.frames())
            .put("videoFramesOpened", framesOpened.get()).put("videoKeyFrames", video.keyFrames())
            .put("videoPacketsLost", video.lost())
            .put("videoFlowed", videoFlowed).put("srtp", player.srtpProfile())
            .put("ecgSamples", received(DemoRecordings.ECG)).put("monitorSamples", received(DemoRecordings.MONITOR))
            .put("heartSoundSamples", received(DemoRecordings.HEART)).put("numerics", numerics)
            .put("undecryptable", undecryptable.get() + player.unopenedFrames())
            .put("samplesLost", lost).put("samplesWrong", wrong).put("gaps", gaps).put("ok", ok);
        if (!refused.isEmpty()) {
            json.put("refused", refused);
        }
        return new Report(json.toString(), ok);
    }

    private long received(final String stream) {
        final StreamCheck check = checks.get(stream);
        return check == null ? 0 : check.received();
    }

    @Override
    public void close() {
        subscriber.close();
        player.close();
    }

    /**
     * The result.
     *
     * @param json one line
     * @param ok whether all flowed and nothing was lost
     */
    public record Report(String json, boolean ok) {
    }

    private final class Listener implements VitalsListener {
        @Override
        public @Nullable Start onStream(final SubscribedStream stream) {
            return checks.containsKey(stream.spec().name()) ? Start.beginning() : null;
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final StreamCheck check = checks.get(stream.spec().name());
            if (check != null) {
                check.block(block);
            }
        }

        @Override
        public void onUndecryptable(final SubscribedStream stream, final long sequence, final long firstSample,
            final int sampleCount) {
            undecryptable.incrementAndGet();
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            final StreamCheck check = checks.get(stream.spec().name());
            if (check != null) {
                check.gap();
            }
        }

        @Override
        public void onRefused(final ErrorCode code, final String text) {
            refused = code + ": " + text;
        }
    }

    /** Names of all streams, for tests. */
    List<String> streams() {
        return List.copyOf(checks.keySet());
    }
}
