"""A WHIP server on aiortc that counts the frames it decodes. For test/interop/push.test.ts."""

import argparse
import asyncio

from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

peers = set()
frames = 0


async def count(track):
    global frames
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return  # the publisher has left
        frames += 1
        if frames % 10 == 0:
            print("frames", frames, frame.width, frame.height, flush=True)


async def publish(request):
    peer = RTCPeerConnection()
    peers.add(peer)
    peer.on("track", lambda track: asyncio.ensure_future(count(track)))
    await peer.setRemoteDescription(RTCSessionDescription(sdp=await request.text(), type="offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    headers = {"Location": "/whip/1"}
    return web.Response(
        status=201, text=peer.localDescription.sdp, content_type="application/sdp", headers=headers
    )


async def end(_request):
    for peer in list(peers):
        await peer.close()
    return web.Response()


parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
app = web.Application()
app.router.add_post("/whip", publish)
app.router.add_delete("/whip/1", end)
web.run_app(app, host="127.0.0.1", port=parser.parse_args().port, print=None)
