package org.chevet.codec.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PayloadTest {
    private static UnsafeBuffer hex(final String text) {
        return new UnsafeBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "key frame without extension | 10 00 | true | -1 | -1 | -1 | -1",
        "predicted frame | 10 01 | false | -1 | -1 | -1 | -1",
        "not the start | 00 00 | false | -1 | -1 | -1 | -1",
        "start of another partition | 11 00 | false | -1 | -1 | -1 | -1",
        "nothing behind the descriptor | 10 | false | -1 | -1 | -1 | -1",
        "picture id of 7 bits | 90 80 7f 00 | true | 127 | -1 | -1 | -1",
        "picture id of 15 bits | 90 80 ffff 00 | true | 32767 | -1 | -1 | -1",
        "everything | 90 f0 8001 aa f5 00 | true | 1 | 170 | 3 | 21",
        "TL0PICIDX and TID | 90 60 05 40 00 | true | -1 | 5 | 1 | -1",
        "KEYIDX alone | 90 10 1f 01 | false | -1 | -1 | -1 | 31",
    })
    void vp8(final String what, final String text, final boolean key, final int pictureId, final int tl0,
        final int tid, final int keyIndex) {
        final UnsafeBuffer payload = hex(text);
        final Vp8Descriptor descriptor = new Vp8Descriptor();
        assertTrue(descriptor.wrap(payload, 0, payload.capacity()), what);
        assertEquals(key, descriptor.isKeyFrameStart());
        assertEquals(key, KeyFrames.isVp8Start(payload, 0, payload.capacity()));
        assertEquals(pictureId, descriptor.pictureId());
        assertEquals(tl0, descriptor.tl0PicIdx());
        assertEquals(tid, descriptor.temporalId());
        assertEquals(keyIndex, descriptor.keyIndex());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "empty | ''", "X and nothing | 90", "I and nothing | 90 80", "half a picture id | 90 80 80",
        "no TL0PICIDX | 90 40", "no layer byte | 90 20", "no layer byte behind the rest | 90 f0 8001 aa",
    })
    void vp8CutShort(final String what, final String text) {
        final UnsafeBuffer payload = hex(text);
        assertFalse(new Vp8Descriptor().wrap(payload, 0, payload.capacity()), what);
        assertFalse(KeyFrames.isVp8Start(payload, 0, payload.capacity()), what);
    }

    @Test
    void vp8NumbersAreRewrittenInACopyAndNothingElse() {
        final UnsafeBuffer payload = hex("ffff 90 f0 8001 aa f5 00");
        final UnsafeBuffer copy = hex("00 90 f0 8001 aa f5 00");
        final Vp8Descriptor descriptor = new Vp8Descriptor();
        assertTrue(descriptor.wrap(payload, 2, payload.capacity() - 2));
        assertEquals(6, descriptor.length());
        descriptor.putPictureId(copy, 1, 0x1_7FFE);
        descriptor.putTl0PicIdx(copy, 1, 0x1FF);
        assertEquals("0090f0fffefff500", HexFormat.of().formatHex(copy.byteArray()));
        final UnsafeBuffer shortId = hex("90 80 01 00");
        assertTrue(descriptor.wrap(shortId, 0, 4));
        descriptor.putPictureId(shortId, 0, 0x17F);
        descriptor.putTl0PicIdx(shortId, 0, 9);
        assertEquals("90807f00", HexFormat.of().formatHex(shortId.byteArray()));
        final UnsafeBuffer none = hex("10 00");
        assertTrue(descriptor.wrap(none, 0, 2));
        descriptor.putPictureId(none, 0, 1);
        assertEquals("1000", HexFormat.of().formatHex(none.byteArray()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "key picture, no layers | 08 00 | true | 1 | -1 | -1 | -1",
        "predicted picture | 48 00 | false | 1 | -1 | -1 | -1",
        "not the start | 00 00 | false | 1 | -1 | -1 | -1",
        "flexible, lowest layer | b8 8001 10 00 | true | 4 | 1 | 0 | 0",
        "flexible, layer above | b8 8001 13 00 | false | 4 | 1 | 1 | 0",
        "not flexible with TL0PICIDX | a8 05 60 07 00 | true | 4 | 5 | 0 | 3",
        "three references | f8 05 60 03 03 02 00 | false | 6 | 5 | 0 | 3",
        "structure with sizes and pictures | 0a 38 01400100 02800200 02 04 07 08 09 01 00 | true | 16 | -1 | -1 | -1",
    })
    void vp9(final String what, final String text, final boolean key, final int length, final int pictureId,
        final int sid, final int tid) {
        final UnsafeBuffer payload = hex(text);
        final Vp9Descriptor descriptor = new Vp9Descriptor();
        assertTrue(descriptor.wrap(payload, 0, payload.capacity()), what);
        assertEquals(key, descriptor.isKeyFrameStart());
        assertEquals(key, KeyFrames.isVp9Start(payload, 0, payload.capacity()));
        assertEquals(length, descriptor.length());
        assertEquals(pictureId, descriptor.pictureId());
        assertEquals(sid, descriptor.spatialId());
        assertEquals(tid, descriptor.temporalId());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "empty | ''", "I and nothing | 80", "half a picture id | 80 80", "no layers | 28", "no TL0PICIDX | 28 00",
        "reference missing | 50", "reference to follow missing | 50 03", "no structure | 02",
        "sizes missing | 02 18 0140", "picture count missing | 02 08", "pictures missing | 02 08 ff 00",
        "picture references missing | 02 08 01 0c 00",
    })
    void vp9CutShort(final String what, final String text) {
        final UnsafeBuffer payload = hex(text);
        assertFalse(new Vp9Descriptor().wrap(payload, 0, payload.capacity()), what);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "SPS alone | 67 42 | true", "first slice of an IDR picture | 65 88 | true",
        "later slice of an IDR picture | 65 40 | false", "predicted slice | 61 e0 | false", "PPS | 68 ce | false",
        "STAP-A with SPS | 78 0002 6742 0002 68ce | true", "STAP-A with PPS first | 78 0002 68ce 0002 6742 | true",
        "STAP-A of PPS and SEI | 78 0002 68ce 0002 0601 | false", "STAP-A with IDR | 78 0002 6588 | true",
        "STAP-A with a size too large | 78 0009 6742 | false", "STAP-A with size 0 | 78 0000 6742 | false",
        "STAP-A cut short | 78 00 | false", "FU-A start of IDR | 7c 85 88 | true",
        "FU-A middle of IDR | 7c 05 88 | false",
        "FU-A start of a later slice | 7c 85 40 | false", "FU-A start of a predicted slice | 7c 81 88 | false",
        "FU-A without a body | 7c 85 | false", "empty | '' | false", "one byte | 65 | false",
    })
    void h264(final String what, final String text, final boolean key) {
        final UnsafeBuffer payload = hex(text);
        assertEquals(key, KeyFrames.isH264Start(payload, 0, payload.capacity()), what);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "N bit | 18 0a0b | true", "no N bit, a frame | 10 34 | false", "N bit on a continuation | 98 34 | false",
        "sequence header without N | 10 0a0b | true", "sequence header behind another OBU | 20 02 3400 0a0b | true",
        "W 0, sequence header last | 00 02 3400 02 0a0b | true", "continuation that looks like one | 90 0a0b | false",
        "continuation, then a sequence header | a0 02 0a0b 0a0b | true",
        "W 2 but the second missing | 20 02 3400 | false", "element too long | 20 7f 0a0b | false",
        "length without an end | 00 ffffffffffffffffff | false", "length of 2^56 - 1 | 00 ffffffffffffff7f 0a | false",
        "empty elements | 00 00 00 00 00 | false", "empty | '' | false", "header alone | 18 | false",
    })
    void av1(final String what, final String text, final boolean key) {
        final UnsafeBuffer payload = hex(text);
        assertEquals(key, KeyFrames.isAv1Start(payload, 0, payload.capacity()), what);
    }

    @Test
    void dependencyDescriptorOfThreeBytesNeedsAKnownTemplate() {
        final UnsafeBuffer value = hex("c5 1234");
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        final DependencyTemplates templates = new DependencyTemplates();
        assertFalse(descriptor.wrap(value, 0, 2));
        assertTrue(descriptor.wrap(value, 0, 3));
        assertTrue(descriptor.isStartOfFrame() && descriptor.isEndOfFrame());
        assertFalse(descriptor.hasStructure() || descriptor.isKeyFrameStart() || descriptor.hasActiveDecodeTargets());
        assertEquals(5, descriptor.templateId());
        assertEquals(0x1234, descriptor.frameNumber());
        assertFalse(templates.update(descriptor));
        assertEquals(-1, templates.spatialId(5));
        assertEquals(-1, templates.maxTemporalId());
    }

    @Test
    void aTemplateStructureIsReadOnceAndKeptWhenTheNextIsMalformed() {
        // S, template 63, frame 1; T and A; offset 63, 2 targets; layers: (0,0) (0,1) (1,0); indications 2*3*2 bits;
        // no fdiffs; no chains (ns(3) = 0); no resolutions; active 01.
        final String bits = "10111111" + "0000000000000001" + "11000" + "111111" + "00001" + "01" + "10" + "11"
            + "101010101010" + "000" + "0" + "0" + "01";
        final UnsafeBuffer value = bits(bits);
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        final DependencyTemplates templates = new DependencyTemplates();
        assertTrue(descriptor.wrap(value, 0, value.capacity()));
        assertTrue(descriptor.isKeyFrameStart() && descriptor.hasActiveDecodeTargets());
        assertTrue(templates.update(descriptor));
        assertEquals(2, templates.decodeTargetCount());
        assertEquals(1, templates.activeDecodeTargets());
        assertEquals(1, templates.maxSpatialId());
        assertEquals(1, templates.maxTemporalId());
        assertEquals(0, templates.spatialId(63));
        assertEquals(1, templates.temporalId(0), "ids wrap at 64");
        assertEquals(1, templates.spatialId(1));
        assertEquals(0, templates.temporalId(1));
        assertFalse(templates.isKnown(2));
        for (int cut = DependencyDescriptor.MANDATORY_LENGTH + 1; cut < value.capacity(); cut++) {
            assertTrue(descriptor.wrap(value, 0, cut));
            assertFalse(templates.update(descriptor), "cut to " + cut);
            assertEquals(2, templates.decodeTargetCount());
        }
        final UnsafeBuffer deep = bits("10000000" + "0000000000000001" + "10000" + "000000" + "00000"
            + "01".repeat(8) + "11" + "0".repeat(80));
        assertTrue(descriptor.wrap(deep, 0, deep.capacity()));
        assertFalse(templates.update(descriptor), "temporal id 8");
        final UnsafeBuffer wide = bits("10000000" + "0000000000000001" + "10000" + "000000" + "00000"
            + "10".repeat(4) + "11" + "0".repeat(80));
        assertTrue(descriptor.wrap(wide, 0, wide.capacity()));
        assertFalse(templates.update(descriptor), "spatial id 4");
        assertEquals(1, templates.maxSpatialId());
        templates.reset();
        assertFalse(templates.isKnown(63));
    }

    @Test
    void whatStandsBehindChainsAndResolutionsIsReached() {
        // One template, two targets: indications, a frame difference of 6, two chains (ns(3) = 11), which chain
        // protects which target (ns(2) twice), two chain differences, one resolution; active targets 10.
        final UnsafeBuffer value = bits("10000000" + "0000000000000001" + "11000" + "000000" + "00001" + "11" + "1010"
            + "1" + "0101" + "0" + "11" + "0" + "1" + "00010010" + "1" + "0000001001111111" + "0000000101100111"
            + "10");
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        final DependencyTemplates templates = new DependencyTemplates();
        assertTrue(descriptor.wrap(value, 0, value.capacity()));
        assertTrue(templates.update(descriptor));
        assertEquals(2, templates.activeDecodeTargets());
        assertEquals(2, templates.decodeTargetCount());
        assertEquals(0, templates.maxSpatialId());
    }

    @Test
    void indicationsSayWhichTargetsAFrameBelongsTo() {
        // L1T2: templates (0,0) and (0,1); targets: T0 and T0+T1; indications S S and - D.
        final UnsafeBuffer key = bits("10000000" + "0000000000000001" + "10000" + "000000" + "00001" + "01" + "11"
            + "1010" + "0001" + "00" + "0" + "0");
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        final DependencyTemplates templates = new DependencyTemplates();
        assertTrue(descriptor.wrap(key, 0, key.capacity()) && templates.update(descriptor));
        assertEquals(0b11, templates.framePresent());
        assertEquals(0b11, templates.frameSwitch());
        assertEquals(0, templates.targetTemporalId(0));
        assertEquals(1, templates.targetTemporalId(1));
        assertEquals(0, templates.targetSpatialId(1));
        final UnsafeBuffer upper = bits("11000001" + "0000000000000010");
        assertTrue(descriptor.wrap(upper, 0, 3) && templates.update(descriptor));
        assertEquals(0b10, templates.framePresent());
        assertEquals(0, templates.frameSwitch());
        // A frame with indications of its own: - S instead of the template's.
        final UnsafeBuffer own = bits("11000001" + "0000000000000100" + "00100" + "0010");
        assertTrue(descriptor.wrap(own, 0, own.capacity()) && templates.update(descriptor));
        assertEquals(0b10, templates.framePresent());
        assertEquals(0b10, templates.frameSwitch());
        assertTrue(descriptor.wrap(own, 0, 4));
        assertFalse(templates.update(descriptor), "its indications are cut off");
    }

    private static UnsafeBuffer bits(final String bits) {
        final byte[] bytes = new byte[(bits.length() + 7) / 8];
        for (int i = 0; i < bits.length(); i++) {
            bytes[i / 8] |= (byte) ((bits.charAt(i) - '0') << (7 - i % 8));
        }
        return new UnsafeBuffer(bytes);
    }
}
