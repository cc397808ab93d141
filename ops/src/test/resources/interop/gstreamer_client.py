"""A GStreamer client (webrtcbin) of the relay: gstreamer_client.py publish|view URL TOKEN

Offers by WHIP or WHEP and prints a line of JSON each half second: what ICE says, and how many buffers of audio and
video were decoded (view). Runs until its standard input is closed; then it deletes its resource and ends.
"""
import ctypes
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

from relay_http import delete, mode, post

decoded = {"audio": 0, "video": 0}
resource = None

PUBLISH = """webrtcbin name=peer bundle-policy=max-bundle
 videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! vp8enc deadline=1 keyframe-max-dist=15
 ! rtpvp8pay pt=96 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer.
 audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay pt=111
 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer."""
VIDEO = "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


def allow_loopback(peer):
    """libnice leaves loopback out unless told an address; the property holding the agent crashes python3-gi."""
    gobject = ctypes.CDLL("libgobject-2.0.so.0")
    gobject.g_object_get.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p]
    agent, nice, done = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_int()
    gobject.g_object_get(hash(peer), b"ice-agent", ctypes.byref(agent), None)
    gobject.g_signal_emit_by_name.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
    gobject.g_signal_emit_by_name(agent.value, b"add-local-ip-address", b"127.0.0.1", ctypes.byref(done))


def on_pad(peer, pad):
    kind = pad.get_current_caps().get_structure(0).get_string("media")
    tail = "rtpvp8depay ! vp8dec" if kind == "video" else "rtpopusdepay ! opusdec"
    sink = Gst.parse_bin_from_description(tail + " ! fakesink name=sink signal-handoffs=true sync=false", True)

    def count(*_):
        decoded[kind] += 1

    sink.get_by_name("sink").connect("handoff", count)
    pipeline.add(sink)
    sink.sync_state_with_parent()
    pad.link(sink.get_static_pad("sink"))


def on_offer(promise, peer):
    promise.wait()
    # The reply must outlive what is taken out of it.
    reply = promise.get_reply()
    offer = reply.get_value("offer")
    peer.emit("set-local-description", offer, Gst.Promise.new())


def on_gathered(peer, _):
    global resource
    if peer.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE or resource:
        return
    answer, resource = post(peer.get_property("local-description").sdp.as_text())
    message = GstSdp.SDPMessage.new_from_text(answer)[1]
    description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
    peer.emit("set-remote-description", description, None)


def report():
    state = peer.get_property("ice-connection-state").value_nick
    print(json.dumps({"state": state, **decoded}), flush=True)
    return True


Gst.init(None)
if mode == "publish":
    pipeline = Gst.parse_launch(PUBLISH)
    peer = pipeline.get_by_name("peer")
else:
    pipeline = Gst.Pipeline.new("view")
    peer = Gst.ElementFactory.make("webrtcbin", "peer")
    peer.set_property("bundle-policy", "max-bundle")
    pipeline.add(peer)
    peer.connect("pad-added", on_pad)
    receive = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
    peer.emit("add-transceiver", receive, Gst.Caps.from_string(AUDIO))
    peer.emit("add-transceiver", receive, Gst.Caps.from_string(VIDEO))
allow_loopback(peer)
loop = GLib.MainLoop()
peer.connect("notify::ice-gathering-state", lambda p, s: GLib.idle_add(on_gathered, p, s))
peer.connect("on-negotiation-needed", lambda p: p.emit(
    "create-offer", None, Gst.Promise.new_with_change_func(lambda promise, p2: on_offer(promise, p2), p)))
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message::error", lambda _, message: (print(message.parse_error(), file=sys.stderr), loop.quit()))
GLib.timeout_add(500, report)
threading.Thread(target=lambda: (sys.stdin.read(), GLib.idle_add(loop.quit)), daemon=True).start()
pipeline.set_state(Gst.State.PLAYING)
loop.run()
if resource:
    delete(resource)
pipeline.set_state(Gst.State.NULL)
