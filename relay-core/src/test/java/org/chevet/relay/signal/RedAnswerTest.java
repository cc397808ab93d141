package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.PublicationInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RED (RFC 2198) of Opus is agreed to in the order of the offer; RED of video, or of sealed frames, is not. */
class RedAnswerTest {
    private static final String PUBLISHES = "chromium156-av-sendonly";
    private static final String RECEIVES = "chromium156-recvonly";
    private static final NegotiatedCodec OPUS = AnswerFixtures.codec(Codec.OPUS, 96, "");
    private static final NegotiatedCodec RED =
        new NegotiatedCodec(Codec.RED, 97, -1, 48_000, 2, "96/96", false, false, false, false, false);

    @Test
    void itIsAgreedToWhereThePublisherHasIt() throws IOException, SdpException, SdpRefusal {
        final Answer answer = SdpAnswerer.answer(AnswerFixtures.offer(PUBLISHES), AnswerFixtures.publish());
        assertEquals(List.of(111, 63), types(answer));
        final NegotiatedCodec red = answer.sections().getFirst().codecs().get(1);
        assertEquals(Codec.RED, red.codec());
        assertEquals(111, red.blockPayloadType());
        assertTrue(answer.sdp().contains("a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"));
        assertFalse(answer.sdp().contains("red/90000"), "all video would come as RED");
    }

    @Test
    void whoPrefersItIsAnsweredSo() throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = SessionDescription.parse(AnswerFixtures.text(PUBLISHES)
            .replace("SAVPF 111 63 ", "SAVPF 63 111 "));
        assertEquals(List.of(63, 111), types(SdpAnswerer.answer(offer, AnswerFixtures.publish())));
    }

    @Test
    void aReceiverGetsItOnlyOfAPublisherWhoHasIt() throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = AnswerFixtures.offer(RECEIVES);
        assertEquals(List.of(63, 111), types(SdpAnswerer.answer(offer, AnswerFixtures.subscribe(of(RED, OPUS)))));
        assertEquals(List.of(111), types(SdpAnswerer.answer(offer, AnswerFixtures.subscribe(of(OPUS)))));
        final SessionDescription firefox = AnswerFixtures.offer("firefox153-recvonly");
        assertEquals(List.of(109), types(SdpAnswerer.answer(firefox, AnswerFixtures.subscribe(of(RED, OPUS)))));
    }

    @Test
    void whoSealsFramesIsNotAgreedTo() throws IOException, SdpException, SdpRefusal {
        assertEquals(List.of(111), types(SdpAnswerer.answer(AnswerFixtures.offer(PUBLISHES),
            AnswerFixtures.publish().withEncrypted())));
    }

    @ParameterizedTest
    @CsvSource({"111/111, true", "111, true", "111/111/111, true", "111/9, false", "9/9, false", "63/63, false",
        "x, false", "999/999, false", "'', false", "111/, false", "96/96, false"})
    void itsBlocksAreOpusOfTheSection(final String fmtp, final boolean agreed)
        throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = SessionDescription.parse(AnswerFixtures.text(PUBLISHES)
            .replace("a=fmtp:63 111/111\r\n", fmtp.isEmpty() ? "" : "a=fmtp:63 " + fmtp + "\r\n"));
        assertEquals(agreed ? List.of(111, 63) : List.of(111),
            types(SdpAnswerer.answer(offer, AnswerFixtures.publish())));
    }

    private static PublicationInfo of(final NegotiatedCodec... codecs) {
        return new PublicationInfo(5, "patient-1", "0", MediaKind.AUDIO, "voice", List.of(codecs));
    }

    private static List<Integer> types(final Answer answer) {
        return answer.sections().getFirst().codecs().stream().map(NegotiatedCodec::payloadType).toList();
    }
}
