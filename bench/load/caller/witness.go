package main

import (
	"strings"
	"sync"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// witness counts what reached a participant: from coaches, and on its data channels from anybody.
type witness struct {
	lock  sync.Mutex
	kinds map[string]int
	bytes int
}

// What server and framework themselves put on every agent.
var expectedAttributes = map[string]bool{"lk.agent.name": true, "lk.agent_name": true}

func (seen *witness) count(kind string, size int) {
	seen.lock.Lock()
	defer seen.lock.Unlock()
	if seen.kinds == nil {
		seen.kinds = map[string]int{}
	}
	seen.kinds[kind]++
	seen.bytes += size
}

// watch hangs the counting into a room's callbacks. Packets, streams, calls and answers all travel on data channels,
// which are counted whole in testimony; here is what does not.
func (seen *witness) watch(callback *lksdk.RoomCallback, isCoach func(lksdk.Participant) bool) {
	callback.OnAttributesChanged = func(changed map[string]string, who lksdk.Participant) {
		if isCoach(who) {
			for name, value := range changed {
				if !expectedAttributes[name] {
					seen.count("attributes", len(name)+len(value))
				}
			}
		}
	}
	callback.OnMetadataChanged = func(_ string, who lksdk.Participant) {
		if isCoach(who) {
			seen.count("metadata", len(who.Metadata()))
		}
	}
	callback.OnTrackPublished = func(_ *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
		if isCoach(who) {
			seen.count("track", 0)
		}
	}
	callback.OnDataPacket = func(_ lksdk.DataPacket, params lksdk.DataReceiveParams) {
		if params.Sender == nil || isCoach(params.Sender) {
			seen.count("data", 0)
		}
	}
}

// came counts what a coach shows of itself on joining: beyond its agent name, nothing is expected.
func (seen *witness) came(coach *lksdk.RemoteParticipant) {
	for name, value := range coach.Attributes() {
		if !expectedAttributes[name] {
			seen.count("attributes", len(name)+len(value))
		}
	}
	if coach.Metadata() != "" {
		seen.count("metadata", len(coach.Metadata()))
	}
	for range coach.TrackPublications() {
		seen.count("track", 0)
	}
}

// testimony is all that was received; messages and bytes on data channels are counted whoever sent them.
func (seen *witness) testimony(room *lksdk.Room) fact {
	seen.lock.Lock()
	defer seen.lock.Unlock()
	kinds, total, size := map[string]int{}, 0, seen.bytes
	for kind, times := range seen.kinds {
		kinds[kind] = times
		if kind != "data" && !strings.HasPrefix(kind, "call") { // these are on the channels' own counters
			total += times
		}
	}
	channels := 0
	for _, connection := range []*webrtc.PeerConnection{room.LocalParticipant.GetSubscriberPeerConnection(), room.LocalParticipant.GetPublisherPeerConnection()} {
		if connection == nil {
			continue
		}
		for _, one := range connection.GetStats() {
			if channel, is := one.(webrtc.DataChannelStats); is {
				channels++
				if channel.MessagesReceived > 0 {
					kinds["data channel "+channel.Label] += int(channel.MessagesReceived)
					total += int(channel.MessagesReceived)
					size += int(channel.BytesReceived)
				}
			}
		}
	}
	return fact{"messages": total, "bytes": size, "kinds": kinds, "channels": channels}
}
