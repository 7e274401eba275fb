"""aiortc as a WHEP client: aiortc_whep.py URL FRAMES [SOUND_FRAMES]. Prints what it decoded as JSON."""

import array
import asyncio
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

LIMIT_S = 20
FRAME_S = 0.02

# The server is on the loopback address, which aioice leaves out of its own.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def post(url, sdp):
    request = urllib.request.Request(url, sdp.encode(), {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return urllib.parse.urljoin(url, response.headers["Location"]), response.read().decode()


def delete(session):
    try:
        urllib.request.urlopen(urllib.request.Request(session, method="DELETE"), timeout=5)
    except urllib.error.HTTPError:
        pass  # it is over already: the frames that are missing say why it matters


async def receive(track, frames, result):
    while result["frames"] < frames:
        frame = await track.recv()
        result["frames"] += 1
        result["size"] = f"{frame.width}x{frame.height}"


async def hear(track, frames, result):
    expected = None
    while result["sound"] < frames:
        frame = await track.recv()
        result["sound"] += 1
        if expected is not None and frame.pts != expected:
            result["gaps"] += 1
        expected = frame.pts + frame.samples
        samples = array.array("h", bytes(frame.planes[0]))
        result["loudest"] = max(result["loudest"], max(abs(sample) for sample in samples))


async def watch(url, frames, sound_frames):
    result = {"frames": 0, "sound": 0, "gaps": 0, "loudest": 0}
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    audio = pc.addTransceiver("audio", direction="recvonly")
    video = pc.addTransceiver("video", direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    loop = asyncio.get_running_loop()
    try:
        session, answer = await loop.run_in_executor(None, post, url, pc.localDescription.sdp)
    except urllib.error.HTTPError as error:
        return {**result, "failed": f"{error.code} {error.read().decode()}"}
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    try:
        wanted = [receive(video.receiver.track, frames, result)]
        if sound_frames > 0:
            wanted.append(hear(audio.receiver.track, sound_frames, result))
        await asyncio.wait_for(asyncio.gather(*wanted), LIMIT_S + sound_frames * FRAME_S)
    except asyncio.TimeoutError:
        pass
    await loop.run_in_executor(None, delete, session)
    await pc.close()
    return result


sound_frames = int(sys.argv[3]) if len(sys.argv) > 3 else 0
print(json.dumps(asyncio.run(watch(sys.argv[1], int(sys.argv[2]), sound_frames))))
