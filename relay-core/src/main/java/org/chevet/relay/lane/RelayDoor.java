package org.chevet.relay.lane;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.route.PublicationInfo;
import org.jspecify.annotations.Nullable;

/**
 * What signalling may ask of the lanes. Safe on any thread; stages complete on the lane of the consultation, so
 * that a continuation
 * must not block and must hand over to its own event loop.
 */
public interface RelayDoor {
    /**
     * Opens a consultation on the least loaded lane. Conflict when the id is open already.
     *
     * @param policy of end-to-end encryption, null for the configured one
     */
    CompletionStage<Outcome<ConsultationInfo>> open(String consultation, @Nullable EndToEndPolicy policy);

    /** The same with the configured policy. */
    default CompletionStage<Outcome<ConsultationInfo>> open(final String consultation) {
        return open(consultation, null);
    }

    /** Ends a consultation: every peer and link is closed. */
    CompletionStage<Outcome<ConsultationInfo>> close(String consultation);

    /**
     * Puts a participant out: all its connections end, and its tokens are refused as long as the consultation is open,
     * whether it is here now or not.
     *
     * @return its id; Exhausted when the consultation has put out as many as it can remember
     */
    CompletionStage<Outcome<String>> evict(String consultation, String participant);

    /** State of one consultation with its roster. */
    CompletionStage<Outcome<ConsultationInfo>> consultation(String consultation);

    /**
     * What an answer advertises, and which publications it may carry.
     *
     * @param receiver who will receive: its own publications are left out, unless {@code from} names it
     * @param from the only participant whose publications are wanted, "" for all
     * @param session number of the session WebSocket that asks: what its connections carry already is left out;
     *     {@link PeerSpec#NO_SESSION} for none
     */
    CompletionStage<Outcome<MediaOffer>> media(String consultation, String receiver, String from, int session);

    /**
     * Admits a peer connection. The participant is on the roster before this completes.
     *
     * @param ended runs once, when an admitted connection has ended, whoever ended it; on the lane's thread, must not
     *     block or throw
     */
    CompletionStage<Outcome<PeerSpec>> addPeer(PeerSpec spec, Runnable ended);

    /** Closes a peer connection (WHIP or WHEP DELETE); the participant must be its owner. */
    CompletionStage<Outcome<String>> removePeer(String consultation, String participant, String resource);

    /**
     * Restarts ICE of a peer connection with new credentials of the relay's; DTLS and media go on. The participant
     * must be its owner.
     *
     * @return what to advertise with the credentials
     */
    CompletionStage<Outcome<MediaAddresses>> restartIce(String consultation, String participant, String resource,
        IceCredentials local);

    /** The threads of all lanes, for whoever brings sockets to them. */
    List<Executor> loops();

    /**
     * The thread of a consultation's lane, where its vitals WebSockets live; null when it is not open. Executors are
     * the event loops of the lanes.
     */
    @Nullable Executor loopOf(String consultation);

    /**
     * The lane of the peer that a check names, for the TCP connection it came by.
     *
     * @return null when the bytes are no STUN message, or name no peer
     */
    @Nullable MediaStreams streamsOf(DirectBuffer in, int offset, int length);

    /**
     * Attaches a vitals connection; the link is used until either side closes.
     *
     * @param loop the lane's thread where the connection is now, from {@link #loopOf}; when the consultation is not
     *     there any more the answer is a refusal
     */
    CompletionStage<Outcome<VitalsLink>> attachVitals(Claims claims, VitalsClient client, Executor loop);

    /**
     * Attaches a session connection, which hears the whole state first and every change after it, as JSON text.
     *
     * @param resumeToken unguessable: opens what this connection will have made to a later one, once
     */
    CompletionStage<Outcome<Link>> attachSession(Claims claims, String resumeToken, LinkClient client);

    /**
     * Publications and addresses for an answer.
     *
     * @param publications tracks there are now
     * @param addresses what to advertise
     * @param endToEnd what the consultation asks of encryption
     */
    record MediaOffer(List<PublicationInfo> publications, MediaAddresses addresses, EndToEndPolicy endToEnd) {
        /** Copies the list. */
        public MediaOffer {
            publications = List.copyOf(publications);
        }
    }

    /**
     * One participant on the roster.
     *
     * @param participant id
     * @param role claim value of the role
     * @param name shown name
     * @param connections what is open now: "whip", "whep", "vitals", "session"; sorted, may repeat
     * @param publications media tracks
     * @param ready the participant's technical check has passed
     * @param endToEnd what it announced to agree on new keys with; null when nothing
     */
    record RosterEntry(String participant, String role, String name, List<String> connections,
        List<Track> publications, boolean ready, @Nullable EndToEndKey endToEnd) {
        /** Copies the lists. */
        public RosterEntry {
            connections = List.copyOf(connections);
            publications = List.copyOf(publications);
        }
    }

    /**
     * What a participant announced to agree on new keys with; the relay cannot use it.
     *
     * @param key P-256 point, base64url
     * @param mac its proof for the others, base64url
     */
    record EndToEndKey(String key, String mac) {
    }

    /**
     * A media track on the roster.
     *
     * @param info the publication
     * @param muted nothing of it is forwarded, because its publisher said so
     * @param profile what its picture is for; null when nobody said
     */
    record Track(PublicationInfo info, boolean muted, @Nullable TrackProfile profile) {
    }

    /**
     * A consultation as the API shows it.
     *
     * @param id its id
     * @param lane index of its lane
     * @param endToEnd what it asks of encryption
     * @param roster participants in order of arrival
     */
    record ConsultationInfo(String id, int lane, EndToEndPolicy endToEnd, List<RosterEntry> roster) {
        /** Copies the list. */
        public ConsultationInfo {
            roster = List.copyOf(roster);
        }
    }

    /** The lane's end of a vitals WebSocket, which lives on the lane's thread. Lane thread only. */
    interface VitalsLink {
        /** Takes one message; the bytes are borrowed for the call. */
        void receive(DirectBuffer in, int offset, int length);

        /** What was read at once is handed over: the lane may take its turn. */
        void endOfBatch();

        /** Asks the lane to send what waited because {@link VitalsClient#isWritable()} was false. */
        void writable();

        /** The WebSocket is gone. */
        void closed();
    }

    /** The WebSocket's end of a vitals link. Lane thread only; messages are written where they leave from. */
    interface VitalsClient {
        /** True while nothing waits in the socket. */
        boolean isWritable();

        /**
         * Makes room for one message and returns where in {@link #buffer()} it begins; valid until {@link #send} or
         * the next claim.
         */
        int claim(int maxLength);

        /** Where messages are written; may be another one after each claim. */
        MutableDirectBuffer buffer();

        /** Sends what was written at the claimed place; it leaves with the next {@link #flush} at the latest. */
        void send(int length);

        /** Hands what was sent to the kernel. Must be called before another connection of the lane claims. */
        void flush();

        /** Closes the connection with a WebSocket close code (4000 to 4999 of this protocol) and a sentence. */
        void close(int code, String reason);
    }

    /** The lane's end of a session WebSocket. Safe on any thread. */
    interface Link {
        /** Number of the session in its consultation, for what it makes: {@link PeerSpec#session()}. */
        int number();

        /**
         * Hands one request to the lane.
         *
         * @return false when the lane's queue is full: stop reading and try again, or close
         */
        boolean receive(SessionRequest request);

        /** The WebSocket is gone. */
        void closed(Ending ending);
    }

    /** How a session WebSocket came to its end, and so what becomes of the media connections it made. */
    enum Ending {
        /** The client said that it leaves: they end now. */
        LEFT,
        /** Without a word: they are kept for a while, so that the client can come back. */
        LOST,
        /** Its token ran out: as if lost, but afterwards they go on by themselves, since they were admitted. */
        EXPIRED
    }

    /** The WebSocket's end of a session link. Called on the lane's thread; must not block. */
    interface LinkClient {
        /** True when the connection takes more now; volatile, may be a little old. */
        boolean isWritable();

        /** Sends one text message (session). */
        void sendText(String message);

        /** Answers a request with an error, which is counted; without an id it says which type it is about. */
        void sendError(SessionRequest request, Refusal refusal);

        /** Flushes what was sent since the last flush. */
        void flush();

        /** Closes the connection with a WebSocket close code (4000 to 4999 of this protocol) and a sentence. */
        void close(int code, String reason);
    }
}
