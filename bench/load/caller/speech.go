package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// silence is the line that is played when nothing is said.
const silence = "silence"

// speech is a recorded line: Opus packets of 20 ms, and how loud each is (0 loudest, 127 silent).
type speech struct {
	packets [][]byte
	levels  []byte
}

func (line *speech) level(at int) uint8 {
	if at < len(line.levels) {
		return line.levels[at]
	}
	return 127
}

const (
	pageHeaderBytes = 27
	headerPackets   = 2 // OpusHead and OpusTags
)

// readSpeech takes the packets out of an Ogg Opus file of one stream.
func readSpeech(path string, levels []byte) (*speech, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	packets, err := packetsOf(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(packets) <= headerPackets || !bytes.HasPrefix(packets[0], []byte("OpusHead")) {
		return nil, fmt.Errorf("%s holds no Opus", path)
	}
	return &speech{packets: packets[headerPackets:], levels: levels}, nil
}

// packetsOf undoes Ogg's lacing: a packet ends with the first segment shorter than 255 bytes.
func packetsOf(raw []byte) ([][]byte, error) {
	var packets [][]byte
	var packet []byte
	for len(raw) > 0 {
		if len(raw) < pageHeaderBytes || !bytes.HasPrefix(raw, []byte("OggS")) {
			return nil, errors.New("not an Ogg file, or cut off")
		}
		segments := int(raw[pageHeaderBytes-1])
		if len(raw) < pageHeaderBytes+segments {
			return nil, errors.New("an Ogg page is cut off")
		}
		sizes, body := raw[pageHeaderBytes:pageHeaderBytes+segments], raw[pageHeaderBytes+segments:]
		for _, size := range sizes {
			if len(body) < int(size) {
				return nil, errors.New("an Ogg page is cut off")
			}
			packet = append(packet, body[:size]...)
			body = body[size:]
			if size < 255 {
				packets, packet = append(packets, packet), nil
			}
		}
		raw = body
	}
	return packets, twentyMilliseconds(packets)
}

// twentyMilliseconds refuses packets of another length: they would be played too fast or too slowly.
func twentyMilliseconds(packets [][]byte) error {
	for _, packet := range packets[min(headerPackets, len(packets)):] {
		if len(packet) == 0 {
			return errors.New("an empty packet")
		}
		// Table 2 of RFC 6716: of each mode's configurations, which are 20 ms; the code in the low bits, one frame.
		configuration := packet[0] >> 3
		twenty := (configuration < 12 && configuration%4 == 1) || (configuration >= 12 && configuration < 16 && configuration%2 == 1) ||
			(configuration >= 16 && configuration%4 == 3)
		if !twenty || packet[0]&3 != 0 {
			return fmt.Errorf("a packet is not one frame of 20 ms (first byte %#x)", binary.BigEndian.Uint16([]byte{0, packet[0]}))
		}
	}
	return nil
}
