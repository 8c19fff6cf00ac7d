// Joins calls as people would: reps and prospects with voices that were encoded beforehand, in one process.
//
// In: commands, a line of JSON each, on standard input. Out: facts, a line of JSON each, on standard output; times are
// seconds since the epoch. Promises: everybody leaves when the input ends, and so when whoever started this dies.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
	"syscall"
	"time"

	protoLogger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const longestCommand = 16 << 20

// command is what is asked for; which fields count depends on Do.
type command struct {
	Do       string            `json:"do"`
	Lines    map[string]string `json:"lines"`
	Levels   map[string][]byte `json:"levels"`
	URL      string            `json:"url"`
	Token    string            `json:"token"`
	Call     string            `json:"call"`
	Identity string            `json:"identity"`
	Rep      bool              `json:"rep"`
	Hello    bool              `json:"hello"`
	Speaks   bool              `json:"speaks"`
	Listens  bool              `json:"listens"`
	Consents []string          `json:"consents"`
	Prefix   string            `json:"prefix"`
	Line     string            `json:"line"`
	Number   int               `json:"number"`
}

// party is everybody in all calls.
type party struct {
	facts  *facts
	lines  map[string]*speech
	people map[[2]string]*person
	lock   sync.Mutex
	joins  sync.WaitGroup
}

func main() {
	lksdk.SetLogger(protoLogger.GetDiscardLogger())
	all := &party{facts: newFacts(os.Stdout), lines: map[string]*speech{}, people: map[[2]string]*person{}}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<16), longestCommand)
	for input.Scan() {
		var asked command
		if err := json.Unmarshal(input.Bytes(), &asked); err != nil {
			all.facts.tell("refused", fact{"why": "not JSON: " + err.Error()})
			continue
		}
		all.obey(asked)
	}
	all.end()
}

func (all *party) obey(asked command) {
	switch asked.Do {
	case "learn":
		all.learn(asked)
	case "join":
		all.joins.Add(1)
		go all.join(asked)
	case "say":
		all.say(asked)
	case "leave":
		if one := all.take(asked.Call, asked.Identity); one != nil {
			go one.leave()
		}
	case "look":
		all.look()
	default:
		all.facts.tell("refused", fact{"why": "no such command: " + asked.Do})
	}
}

// learn reads recorded lines, so that none is read from disk while people talk.
func (all *party) learn(asked command) {
	for name, file := range asked.Lines {
		read, err := readSpeech(file, asked.Levels[name])
		if err != nil {
			all.facts.tell("refused", fact{"line": name, "why": err.Error()})
			continue
		}
		all.lines[name] = read
	}
	all.facts.tell("learned", fact{"lines": len(all.lines)})
}

func (all *party) join(asked command) {
	defer all.joins.Done()
	one := newPerson(asked, all.facts, all.lines[silence])
	if err := one.join(); err != nil {
		all.facts.tell("lost", fact{"call": asked.Call, "identity": asked.Identity, "why": "could not join: " + err.Error()})
		return
	}
	all.lock.Lock()
	all.people[[2]string{asked.Call, asked.Identity}] = one
	all.lock.Unlock()
}

func (all *party) say(asked command) {
	all.lock.Lock()
	one := all.people[[2]string{asked.Call, asked.Identity}]
	all.lock.Unlock()
	line := all.lines[asked.Line]
	if one == nil || one.voice == nil || line == nil || !one.voice.say(asked.Line, asked.Number, line) {
		all.facts.tell("refused", fact{"call": asked.Call, "identity": asked.Identity, "line": asked.Line,
			"number": asked.Number, "why": "not in the call, without a voice, no such line, or too much to say"})
	}
}

func (all *party) take(call, identity string) *person {
	all.lock.Lock()
	defer all.lock.Unlock()
	one := all.people[[2]string{call, identity}]
	delete(all.people, [2]string{call, identity})
	return one
}

// look tells what everybody received so far and what this process used.
func (all *party) look() {
	all.lock.Lock()
	people := make([]*person, 0, len(all.people))
	for _, one := range all.people {
		people = append(people, one)
	}
	all.lock.Unlock()
	for _, one := range people {
		one.testify()
	}
	all.facts.tell("used", used(len(people)))
}

func (all *party) end() {
	all.joins.Wait()
	all.lock.Lock()
	there := len(all.people)
	var leaving sync.WaitGroup
	for _, one := range all.people {
		leaving.Add(1)
		go func() {
			defer leaving.Done()
			one.leave()
		}()
	}
	all.lock.Unlock()
	leaving.Wait()
	all.facts.tell("used", used(there))
	all.facts.close()
}

// used is processor time in seconds and the most memory in bytes this process took since it began.
func used(people int) fact {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	seconds := time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	return fact{"people": people, "processor": seconds, "most_memory": int64(usage.Maxrss) * 1024}
}
