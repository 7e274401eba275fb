// relay RTP_PORT HTTP_PORT: sends the VP8 packets that arrive at 127.0.0.1:RTP_PORT to every viewer of /whep, as a program on pion does.
package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"

	"github.com/pion/webrtc/v3"
)

const mostOfferBytes = 64 << 10

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func forward(port int, track *webrtc.TrackLocalStaticRTP) {
	incoming, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	must(err)
	packet := make([]byte, 1500)
	for {
		size, err := incoming.Read(packet)
		must(err)
		track.Write(packet[:size])
	}
}

func answer(api *webrtc.API, track webrtc.TrackLocal, offer string) (string, error) {
	viewer, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	sender, err := viewer.AddTrack(track)
	if err != nil {
		return "", err
	}
	go func() { // interceptors see RTCP only while it is read
		rtcp := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(rtcp); err != nil {
				return
			}
		}
	}()
	if err = viewer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	description, err := viewer.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	complete := webrtc.GatheringCompletePromise(viewer)
	if err = viewer.SetLocalDescription(description); err != nil {
		return "", err
	}
	<-complete
	return viewer.LocalDescription().SDP, nil
}

func main() {
	rtpPort, err := strconv.Atoi(os.Args[1])
	must(err)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "video", "camera1")
	must(err)
	go forward(rtpPort, track)

	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	codecs := &webrtc.MediaEngine{}
	must(codecs.RegisterDefaultCodecs())
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(codecs))
	http.HandleFunc("/whep", func(response http.ResponseWriter, request *http.Request) {
		offer, err := io.ReadAll(io.LimitReader(request.Body, mostOfferBytes))
		must(err)
		description, err := answer(api, track, string(offer))
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		response.WriteHeader(http.StatusCreated)
		io.WriteString(response, description)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[2], nil))
}
