// Command loadgen loads a server that speaks the Kubernetes API. It reads one order a line on standard input, each a JSON
// object, carries it out, and answers with one JSON line: {"ok":true,"result":...} or {"ok":false,"message":...}. The first
// order says where the server is; the orders after it share what earlier ones kept. It ends with its input.
//
//	begin     the server, and the certificate to come with
//	requests  many requests of one form, by clients that each wait for their answer          requests.go
//	lists     whole lists, in one piece, in pages, or as the first state of a watch          lists.go
//	open      watchers that count and check all they are sent                                watches.go
//	write     changes at a steady rate, and what each watcher got of them                    writes.go
//	close     the watchers leave
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	// Memory is not what a load is judged by; its CPU time is.
	debug.SetGCPercent(400)
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := json.NewEncoder(os.Stdout)
	session := &session{}
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := output.Encode(answer(session, line)); err != nil {
			return
		}
	}
}

// session is what lasts from one order to the next.
type session struct {
	target target
	// kept holds the last answer to each index of orders that keep.
	kept  map[int][]byte
	fleet *fleet
	// numbers of changes that are taken.
	numbers uint64
}

type reply struct {
	OK      bool   `json:"ok"`
	Result  any    `json:"result,omitempty"`
	Message string `json:"message,omitempty"`
}

func answer(session *session, line []byte) reply {
	result, err := carryOut(session, line)
	if err != nil {
		return reply{Message: err.Error()}
	}
	return reply{OK: true, Result: result}
}

func carryOut(session *session, line []byte) (any, error) {
	var head struct {
		Do string `json:"do"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	switch head.Do {
	case "begin":
		return struct{}{}, session.begin(line)
	case "requests":
		return session.requests(line)
	case "lists":
		return session.lists(line)
	case "open":
		return session.open(line)
	case "write":
		return session.write(line)
	case "close":
		session.close()
		return struct{}{}, nil
	default:
		return nil, fmt.Errorf("there is no order %q", head.Do)
	}
}

// cost is what this process spent.
type cost struct {
	wall    time.Time
	cpu     time.Duration
	refused int64
}

func costNow() cost {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(errors.New("no rusage: " + err.Error()))
	}
	return cost{wall: time.Now(), cpu: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), refused: refused.Load()}
}

// spent is what went by, as every result gives it.
type spent struct {
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpuSeconds"`
	// Refused is how many requests were answered with 429, and sent again.
	Refused int64 `json:"refused"`
}

func since(before cost) spent {
	now := costNow()
	return spent{Seconds: now.wall.Sub(before.wall).Seconds(), CPUSeconds: (now.cpu - before.cpu).Seconds(), Refused: now.refused - before.refused}
}
