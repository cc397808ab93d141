package org.chevet.relay.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.chevet.codec.sdp.Candidate;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SdpLimits;
import org.chevet.relay.lane.IceCredentials;
import org.chevet.relay.lane.MediaAddresses;

/**
 * SDP fragments of trickle ICE (RFC 8840 section 9), as WHIP and WHEP exchange them by PATCH (RFC 9725 section 4.3).
 *
 * @param ufrag first ICE user fragment in it, "" when it has none
 * @param password first ICE password in it, "" when it has none
 */
record IceFragment(String ufrag, String password) {
    private static final String UFRAG = "a=ice-ufrag:";
    private static final String PASSWORD = "a=ice-pwd:";
    private static final String CANDIDATE = "a=candidate:";
    /** Candidates read of one fragment; a client with five interfaces and two TURN servers has about forty. */
    private static final int MAX_CANDIDATES = 256;
    private static final String GROUP = "a=group:BUNDLE ";
    private static final String MID = "a=mid:";
    /** RFC 8839 section 5.4: ice-char, 4 to 256 of them in a ufrag, 22 to 256 in a password. */
    private static final Pattern UFRAG_SYNTAX = Pattern.compile("[A-Za-z0-9+/]{4,256}");
    private static final Pattern PASSWORD_SYNTAX = Pattern.compile("[A-Za-z0-9+/]{22,256}");

    /**
     * Reads what a client sent; its candidates are looked at but not kept, because a lite agent learns them from
     * checks.
     */
    static IceFragment parse(final String text) throws ProblemException {
        String ufrag = "";
        String password = "";
        int lines = 0;
        int candidates = 0;
        for (final String line : text.split("\r?\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            lines++;
            if (line.length() < 2 || line.charAt(1) != '=' || (line.charAt(0) != 'a' && line.charAt(0) != 'm')) {
                throw new ProblemException(ProblemType.MALFORMED_SDP,
                    "line " + lines + " of the fragment is neither a= nor m=");
            }
            if (line.startsWith(CANDIDATE)) {
                requireCandidate(line, lines, ++candidates);
            }
            if (ufrag.isEmpty() && line.startsWith(UFRAG)) {
                ufrag = line.substring(UFRAG.length()).strip();
            }
            if (password.isEmpty() && line.startsWith(PASSWORD)) {
                password = line.substring(PASSWORD.length()).strip();
            }
        }
        if (lines == 0) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, "the fragment is empty");
        }
        return new IceFragment(ufrag, password);
    }

    private static void requireCandidate(final String line, final int number, final int count)
        throws ProblemException {
        if (count > MAX_CANDIDATES || line.length() > SdpLimits.MAX_LINE) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, "line " + number + " of the fragment is the "
                + (count > MAX_CANDIDATES ? "candidate after the " + MAX_CANDIDATES + " that are read"
                : "candidate of more than " + SdpLimits.MAX_LINE + " characters"));
        }
        try {
            Candidate.parse(line, number);
        } catch (SdpException e) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, "the fragment: " + e.getMessage());
        }
    }

    /** Refuses new credentials that no ICE session can be made of. */
    void requireCredentials() throws ProblemException {
        if (!UFRAG_SYNTAX.matcher(ufrag).matches() || !PASSWORD_SYNTAX.matcher(password).matches()) {
            throw new ProblemException(ProblemType.MALFORMED_SDP,
                "the fragment has a new ice-ufrag, but ice-ufrag or ice-pwd is not one of RFC 8839 section 5.4");
        }
    }

    /**
     * The lines of an answer a later fragment starts with: its bundle group, and the m-line and mid of the section
     * whose transport the group uses, which is the only one with candidates of its own (RFC 9429 section 3.5.2).
     */
    static String head(final String answer) {
        final List<String> lines = answer.lines().toList();
        final List<String> head = new ArrayList<>();
        String tag = "";
        for (final String line : lines) {
            if (line.startsWith(GROUP) && tag.isEmpty()) {
                head.add(line);
                tag = line.substring(GROUP.length()).split(" ", 2)[0];
            }
        }
        String media = "";
        for (final String line : lines) {
            if (line.startsWith("m=")) {
                media = line;
                if (tag.isEmpty() && !media.split(" ", 3)[1].equals("0")) {
                    head.add(media);
                    break;
                }
            } else if (!tag.isEmpty() && line.equals(MID + tag)) {
                head.add(media);
                head.add(line);
                break;
            }
        }
        return String.join("\r\n", head) + "\r\n";
    }

    /** The relay's side of a restarted ICE session. */
    static String write(final String head, final IceCredentials local, final MediaAddresses addresses) {
        final StringBuilder text = new StringBuilder("a=ice-lite\r\n").append(head)
            .append(UFRAG).append(local.ufrag()).append("\r\n")
            .append(PASSWORD).append(local.password()).append("\r\n");
        AnswerText.candidates(addresses).forEach(line -> text.append(line.toLine()).append("\r\n"));
        return text.append("a=end-of-candidates\r\n").toString();
    }
}
