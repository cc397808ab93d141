package org.chevet.bench.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.SessionDescription;
import org.junit.jupiter.api.Test;

class SdpTest {
    private static final String OFFER = String.join("\r\n",
        "v=0", "o=- 1 1 IN IP4 192.0.2.2", "s=room", "t=0 0", "a=group:BUNDLE a v", "a=ice-lite",
        "m=audio 9 UDP/TLS/RTP/SAVPF 109", "c=IN IP4 192.0.2.2", "a=sendonly", "a=mid:a", "a=rtcp-mux",
        "a=ice-ufrag:ab12", "a=ice-pwd:0123456789012345678901", "a=setup:actpass",
        "a=fingerprint:sha-256 D2:B9:31:8F:DF:24:D8:0E:ED:D2:EF:25:9E:AF:6F:B8:34:AE:53:9C:E6:F3:8F:F2:64:15:FA:E8:7F:"
            + "53:2D:38",
        "a=rtpmap:109 opus/48000/2", "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=candidate:1 1 udp 2015363327 fd00::2 40000 typ host",
        "a=candidate:2 1 udp 2015363583 192.0.2.2 40001 typ host",
        "a=candidate:3 1 udp 2015363583 127.0.0.1 40002 typ host",
        "m=video 9 UDP/TLS/RTP/SAVPF 120", "c=IN IP4 192.0.2.2", "a=sendonly", "a=mid:v", "a=rtcp-mux",
        "a=rtpmap:120 VP8/90000", "");

    private static LocalEnd local(final boolean audio, final int layers) {
        return LocalEnd.create(new SplittableRandom(3), "sha-256 AA:BB", audio, layers, false);
    }

    @Test
    void anOfferOfAServerIsAgreedTo() throws ServerException {
        final Agreement near = Sdp.agree(Sdp.parse(OFFER), true, () -> { });
        assertEquals(40002, near.address().getPort());
        assertEquals(40001, Sdp.agree(Sdp.parse(OFFER), false, () -> { }).address().getPort());
        assertEquals(new Agreement.Streams(109, 120, "a", "v", 5, 0, 0), near.streams());
        final Agreement.Security security = near.security();
        assertTrue(security != null && security.ufrag().equals("ab12") && !security.startsDtls());
    }

    @Test
    void theAnswerTakesWhatWasOffered() throws ServerException {
        final SessionDescription answer = Sdp.parse(Sdp.receivingAnswer(local(false, 0), Sdp.parse(OFFER)));
        assertEquals(List.of("a", "v"), answer.sections().stream().map(section -> section.mid()).toList());
        assertEquals(List.of(109), answer.sections().get(0).payloadTypes());
        assertEquals(List.of(120), answer.sections().get(1).payloadTypes());
        assertEquals(Direction.RECVONLY, answer.directionOf(answer.sections().get(1)));
    }

    @Test
    void offersSayWhatIsSent() throws ServerException {
        final SessionDescription both = Sdp.parse(Sdp.sendingOffer(local(true, 1)));
        assertEquals(2, both.sections().size());
        assertEquals(1, Sdp.parse(Sdp.sendingOffer(local(true, 0))).sections().size());
        final String simulcast = Sdp.sendingOffer(local(false, 2));
        assertTrue(simulcast.contains("a=simulcast:send f;h"), simulcast);
        assertFalse(simulcast.contains("a=ssrc:"));
        final SessionDescription receiving = Sdp.parse(Sdp.receivingOffer(local(false, 0)));
        assertEquals(Direction.RECVONLY, receiving.directionOf(receiving.sections().getFirst()));
    }

    @Test
    void aServerWithoutAddressIsRefused() {
        assertThrows(ServerException.class,
            () -> Sdp.agree(Sdp.parse(OFFER.replaceAll("a=candidate[^\r]*\r\n", "")), true, () -> { }));
        assertThrows(ServerException.class, () -> Sdp.parse("nonsense"));
    }
}
