package org.chevet.bench.server;

import java.net.InetSocketAddress;
import org.chevet.codec.sdp.Fingerprint;
import org.jspecify.annotations.Nullable;

/**
 * What a client and a server have agreed on: where to send, how, and how to leave.
 *
 * @param address of the server's media port
 * @param security ICE and DTLS, null for a server without either
 * @param streams numbers of the RTP streams
 * @param hello datagram (ASCII) that joins a server without ICE, "" otherwise; the server echoes it
 * @param leave ends the connection at the server
 */
public record Agreement(InetSocketAddress address, @Nullable Security security, Streams streams, String hello,
    Leave leave) {

    /**
     * The server's side of ICE and DTLS.
     *
     * @param ufrag ICE user fragment
     * @param password ICE password
     * @param fingerprint of its certificate
     * @param startsDtls true when the server sends the ClientHello
     */
    public record Security(String ufrag, String password, Fingerprint fingerprint, boolean startsDtls) {
    }

    /**
     * Numbers of the RTP streams; 0 or "" for what was not agreed.
     *
     * @param audioType payload type of Opus
     * @param videoType payload type of VP8
     * @param audioMid mid of the section of audio
     * @param videoMid mid of the section of video
     * @param midId extension id of the mid
     * @param wideId extension id of the transport-wide sequence number
     * @param ridId extension id of the simulcast layer
     */
    public record Streams(int audioType, int videoType, String audioMid, String videoMid, int midId, int wideId,
        int ridId) {
        /** Of a server that does not care: payload types as offered, no extensions. */
        public static Streams plain() {
            return new Streams(Sdp.OPUS, Sdp.VP8, "", "", 0, 0, 0);
        }
    }

    /** Ends a connection at the server. */
    @FunctionalInterface
    public interface Leave {
        /** Does so; a connection that is gone already is as good. */
        void leave() throws ServerException, InterruptedException;
    }
}
