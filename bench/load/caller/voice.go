package main

import (
	"sync/atomic"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

const (
	packetTime  = 20 * time.Millisecond
	mostToSay   = 1000
	opusRate    = 48_000
	opusChannel = 2 // what WebRTC calls every Opus track, mono ones too
)

type utterance struct {
	name   string
	number int
	line   *speech
}

// voice is a microphone that sends a packet every 20 ms, silence whenever nothing is said.
type voice struct {
	track  *lksdk.LocalTrack
	hush   *speech
	toSay  chan utterance
	said   func(what utterance, start, end time.Time, behind time.Duration)
	ending <-chan struct{}
	behind atomic.Int64
}

func newVoice(hush *speech, ending <-chan struct{}, said func(utterance, time.Time, time.Time, time.Duration)) (*voice, error) {
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: opusRate, Channels: opusChannel}
	track, err := lksdk.NewLocalTrack(capability)
	if err != nil {
		return nil, err
	}
	return &voice{track: track, hush: hush, toSay: make(chan utterance, mostToSay), said: said, ending: ending}, nil
}

// say queues a line behind those not yet said; false where the queue is full.
func (own *voice) say(name string, number int, line *speech) bool {
	select {
	case own.toSay <- utterance{name, number, line}:
		return true
	default:
		return false
	}
}

// talk keeps to the clock: a packet that is late is sent at once, and the next when it would have been due anyway.
func (own *voice) talk() {
	due := time.Now()
	for quiet := 0; ; {
		select {
		case <-own.ending:
			return
		case what := <-own.toSay:
			var start, end time.Time
			var latest time.Duration
			for at, packet := range what.line.packets {
				sent, behind := own.send(packet, what.line.level(at), due)
				if at == 0 {
					start = sent
				}
				end, latest = sent.Add(packetTime), max(latest, behind)
				due = due.Add(packetTime)
				if !own.wait(due) {
					return
				}
			}
			own.said(what, start, end, latest)
		default:
			own.send(own.hush.packets[quiet%len(own.hush.packets)], 127, due)
			quiet++
			due = due.Add(packetTime)
			if !own.wait(due) {
				return
			}
		}
	}
}

func (own *voice) send(packet []byte, level uint8, due time.Time) (time.Time, time.Duration) {
	sent := time.Now()
	behind := sent.Sub(due)
	if int64(behind) > own.behind.Load() {
		own.behind.Store(int64(behind))
	}
	_ = own.track.WriteSample(media.Sample{Data: packet, Duration: packetTime}, &lksdk.SampleWriteOptions{AudioLevel: &level})
	return sent, behind
}

func (own *voice) wait(due time.Time) bool {
	left := time.Until(due)
	if left <= 0 {
		select {
		case <-own.ending:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(left)
	select {
	case <-own.ending:
		timer.Stop()
		return false
	case <-timer.C:
		return true
	}
}
