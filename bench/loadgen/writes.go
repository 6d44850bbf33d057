package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// writeOrder asks for changes at a steady rate while the fleet watches.
type writeOrder struct {
	// Path of an object and Body of a merge patch are templates; {number} in the body is the number of the change, which
	// belongs into the annotation bench/number. Object i is one of shard i modulo shards.
	Path, Body      string
	Objects, Shards int
	// PerSecond is how many, Seconds for how long. When answers are late, the rest is sent as fast as they come, for patience.
	PerSecond, Seconds float64
	// Lanes is how many may be under way at once; each has objects of its own.
	Lanes int
	// Cuts is how often all connections of the fleet are cut meanwhile.
	Cuts int
}

type writeResult struct {
	spent
	Written int `json:"written"`
	// Events that all watchers got together, and the seconds from the first to the last of them.
	Events        int     `json:"events"`
	EventsSeconds float64 `json:"eventsSeconds"`
	// Over all watchers: events that did not come, that came too often, and that were not newer than the one before.
	Lost      int   `json:"lost"`
	Doubled   int   `json:"doubled"`
	Unordered int   `json:"unordered"`
	Ended     int   `json:"ended"`
	Expired   int   `json:"expired"`
	Bytes     int64 `json:"bytes"`
	// LagsUs: from sending a change to having read its event. A part of them, evenly taken, where there are many.
	LagsUs   []int64 `json:"lagsUs"`
	WritesUs []int64 `json:"writesUs"`
}

const mostLags = 100_000

func (s *session) write(line []byte) (any, error) {
	var order writeOrder
	if err := json.Unmarshal(line, &order); err != nil {
		return nil, err
	}
	if s.fleet == nil {
		return nil, errors.New("nothing watches: open comes first")
	}
	order.Lanes = min(order.Lanes, order.Objects)
	if order.Lanes < 1 || order.Shards < 1 || order.PerSecond <= 0 || order.Seconds <= 0 {
		return nil, errors.New("lanes, objects, shards, perSecond and seconds must be above 0")
	}
	clients, err := s.target.clients(order.Lanes)
	defer leave(clients)
	if err != nil {
		return nil, err
	}
	writer := newWriter(s, order)
	for _, watcher := range s.fleet.watchers {
		watcher.take()
	}
	before := costNow()
	if err := writer.run(clients); err != nil {
		return nil, err
	}
	result := writer.collect()
	result.spent = since(before)
	return result, nil
}

type writer struct {
	target target
	fleet  *fleet
	order  writeOrder
	// base is added to what next and sent count by.
	base  uint64
	sent  []atomic.Int64
	next  atomic.Int64
	guard sync.Mutex
	// Changes that were answered, by shard: how many, and the sum of their numbers.
	counts []int
	sums   []uint64
	tookUs []int64
}

func newWriter(s *session, order writeOrder) *writer {
	// Number 0 is no change. No number comes twice: it could be what an object has already, and change nothing.
	sent := make([]atomic.Int64, int(order.PerSecond*order.Seconds)+2)
	base := s.numbers
	s.numbers += uint64(len(sent))
	s.fleet.sent.Store(&sentTimes{base: base, at: sent})
	counts, sums := make([]int, order.Shards), make([]uint64, order.Shards)
	return &writer{target: s.target, fleet: s.fleet, order: order, base: base, sent: sent, counts: counts, sums: sums}
}

func (w *writer) run(clients []*http.Client) error {
	started := time.Now()
	failures := make(chan error, len(clients))
	for lane, client := range clients {
		go func() { failures <- w.lane(client, lane, started) }()
	}
	length := time.Duration(w.order.Seconds * float64(time.Second))
	for cut := range w.order.Cuts {
		time.Sleep(time.Until(started.Add(length * time.Duration(cut+1) / time.Duration(w.order.Cuts+1))))
		w.fleet.cut()
	}
	var failed error
	for range clients {
		if err := <-failures; failed == nil {
			failed = err
		}
	}
	return failed
}

// lane sends the next change when it is due, or when the last one is answered, whichever is later.
func (w *writer) lane(client *http.Client, lane int, started time.Time) error {
	mine := (w.order.Objects - lane + w.order.Lanes - 1) / w.order.Lanes
	for turn := 0; ; turn++ {
		number := int(w.next.Add(1))
		due := started.Add(time.Duration(float64(number-1) / w.order.PerSecond * float64(time.Second)))
		end := started.Add(time.Duration(w.order.Seconds * float64(time.Second)))
		if number >= len(w.sent) || !due.Before(end) || time.Since(end) > patience {
			return nil
		}
		time.Sleep(time.Until(due))
		if err := w.change(client, number, lane+turn%mine*w.order.Lanes); err != nil {
			w.next.Store(int64(len(w.sent)))
			return err
		}
	}
}

func (w *writer) change(client *http.Client, number, object int) error {
	shard := object % w.order.Shards
	body := strings.ReplaceAll(w.order.Body, "{number}", digits(int(w.base)+number))
	request, err := http.NewRequest(http.MethodPatch, w.target.url+fill(w.order.Path, object, shard), bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	sent := time.Now()
	w.sent[number].Store(sent.UnixNano())
	response, err := do(client, request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	took := time.Since(sent).Microseconds()
	w.guard.Lock()
	defer w.guard.Unlock()
	w.counts[shard]++
	w.sums[shard] += w.base + uint64(number)
	w.tookUs = append(w.tookUs, took)
	return err
}

// patience is how long the fleet may stand still before what is missing counts as lost.
const patience = 10 * time.Second

func (w *writer) collect() writeResult {
	expected := make([]tally, w.order.Shards)
	var all tally
	for shard := range expected {
		expected[shard] = tally{w.counts[shard], w.sums[shard]}
		all = tally{all.count + w.counts[shard], all.sum + w.sums[shard]}
	}
	want := func(watcher *watcher) tally {
		if w.fleet.isBroad() {
			return all
		}
		return expected[watcher.shard%len(expected)]
	}
	w.settle(want)
	result := writeResult{Written: all.count, WritesUs: w.tookUs}
	var lags []int64
	var first, last int64
	for _, watcher := range w.fleet.watchers {
		seen, want := watcher.take(), want(watcher)
		result.Events += seen.events
		result.Lost += max(0, want.count-seen.events)
		result.Doubled += max(0, seen.events-want.count)
		if seen.events == want.count && seen.sum != want.sum {
			result.Lost++
			result.Doubled++
		}
		result.Unordered += seen.unordered
		result.Ended += seen.ended
		result.Expired += seen.expired
		result.Bytes += seen.bytes
		lags = append(lags, seen.lagsUs...)
		if seen.first > 0 && (first == 0 || seen.first < first) {
			first = seen.first
		}
		last = max(last, seen.last)
	}
	result.EventsSeconds = time.Duration(last - first).Seconds()
	result.LagsUs = thinned(lags, mostLags)
	return result
}

type tally struct {
	count int
	sum   uint64
}

// settle waits until every watcher has what it is to get, or nothing more comes. A count alone would not do: where a
// change comes twice, or another watcher has more, it is reached before the last change is there.
func (w *writer) settle(want func(*watcher) tally) {
	last, lastChange := -1, time.Now()
	for {
		got, missing := 0, false
		for _, watcher := range w.fleet.watchers {
			want := want(watcher)
			watcher.note(func(seen *seen) {
				got += seen.events
				missing = missing || seen.events < want.count || seen.sum < want.sum
			})
		}
		if got != last {
			last, lastChange = got, time.Now()
		}
		if !missing || time.Since(lastChange) > patience {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// thinned takes every so many of the values, so that at most so many are left.
func thinned(values []int64, most int) []int64 {
	if len(values) <= most {
		return values
	}
	step := (len(values) + most - 1) / most
	kept := make([]int64, 0, most)
	for index := 0; index < len(values); index += step {
		kept = append(kept, values[index])
	}
	return kept
}
