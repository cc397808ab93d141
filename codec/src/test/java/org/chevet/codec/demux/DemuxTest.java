package org.chevet.codec.demux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.chevet.codec.Fixtures;
import org.junit.jupiter.api.Test;

class DemuxTest {
    @Test
    void firstByteRangesAreThoseOfRfc7983() {
        for (int first = 0; first < 256; first++) {
            final int expected;
            if (first <= 3) {
                expected = Demux.STUN;
            } else if (first >= 20 && first <= 63) {
                expected = Demux.DTLS;
            } else if (first >= 128 && first <= 191) {
                expected = Demux.RTP;
            } else {
                expected = Demux.UNKNOWN;
            }
            assertEquals(expected, Demux.classify(first), "first byte " + first);
            assertEquals(expected, Demux.classify((byte) first), "the same byte, signed");
        }
    }

    @Test
    void rtcpTypesAre192To223() {
        for (int second = 0; second < 256; second++) {
            assertEquals(second >= 192 && second <= 223, Demux.isRtcp(second), "second byte " + second);
            assertEquals(second >= 192 && second <= 223, Demux.isRtcp((byte) second), "the same byte, signed");
        }
    }

    @Test
    void everyCapturedDatagramFindsItsProtocol() {
        Fixtures.stun().forEach(stun -> assertEquals(Demux.STUN, Demux.classify(stun.bytes().getByte(0)), stun.file()));
        Fixtures.captures().forEach(capture -> capture.packets().forEach(packet -> {
            assertEquals(Demux.RTP, Demux.classify(packet.sealed().getByte(0)), capture.file());
            assertEquals(packet.kind().equals("rtcp"), Demux.isRtcp(packet.sealed().getByte(1)), capture.file());
        }));
    }
}
