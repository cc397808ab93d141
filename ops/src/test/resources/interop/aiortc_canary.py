"""An aiortc client that says the same again and again: aiortc_canary.py publish|view URL TOKEN CHAT ANNOTATION

CHAT and ANNOTATION are messages in hex, sent twenty times a second on `chevet.chat` and `chevet.annotations`. Prints a
line of JSON each half second with the last message heard on each. Runs until its standard input is closed.
"""
import asyncio
import json
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription

from relay_http import delete, post

WORDS = {"chevet.chat": bytes.fromhex(sys.argv[4]), "chevet.annotations": bytes.fromhex(sys.argv[5])}
heard = {}


async def main():
    connection = RTCPeerConnection()
    channels = [connection.createDataChannel(label) for label in WORDS]
    for channel in channels:
        channel.on("message", lambda data, label=channel.label: heard.update({label: data.hex()}))
    await connection.setLocalDescription(await connection.createOffer())
    loop = asyncio.get_event_loop()
    answer, resource = await loop.run_in_executor(None, post, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    done = loop.run_in_executor(None, sys.stdin.read)
    turn = 0
    while not done.done():
        for channel in channels:
            if channel.readyState == "open":
                channel.send(WORDS[channel.label])
        if turn % 10 == 0:
            print(json.dumps({"state": connection.iceConnectionState, "heard": heard}), flush=True)
        turn += 1
        await asyncio.wait([done], timeout=0.05)
    await loop.run_in_executor(None, delete, resource)
    await connection.close()


asyncio.run(main())
