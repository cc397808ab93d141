"""An aiortc client of the relay: aiortc_client.py publish|view URL TOKEN [turn]

Offers by WHIP or WHEP and prints a line of JSON each half second: what ICE says, and how many frames of audio and video
were decoded (view). With turn it has no candidate but that of the relay's TURN server. Runs until its standard input is
closed; then it deletes its resource and ends.
"""
import asyncio
import json
import sys

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription, rtcicetransport
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack

from aioice import TransportPolicy
from relay_http import delete, mode, post, turn_server

decoded = {"audio": 0, "video": 0}


async def count(track):
    try:
        while True:
            await track.recv()
            decoded[track.kind] += 1
    except MediaStreamError:
        pass


def through_turn():
    """aiortc has no setting for it; aioice below has."""
    settings = rtcicetransport.connection_kwargs
    rtcicetransport.connection_kwargs = lambda servers: {**settings(servers), "transport_policy": TransportPolicy.RELAY}
    address, user, password = turn_server()
    return RTCPeerConnection(RTCConfiguration([RTCIceServer(address, user, password)]))


async def main():
    connection = through_turn() if "turn" in sys.argv[4:] else RTCPeerConnection()
    tasks = []
    if mode == "publish":
        connection.addTrack(AudioStreamTrack())
        connection.addTrack(VideoStreamTrack())
    else:
        connection.on("track", lambda track: tasks.append(asyncio.ensure_future(count(track))))
        connection.addTransceiver("audio", direction="recvonly")
        connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    loop = asyncio.get_event_loop()
    answer, resource = await loop.run_in_executor(None, post, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    done = loop.run_in_executor(None, sys.stdin.read)
    while not done.done():
        print(json.dumps({"state": connection.iceConnectionState, **decoded}), flush=True)
        await asyncio.wait([done], timeout=0.5)
    await loop.run_in_executor(None, delete, resource)
    await connection.close()


asyncio.run(main())
