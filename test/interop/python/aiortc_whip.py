"""aiortc as a WHIP client: aiortc_whip.py URL TOKEN vp8|h264. Publishes sound and a picture until its input ends."""

import asyncio
import sys
import urllib.parse
import urllib.request

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from aiortc.rtcrtpsender import RTCRtpSender

# The server is on the loopback address, which aioice leaves out of its own.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def request(url, token, method, body=None):
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=5)


def post(url, token, sdp):
    with request(url, token, "POST", sdp.encode()) as response:
        return urllib.parse.urljoin(url, response.headers["Location"]), response.read().decode()


async def publish(url, token, codec):
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pc.addTransceiver(AudioStreamTrack(), direction="sendonly")
    video = pc.addTransceiver(VideoStreamTrack(), direction="sendonly")
    wanted = ("video/" + codec).lower()
    codecs = RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([one for one in codecs if one.mimeType.lower() in (wanted, "video/rtx")])
    await pc.setLocalDescription(await pc.createOffer())
    loop = asyncio.get_running_loop()
    session, answer = await loop.run_in_executor(None, post, url, token, pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await loop.run_in_executor(None, sys.stdin.read)
    await loop.run_in_executor(None, lambda: request(session, token, "DELETE").close())
    await pc.close()


asyncio.run(publish(*sys.argv[1:4]))
