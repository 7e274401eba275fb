// A WHIP server on pion/webrtc v3 that sends the RTP it receives to a UDP port. For test/interop/push.test.ts.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/pion/webrtc/v3"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address of the WHIP endpoint")
	forward := flag.String("forward", "", "where RTP goes to")
	role := flag.String("role", "client", "DTLS role: client or server")
	lite := flag.Bool("lite", false, "ICE-lite")
	flag.Parse()

	var settings webrtc.SettingEngine
	settings.SetLite(*lite)
	if *role == "server" {
		must(settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer))
	} else {
		must(settings.SetAnsweringDTLSRole(webrtc.DTLSRoleClient))
	}
	media := &webrtc.MediaEngine{}
	must(media.RegisterDefaultCodecs())
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media))
	target, err := net.Dial("udp", *forward)
	must(err)

	var lock sync.Mutex
	var last *webrtc.PeerConnection
	http.HandleFunc("/whip", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		if r.Header.Get("Authorization") != "Bearer pion" {
			http.Error(w, "wrong token", http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodDelete {
			if last != nil {
				_ = last.Close()
			}
			return
		}
		offer, _ := io.ReadAll(io.LimitReader(r.Body, 65536))
		peer, err := api.NewPeerConnection(webrtc.Configuration{})
		must(err)
		last = peer
		peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
			fmt.Println("track", track.Codec().MimeType)
			buffer := make([]byte, 1500)
			for {
				n, _, err := track.Read(buffer)
				if err != nil {
					return
				}
				_, _ = target.Write(buffer[:n])
			}
		})
		peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) { fmt.Println("state", state) })
		description := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(offer)}
		if err := peer.SetRemoteDescription(description); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer, err := peer.CreateAnswer(nil)
		must(err)
		gathered := webrtc.GatheringCompletePromise(peer)
		must(peer.SetLocalDescription(answer))
		<-gathered
		w.Header().Set("Content-Type", "application/sdp")
		w.Header().Set("Location", "/whip")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, peer.LocalDescription().SDP)
	})
	listener, err := net.Listen("tcp", *listen)
	must(err)
	fmt.Println("listening", listener.Addr())
	must(http.Serve(listener, nil))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
