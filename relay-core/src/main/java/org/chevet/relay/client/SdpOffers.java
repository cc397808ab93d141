package org.chevet.relay.client;

import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.ExtMap;
import org.chevet.codec.sdp.Fmtp;
import org.chevet.codec.sdp.Group;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.Msid;
import org.chevet.codec.sdp.Origin;
import org.chevet.codec.sdp.RtcpFeedback;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.codec.sdp.SdpAttribute;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.sdp.Setup;
import org.chevet.codec.sdp.Ssrc;
import org.chevet.codec.sdp.SsrcGroup;
import org.chevet.codec.sdp.TextAttribute;

/** Offers of the Java client: one bundled transport, no candidates (an ICE-lite relay learns them from checks). */
final class SdpOffers {
    static final String MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";
    static final int OPUS = 111;
    static final int VP8 = 96;
    private static final int MID_ID = 1;
    private static final int TRANSPORT_ID = 2;
    private static final int VIDEO_CLOCK = 90_000;
    private static final int OPUS_CLOCK = 48_000;
    private static final int DISCARD_PORT = 9;

    private final String ufrag;
    private final String password;
    private final String fingerprint;
    private final List<MediaSection> sections = new ArrayList<>();

    SdpOffers(final String ufrag, final String password, final String fingerprint) {
        this.ufrag = ufrag;
        this.password = password;
        this.fingerprint = fingerprint;
    }

    /** Adds a section that sends Opus or VP8; the next mid is its number. */
    void send(final TrackKind kind, final String track, final String cname, final int ssrc, final int rtxSsrc) {
        final List<SdpAttribute> lines = start(Direction.SENDONLY);
        final List<String> formats = new ArrayList<>();
        if (kind == TrackKind.AUDIO) {
            opus(lines, formats);
        } else {
            video(lines, formats, VP8, "VP8", "");
        }
        lines.add(new Msid("chevet", track));
        if (rtxSsrc != 0) {
            lines.add(new SsrcGroup("FID", List.of(ssrc, rtxSsrc)));
        }
        lines.add(new Ssrc(ssrc, "cname", cname));
        if (rtxSsrc != 0) {
            lines.add(new Ssrc(rtxSsrc, "cname", cname));
        }
        add(kind, formats, lines);
    }

    /** Adds a section that receives every codec the relay carries, with or without feedback on arrivals. */
    void receive(final TrackKind kind, final boolean feedback) {
        final List<SdpAttribute> lines = start(Direction.RECVONLY);
        if (feedback) {
            lines.add(new ExtMap(TRANSPORT_ID, null, ArrivalFeedback.URI, ""));
        }
        final List<String> formats = new ArrayList<>();
        if (kind == TrackKind.AUDIO) {
            opus(lines, formats);
        } else {
            video(lines, formats, VP8, "VP8", "");
            video(lines, formats, 98, "VP9", "profile-id=0");
            video(lines, formats, 102, "H264",
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
            video(lines, formats, 104, "H264",
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f");
            video(lines, formats, 106, "H264",
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f");
            video(lines, formats, 45, "AV1", "level-idx=5;profile=0;tier=0");
        }
        add(kind, formats, lines);
    }

    SessionDescription build(final long sessionId) {
        final List<SdpAttribute> session = List.of(
            new Group("BUNDLE", sections.stream().map(MediaSection::mid).toList()),
            new TextAttribute("msid-semantic", "WMS *"));
        return new SessionDescription(new Origin("-", Long.toString(sessionId), "1", "IN IP4 127.0.0.1"), "-", "",
            session, sections);
    }

    private List<SdpAttribute> start(final Direction direction) {
        return new ArrayList<>(List.of(new TextAttribute("mid", Integer.toString(sections.size())), direction,
            TextAttribute.flag("rtcp-mux"), TextAttribute.flag("rtcp-rsize"), new TextAttribute("ice-ufrag", ufrag),
            new TextAttribute("ice-pwd", password), new TextAttribute("fingerprint", fingerprint), Setup.ACTPASS,
            new ExtMap(MID_ID, null, MID_URI, "")));
    }

    private static void opus(final List<SdpAttribute> lines, final List<String> formats) {
        formats.add(Integer.toString(OPUS));
        lines.add(new RtpMap(OPUS, "opus", OPUS_CLOCK, 2));
        lines.add(new RtcpFeedback(OPUS, "nack"));
        lines.add(new RtcpFeedback(OPUS, "transport-cc"));
        lines.add(new Fmtp(OPUS, "minptime=10;useinbandfec=1"));
    }

    /** A codec and its retransmissions under the next payload type. */
    private static void video(final List<SdpAttribute> lines, final List<String> formats, final int type,
        final String name, final String fmtp) {
        final int rtx = type + 1;
        formats.add(Integer.toString(type));
        formats.add(Integer.toString(rtx));
        lines.add(new RtpMap(type, name, VIDEO_CLOCK, 0));
        for (final String feedback : List.of("ccm fir", "nack", "nack pli", "transport-cc")) {
            lines.add(new RtcpFeedback(type, feedback));
        }
        if (!fmtp.isEmpty()) {
            lines.add(new Fmtp(type, fmtp));
        }
        lines.add(new RtpMap(rtx, "rtx", VIDEO_CLOCK, 0));
        lines.add(new Fmtp(rtx, "apt=" + type));
    }

    private void add(final TrackKind kind, final List<String> formats, final List<SdpAttribute> lines) {
        sections.add(new MediaSection(kind.media(), DISCARD_PORT, "UDP/TLS/RTP/SAVPF", formats, "IN IP4 0.0.0.0",
            lines));
    }
}
