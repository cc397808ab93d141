package org.chevet.ops.demo;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.EpochSession;
import org.chevet.relay.client.IvfReader;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.MediaClientException;
import org.chevet.relay.client.OutgoingTrack;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.ReplayThread;
import org.chevet.relay.client.Replayer;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WhipPublisher;
import org.chevet.relay.client.e2ee.EpochKeys;

/**
 * A site with devices and no person: an ultrasound scope that publishes by WHIP, and a gateway that publishes ECGs,
 * a heart sound and numbers. Both go through the network stack as any client does.
 */
public final class DemoSite implements AutoCloseable {
    /** Participant that publishes the ultrasound. */
    public static final String SCOPE = "ultrasound";
    /** Participant that publishes the device data. */
    public static final String GATEWAY = "gateway";

    /** Length of a block in milliseconds. */
    private static final int BLOCK_MS = 100;

    private final WhipPublisher scope;
    private final VideoLoop video;
    private final VitalsPublisher gateway;
    private final ReplayThread replay;
    private final List<EpochSession> sessions;

    private DemoSite(final WhipPublisher scope, final VideoLoop video, final VitalsPublisher gateway,
        final ReplayThread replay, final List<EpochSession> sessions) {
        this.scope = scope;
        this.video = video;
        this.gateway = gateway;
        this.replay = replay;
        this.sessions = sessions;
    }

    /**
     * Starts to publish; returns when the video flows.
     *
     * @param address where the relay listens
     * @param consultation an open consultation
     * @param scopeToken token that grants publishing video
     * @param gatewayToken token that grants publishing device data
     * @param secret key of the consultation, with which all of it is sealed
     * @throws IOException one sentence: a recording that cannot be read, or the relay's refusal
     */
    public static DemoSite start(final RelayAddress address, final String consultation, final String scopeToken,
        final String gatewayToken, final String secret) throws IOException, InterruptedException {
        final List<Recording> recordings = DemoRecordings.all();
        final List<IvfReader.Frame> frames = DemoRecordings.video();
        final EpochKeys scopeKeys = DemoKeys.of(secret);
        final EpochKeys gatewayKeys = DemoKeys.of(secret);
        final WhipPublisher scope;
        try {
            scope = WhipPublisher.connect(
                MediaClientConfig.create().withEndToEnd(EndToEnd.required(scopeKeys, SCOPE)),
                address.http("/whip/" + consultation), scopeToken, List.of(OutgoingTrack.video("Ultrasound")),
                track -> { });
        } catch (final MediaClientException e) {
            throw new IOException("The demo's ultrasound could not be published: " + e.getMessage(), e);
        }
        final URI vitals = address.webSocket("/v1/vitals");
        final VitalsPublisher gateway = VitalsPublisher.start(new WebSocketTransport(vitals, () -> gatewayToken),
            VitalsPublisher.Options.defaults("chevet-demo").withEndToEnd(EndToEnd.required(gatewayKeys, GATEWAY)));
        final List<EpochSession> sessions = List.of(DemoKeys.follow(address, scopeToken, SCOPE, scopeKeys),
            DemoKeys.follow(address, gatewayToken, GATEWAY, gatewayKeys));
        final long startNs = System.nanoTime();
        final long startDeviceNs = gateway.clockNs();
        final List<Replayer> replayers = new ArrayList<>();
        for (final Recording recording : recordings) {
            final int blockFrames = Replayer.framesOf(recording.rate(), BLOCK_MS);
            // A measurement is there at once, a block of a waveform when its last sample is.
            final long leadNs = blockFrames == 1 ? recording.rate().timeOfNs(1) : 0;
            replayers.add(new Replayer(recording, gateway.open(recording.spec().encrypted()), blockFrames, true, 1,
                startNs - leadNs, startDeviceNs));
        }
        return new DemoSite(scope, VideoLoop.start(scope, frames), gateway, ReplayThread.start(replayers),
            sessions);
    }

    /** Why the site no longer publishes video, "" while it does. */
    public String ended() {
        return scope.ended();
    }

    @Override
    public void close() {
        replay.close();
        video.close();
        gateway.close();
        scope.close();
        sessions.forEach(EpochSession::close);
    }
}
