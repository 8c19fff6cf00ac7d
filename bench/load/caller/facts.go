package main

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
	"time"
)

type fact map[string]any

// facts writes what happened, in the order it was told.
type facts struct {
	lines chan fact
	done  sync.WaitGroup
}

const mostUnwritten = 10_000

func newFacts(to io.Writer) *facts {
	told := &facts{lines: make(chan fact, mostUnwritten)}
	told.done.Add(1)
	go told.write(to)
	return told
}

// now is the time as others on this machine have it, in seconds since the epoch.
func now() float64 { return seconds(time.Now()) }

func seconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

// tell waits for whoever reads where mostUnwritten facts were not read: nothing is dropped.
func (told *facts) tell(kind string, more fact) {
	if more["at"] == nil {
		more["at"] = now()
	}
	more["fact"] = kind
	told.lines <- more
}

func (told *facts) write(to io.Writer) {
	defer told.done.Done()
	buffered := bufio.NewWriter(to)
	encoder := json.NewEncoder(buffered)
	for {
		line, more := <-told.lines
		if !more {
			break
		}
		_ = encoder.Encode(line)
		if len(told.lines) == 0 {
			_ = buffered.Flush()
		}
	}
	_ = buffered.Flush()
}

func (told *facts) close() {
	close(told.lines)
	told.done.Wait()
}
