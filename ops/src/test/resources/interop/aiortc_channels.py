"""An aiortc client with data channels only: aiortc_channels.py publish|view URL TOKEN

publish sends blocks of an ECG on `chevet.vitals.v1`, view checks each byte of them; both greet each other on
`chevet.chat`. Prints a line of JSON each half second. Runs until its standard input is closed.
"""
import asyncio
import json
import struct
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription

from relay_http import delete, mode, post

BLOCKS = 60
SUBPROTOCOL = "chevet.vitals.v1"
said = {"received": 0, "held": 0, "faults": [], "words": []}


def payload_of(sequence):
    # One block in ten has 40 000 bytes: aiortc says that it takes messages of 65 536.
    return bytes((sequence * 31 + i * 7) & 255 for i in range(40000 if sequence % 10 == 5 else 400))


def text(value):
    return struct.pack("<H", len(value)) + value.encode()


def message(template, body, variable=b""):
    return struct.pack("<HHHH", len(body), template, 1, 0) + body + variable


def hello():
    return message(1, struct.pack("<QH", 1 if mode == "publish" else 2, 0), text("aiortc"))


def open_stream():
    body = struct.pack("<QQQddqIIIIIIBBBBB", 500, 0, 0, 0.001, 0.0, 0, 1, 1, 131330, 0, 1, 0, 1, 3, 1, 0, 1)
    channels = struct.pack("<HHI", 4, 1, 131330) + text("II") + text("mV")
    return message(3, body, channels + text("ecg") + text("ECG") + text("aiortc"))


def block(stream, sequence):
    payload = payload_of(sequence)
    return message(8, struct.pack("<QQqIII", sequence, sequence * 10, 1, stream, 10, 0),
                   struct.pack("<I", len(payload)) + payload)


def on_vitals(channel, data):
    template = struct.unpack_from("<H", data, 2)[0]
    if template == 2 and mode == "publish":
        channel.send(open_stream())
    elif template == 4:
        stream = struct.unpack_from("<I", data, 8 + 20)[0]
        for sequence in range(BLOCKS):
            channel.send(block(stream, sequence))
    elif template == 5 and mode == "view":
        stream = struct.unpack_from("<I", data, 8 + 56)[0]
        channel.send(message(11, struct.pack("<qIIBB", 0, stream, 1000, 1, 0)))
    elif template == 8:
        sequence, _, _, stream, _, _ = struct.unpack_from("<QQqIII", data, 8)
        if sequence != said["received"] or data[8 + 36 + 4:] != payload_of(sequence):
            said["faults"].append("block %d as number %d" % (sequence, said["received"]))
        said["received"] += 1
    elif template == 10:
        said["held"] = struct.unpack_from("<Q", data, 8)[0]
    elif template in (15, 21):
        said["faults"].append("template %d: %r" % (template, data))


async def main():
    connection = RTCPeerConnection()
    vitals = connection.createDataChannel(SUBPROTOCOL, protocol=SUBPROTOCOL)
    chat = connection.createDataChannel("chevet.chat")
    vitals.on("open", lambda: vitals.send(hello()))
    vitals.on("message", lambda data: on_vitals(vitals, data))
    chat.on("message", said["words"].append)
    await connection.setLocalDescription(await connection.createOffer())
    loop = asyncio.get_event_loop()
    answer, resource = await loop.run_in_executor(None, post, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    done = loop.run_in_executor(None, sys.stdin.read)
    while not done.done():
        if chat.readyState == "open":
            chat.send("from " + mode)
        print(json.dumps({"state": connection.iceConnectionState, **said}), flush=True)
        await asyncio.wait([done], timeout=0.5)
    await loop.run_in_executor(None, delete, resource)
    await connection.close()


asyncio.run(main())
