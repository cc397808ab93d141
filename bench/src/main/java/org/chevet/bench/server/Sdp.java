package org.chevet.bench.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.chevet.codec.sdp.Candidate;
import org.chevet.codec.sdp.ExtMap;
import org.chevet.codec.sdp.Fingerprint;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.sdp.Setup;

/** Session descriptions of load clients: one audio and one video section at most, one bundled transport. */
public final class Sdp {
    /** Payload type of Opus in offers. */
    public static final int OPUS = 111;
    /** Payload type of VP8 in offers. */
    public static final int VP8 = 96;

    private static final String MID = "urn:ietf:params:rtp-hdrext:sdes:mid";
    private static final String RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    private static final String WIDE =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    private static final int MID_ID = 1;
    private static final int WIDE_ID = 2;
    private static final int RID_ID = 3;
    private static final String END = "\r\n";

    private Sdp() {
    }

    /** Offer of a publisher: sections for what {@code local} has SSRCs for. */
    public static String sendingOffer(final LocalEnd local) {
        final StringBuilder sdp = new StringBuilder(2048);
        final int sections = (local.audioSsrc() == 0 ? 0 : 1) + (local.videoSsrcs().isEmpty() ? 0 : 1);
        session(sdp, sections);
        int mid = 0;
        if (local.audioSsrc() != 0) {
            section(sdp, local, "audio", OPUS, Integer.toString(mid++), "actpass", "sendonly");
            opus(sdp, OPUS, local.repairs());
            extensions(sdp, false);
            line(sdp, "a=msid:load audio");
            line(sdp, "a=ssrc:" + local.audioSsrc() + " cname:load");
        }
        if (!local.videoSsrcs().isEmpty()) {
            final boolean simulcast = local.videoSsrcs().size() > 1;
            section(sdp, local, "video", VP8, Integer.toString(mid), "actpass", "sendonly");
            vp8(sdp, VP8);
            extensions(sdp, simulcast);
            line(sdp, "a=msid:load video");
            if (simulcast) {
                final List<String> rids = new ArrayList<>();
                for (int i = local.videoSsrcs().size() - 1; i >= 0; i--) {
                    rids.add(local.rid(i));
                    line(sdp, "a=rid:" + local.rid(i) + " send");
                }
                line(sdp, "a=simulcast:send " + String.join(";", rids));
            } else {
                line(sdp, "a=ssrc:" + local.videoSsrcs().getFirst() + " cname:load");
            }
        }
        return sdp.toString();
    }

    /** Offer of a subscriber: one section for sound, one for video. */
    public static String receivingOffer(final LocalEnd local) {
        final StringBuilder sdp = new StringBuilder(2048);
        session(sdp, 2);
        section(sdp, local, "audio", OPUS, "0", "actpass", "recvonly");
        opus(sdp, OPUS, local.repairs());
        arrivals(sdp, local.repairs());
        section(sdp, local, "video", VP8, "1", "actpass", "recvonly");
        vp8(sdp, VP8);
        arrivals(sdp, local.repairs());
        return sdp.toString();
    }

    /** Answer of a subscriber to a server that offers what it sends: takes Opus and VP8, nothing else. */
    public static String receivingAnswer(final LocalEnd local, final SessionDescription offer) {
        final StringBuilder sdp = new StringBuilder(2048);
        line(sdp, "v=0");
        line(sdp, "o=- 1 1 IN IP4 127.0.0.1");
        line(sdp, "s=-");
        line(sdp, "t=0 0");
        line(sdp, "a=group:BUNDLE " + String.join(" ", offer.sections().stream().map(MediaSection::mid).toList()));
        for (final MediaSection section : offer.sections()) {
            final boolean audio = section.media().equals("audio");
            final int type = typeOf(section, audio ? "opus" : "VP8");
            section(sdp, local, section.media(), Math.max(0, type), section.mid(), "active",
                type < 0 ? "inactive" : "recvonly");
            if (audio && type >= 0) {
                opus(sdp, type, local.repairs());
            } else if (type >= 0) {
                vp8(sdp, type);
            }
            idOf(section, MID).ifPresent(id -> line(sdp, "a=extmap:" + id + " " + MID));
        }
        return sdp.toString();
    }

    private static void session(final StringBuilder sdp, final int sections) {
        line(sdp, "v=0");
        line(sdp, "o=- 1 1 IN IP4 127.0.0.1");
        line(sdp, "s=-");
        line(sdp, "t=0 0");
        line(sdp, "a=group:BUNDLE 0" + (sections > 1 ? " 1" : ""));
        line(sdp, "a=msid-semantic:WMS *");
    }

    private static void section(final StringBuilder sdp, final LocalEnd local, final String media, final int type,
        final String mid, final String setup, final String direction) {
        line(sdp, "m=" + media + " 9 UDP/TLS/RTP/SAVPF " + type);
        line(sdp, "c=IN IP4 0.0.0.0");
        line(sdp, "a=rtcp:9 IN IP4 0.0.0.0");
        line(sdp, "a=mid:" + mid);
        line(sdp, "a=" + direction);
        line(sdp, "a=rtcp-mux");
        line(sdp, "a=rtcp-rsize");
        line(sdp, "a=ice-ufrag:" + local.ufrag());
        line(sdp, "a=ice-pwd:" + local.password());
        line(sdp, "a=fingerprint:" + local.fingerprint());
        line(sdp, "a=setup:" + setup);
    }

    /** What a receiver's packets carry: the section, and a number to tell their arrival by. */
    private static void arrivals(final StringBuilder sdp, final boolean repairs) {
        line(sdp, "a=extmap:" + MID_ID + " " + MID);
        if (repairs) {
            line(sdp, "a=extmap:" + WIDE_ID + " " + WIDE);
        }
    }

    private static void opus(final StringBuilder sdp, final int type, final boolean repairs) {
        line(sdp, "a=rtpmap:" + type + " opus/48000/2");
        line(sdp, "a=rtcp-fb:" + type + " transport-cc");
        if (repairs) {
            line(sdp, "a=rtcp-fb:" + type + " nack");
        }
        line(sdp, "a=fmtp:" + type + " minptime=10;useinbandfec=1");
    }

    /** A receiver that reports nothing must not promise to: a server would wait for it before it sends more. */
    private static void vp8(final StringBuilder sdp, final int type) {
        line(sdp, "a=rtpmap:" + type + " VP8/90000");
        for (final String feedback : List.of("transport-cc", "ccm fir", "nack", "nack pli")) {
            line(sdp, "a=rtcp-fb:" + type + " " + feedback);
        }
    }

    private static void extensions(final StringBuilder sdp, final boolean simulcast) {
        line(sdp, "a=extmap:" + MID_ID + " " + MID);
        line(sdp, "a=extmap:" + WIDE_ID + " " + WIDE);
        if (simulcast) {
            line(sdp, "a=extmap:" + RID_ID + " " + RID);
        }
    }

    private static void line(final StringBuilder sdp, final String text) {
        sdp.append(text).append(END);
    }

    /** Reads what a server wrote. */
    public static SessionDescription parse(final String text) throws ServerException {
        try {
            return SessionDescription.parse(text);
        } catch (final SdpException e) {
            throw new ServerException("the server's session description cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What a server's answer, or its offer, makes of a connection.
     *
     * @param near true when the server is on this machine: its loopback candidate is then taken before others
     */
    public static Agreement agree(final SessionDescription remote, final boolean near, final Agreement.Leave leave)
        throws ServerException {
        final MediaSection first = remote.sections().stream().filter(section -> section.port() != 0).findFirst()
            .orElseThrow(() -> new ServerException("the server accepts no media section"));
        final InetSocketAddress address = remote.sections().stream().flatMap(section ->
                candidates(section, near).stream()).findFirst()
            .orElseThrow(() -> new ServerException("the server names no UDP candidate with an IPv4 address"));
        final List<Fingerprint> fingerprints = remote.fingerprintsOf(first);
        if (fingerprints.isEmpty() || remote.iceUfragOf(first).isEmpty() || remote.icePasswordOf(first).isEmpty()) {
            throw new ServerException("the server names no ICE credentials or no fingerprint");
        }
        return new Agreement(address, new Agreement.Security(remote.iceUfragOf(first), remote.icePasswordOf(first),
            fingerprints.getFirst(), remote.setupOf(first) == Setup.ACTIVE), streams(remote), "", leave);
    }

    private static Agreement.Streams streams(final SessionDescription remote) {
        int audioType = 0;
        int videoType = 0;
        String audioMid = "";
        String videoMid = "";
        int midId = 0;
        int wideId = 0;
        int ridId = 0;
        for (final MediaSection section : remote.sections()) {
            if (section.port() == 0) {
                continue;
            }
            if (section.media().equals("audio")) {
                audioType = Math.max(0, typeOf(section, "opus"));
                audioMid = section.mid();
            } else if (section.media().equals("video")) {
                videoType = Math.max(0, typeOf(section, "VP8"));
                videoMid = section.mid();
            }
            midId = idOf(section, MID).orElse(midId);
            wideId = idOf(section, WIDE).orElse(wideId);
            ridId = idOf(section, RID).orElse(ridId);
        }
        return new Agreement.Streams(audioType, videoType, audioMid, videoMid, midId, wideId, ridId);
    }

    private static List<InetSocketAddress> candidates(final MediaSection section, final boolean near) {
        final List<InetSocketAddress> loopback = new ArrayList<>();
        final List<InetSocketAddress> others = new ArrayList<>();
        for (final Candidate candidate : section.all(Candidate.class)) {
            if (!candidate.transport().equalsIgnoreCase("udp") || candidate.component() != 1
                || candidate.port() == 0 || candidate.address().indexOf('.') < 0) {
                continue;
            }
            final Optional<InetAddress> address = literal(candidate.address());
            if (address.isPresent()) {
                (near && address.get().isLoopbackAddress() ? loopback : others)
                    .add(new InetSocketAddress(address.get(), candidate.port()));
            }
        }
        loopback.addAll(others);
        return loopback;
    }

    private static Optional<InetAddress> literal(final String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (final IllegalArgumentException name) {
            return Optional.empty(); // a name, perhaps .local: nothing is resolved
        }
    }

    private static int typeOf(final MediaSection section, final String encoding) {
        return section.all(RtpMap.class).stream().filter(map -> map.encoding().equalsIgnoreCase(encoding))
            .map(RtpMap::payloadType).findFirst().orElse(-1);
    }

    private static Optional<Integer> idOf(final MediaSection section, final String uri) {
        return section.all(ExtMap.class).stream().filter(line -> line.uri().equals(uri)).map(ExtMap::id).findFirst();
    }
}
