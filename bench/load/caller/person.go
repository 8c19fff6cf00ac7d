package main

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// The methods of the private line; what is said on it is described in cornerman_client.contract.
const (
	nudgeMethod   = "coach_nudge"
	stateMethod   = "coach_state"
	helloMethod   = "coach_hello"
	consentMethod = "coach_consent"
	hello         = `{"v":1,"client":"load","version":"1"}`
)

const (
	joinTime       = 20 * time.Second
	greetEvery     = 500 * time.Millisecond
	mostGreetings  = 120
	greetingAnswer = 8 * time.Second
)

// person is one participant of one call.
type person struct {
	asked   command
	facts   *facts
	room    *lksdk.Room
	voice   *voice
	witness witness
	leaving atomic.Bool
	ending  chan struct{}
	once    sync.Once
	lock    sync.Mutex
	coaches map[string]bool
	greeted chan string // coaches to greet
}

func newPerson(asked command, told *facts, hush *speech) *person {
	one := &person{asked: asked, facts: told, ending: make(chan struct{}), coaches: map[string]bool{},
		greeted: make(chan string, 16)}
	if asked.Speaks && hush != nil {
		one.voice, _ = newVoice(hush, one.ending, one.said)
	}
	return one
}

func (one *person) tell(kind string, more fact) {
	more["call"], more["identity"] = one.asked.Call, one.asked.Identity
	one.facts.tell(kind, more)
}

func (one *person) join() error {
	callback := lksdk.NewRoomCallback()
	one.witness.watch(callback, one.isCoach)
	callback.OnParticipantConnected = one.came
	callback.OnParticipantDisconnected = one.went
	callback.OnDisconnectedWithReason = one.disconnected
	callback.OnReconnecting = func() { one.tell("reconnecting", fact{}) }
	callback.OnReconnected = func() { one.tell("reconnected", fact{}) }
	one.room = lksdk.NewRoom(callback)
	one.answer()
	if one.asked.Rep && one.asked.Hello {
		go one.greet()
	}
	err := one.room.JoinWithToken(one.asked.URL, one.asked.Token,
		lksdk.WithAutoSubscribe(one.asked.Listens), lksdk.WithDisableRegionDiscovery(), lksdk.WithConnectTimeout(joinTime))
	if err != nil {
		one.stop()
		return err
	}
	if one.voice != nil {
		options := &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE, DisableDTX: true}
		if _, err := one.room.LocalParticipant.PublishTrack(one.voice.track, options); err != nil {
			one.leave()
			return err
		}
		go one.voice.talk()
	}
	one.tell("joined", fact{})
	for _, other := range one.room.GetRemoteParticipants() {
		one.came(other)
	}
	return nil
}

// answer registers what a participant can be called for: the rep's methods, or, for whoever must hear nothing, all.
func (one *person) answer() {
	if one.asked.Rep {
		_ = one.room.RegisterRpcMethod(nudgeMethod, one.nudged)
		_ = one.room.RegisterRpcMethod(stateMethod, one.informed)
		return
	}
	for _, method := range []string{nudgeMethod, stateMethod, helloMethod, consentMethod} {
		_ = one.room.RegisterRpcMethod(method, func(call lksdk.RpcInvocationData) (string, error) {
			one.witness.count("call "+method, len(call.Payload))
			return `"shown"`, nil
		})
	}
}

func (one *person) nudged(call lksdk.RpcInvocationData) (string, error) {
	one.tell("nudge", fact{"from": call.CallerIdentity, "message": whole(call.Payload)})
	return `"shown"`, nil
}

func (one *person) informed(call lksdk.RpcInvocationData) (string, error) {
	one.tell("state", fact{"from": call.CallerIdentity, "message": whole(call.Payload)})
	return `"ok"`, nil
}

// whole is a payload as JSON, or as text where it is none.
func whole(payload string) any {
	if json.Valid([]byte(payload)) {
		return json.RawMessage(payload)
	}
	return payload
}

func (one *person) isCoach(who lksdk.Participant) bool {
	return who.Kind() == lksdk.ParticipantAgent || (one.asked.Prefix != "" && strings.HasPrefix(who.Identity(), one.asked.Prefix))
}

func (one *person) came(who *lksdk.RemoteParticipant) {
	if !one.isCoach(who) {
		return
	}
	one.lock.Lock()
	known := one.coaches[who.Identity()]
	one.coaches[who.Identity()] = true
	there := len(one.coaches)
	one.lock.Unlock()
	if known {
		return
	}
	one.witness.came(who)
	one.tell("coach", fact{"coach": who.Identity(), "there": there})
	select {
	case one.greeted <- who.Identity():
	default:
	}
}

func (one *person) went(who *lksdk.RemoteParticipant) {
	one.lock.Lock()
	known := one.coaches[who.Identity()]
	delete(one.coaches, who.Identity())
	one.lock.Unlock()
	if known {
		one.tell("coach_left", fact{"coach": who.Identity()})
	}
}

// greet says hello to each coach that comes, until it answers, and then whom the disclosure reached.
func (one *person) greet() {
	for {
		select {
		case <-one.ending:
			return
		case coach := <-one.greeted:
			state, answered := one.ask(coach, helloMethod, hello)
			if !answered {
				continue
			}
			one.tell("acquainted", fact{"coach": coach, "message": whole(state)})
			if len(one.asked.Consents) > 0 {
				payload, _ := json.Marshal(fact{"v": 1, "identities": one.asked.Consents, "granted": true, "how": "said so", "text": "recorded"})
				if _, answered := one.ask(coach, consentMethod, string(payload)); answered {
					one.tell("consented", fact{"coach": coach})
				}
			}
		}
	}
}

// ask calls the coach again and again until it answers, is gone, or was asked mostGreetings times.
func (one *person) ask(coach, method, payload string) (string, bool) {
	timeout := greetingAnswer
	for range mostGreetings {
		one.lock.Lock()
		there := one.coaches[coach]
		one.lock.Unlock()
		if !there {
			return "", false
		}
		answer, err := one.room.LocalParticipant.PerformRpc(lksdk.PerformRpcParams{
			DestinationIdentity: coach, Method: method, Payload: payload, ResponseTimeout: &timeout})
		if err == nil {
			return *answer, true
		}
		select {
		case <-one.ending:
			return "", false
		case <-time.After(greetEvery):
		}
	}
	return "", false
}

func (one *person) said(what utterance, start, end time.Time, behind time.Duration) {
	one.tell("said", fact{"line": what.name, "number": what.number, "start": seconds(start), "end": seconds(end), "behind": behind.Seconds()})
}

func (one *person) disconnected(reason lksdk.DisconnectionReason) {
	if one.leaving.Load() {
		return
	}
	one.testify()
	why := one.room.DisconnectReason()
	if why == livekit.DisconnectReason_ROOM_DELETED || why == livekit.DisconnectReason_ROOM_CLOSED {
		one.tell("left", fact{"why": why.String()})
	} else {
		one.tell("lost", fact{"why": string(reason) + " (" + why.String() + ")"})
	}
	one.stop()
}

// testify tells what reached this participant.
func (one *person) testify() {
	received := one.witness.testimony(one.room)
	received["rep"] = one.asked.Rep
	if one.voice != nil {
		received["behind"] = time.Duration(one.voice.behind.Load()).Seconds()
	}
	one.tell("received", received)
}

func (one *person) stop() { one.once.Do(func() { close(one.ending) }) }

func (one *person) leave() {
	one.testify()
	one.leaving.Store(true)
	one.stop()
	one.room.Disconnect()
	one.tell("left", fact{"why": "hung up"})
}
