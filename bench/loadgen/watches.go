package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// openOrder asks for watchers of the collections that Path names, each from the present state on.
type openOrder struct {
	// Path is a template: watcher i is one of shard i modulo shards. Without {shard} all watch everything.
	Path             string
	Watchers, Shards int
	// PerConnection is how many share a connection, by HTTP/2.
	PerConnection int
}

// openAtOnce keeps a thousand watchers from being a flood of handshakes.
const openAtOnce = 32

func (s *session) open(line []byte) (any, error) {
	var order openOrder
	if err := json.Unmarshal(line, &order); err != nil {
		return nil, err
	}
	if order.Watchers < 1 || order.Shards < 1 || order.PerConnection < 1 {
		return nil, errors.New("watchers, shards and perConnection must be 1 or more")
	}
	s.close()
	s.fleet = newFleet(s.target, order)
	before := costNow()
	if err := s.fleet.open(); err != nil {
		s.close()
		return nil, err
	}
	return since(before), nil
}

func (s *session) close() {
	if s.fleet != nil {
		s.fleet.close()
		s.fleet = nil
	}
}

// fleet is all watchers, and what they measure by.
type fleet struct {
	target   target
	order    openOrder
	groups   []*group
	watchers []*watcher
	ending   context.Context
	end      context.CancelFunc
	running  sync.WaitGroup
	// sent holds when each change was sent, by its number; replaced when nothing is under way.
	sent atomic.Pointer[sentTimes]
}

// sentTimes is when changes were sent, Unix nanoseconds: at[i] of number base+i.
type sentTimes struct {
	base uint64
	at   []atomic.Int64
}

func newFleet(target target, order openOrder) *fleet {
	f := &fleet{target: target, order: order}
	f.ending, f.end = context.WithCancel(context.Background())
	f.sent.Store(&sentTimes{})
	for number := range order.Watchers {
		if number%order.PerConnection == 0 {
			f.groups = append(f.groups, newGroup(target))
		}
		shard := number % order.Shards
		path := fill(order.Path, number, shard)
		f.watchers = append(f.watchers, &watcher{fleet: f, group: f.groups[len(f.groups)-1], path: path, shard: shard})
	}
	return f
}

func (f *fleet) open() error {
	for _, group := range f.groups {
		if err := f.target.greet(group.client); err != nil {
			return err
		}
	}
	tickets := make(chan struct{}, openAtOnce)
	failures := make(chan error, len(f.watchers))
	for _, watcher := range f.watchers {
		tickets <- struct{}{}
		go func() {
			defer func() { <-tickets }()
			failures <- watcher.start()
		}()
	}
	var failed error
	for range f.watchers {
		if err := <-failures; failed == nil {
			failed = err
		}
	}
	return failed
}

func (f *fleet) close() {
	f.end()
	f.running.Wait()
	for _, group := range f.groups {
		group.cut()
	}
}

// cut ends every connection without a word.
func (f *fleet) cut() {
	for _, group := range f.groups {
		group.cut()
	}
}

func (f *fleet) isBroad() bool { return !strings.Contains(f.order.Path, "{shard}") }

// group is the watchers that share a connection.
type group struct {
	client *http.Client
	guard  sync.Mutex
	open   []net.Conn
}

func newGroup(target target) *group {
	g := &group{}
	dialer := &net.Dialer{}
	g.client = target.client(true, func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			g.guard.Lock()
			g.open = append(g.open, connection)
			g.guard.Unlock()
		}
		return connection, err
	})
	return g
}

func (g *group) cut() {
	g.guard.Lock()
	defer g.guard.Unlock()
	for _, connection := range g.open {
		connection.Close()
	}
	g.open = nil
}

// watcher is one watch, which goes on from the last version it saw whenever its stream ends.
type watcher struct {
	fleet *fleet
	group *group
	path  string
	shard int

	guard sync.Mutex
	// version is the last that was seen, of an event or a bookmark.
	version uint64
	seen    seen
}

// seen is what a watcher got since it was last asked.
type seen struct {
	events int
	// sum of the numbers of all changes: it tells one lost and another doubled from none.
	sum uint64
	// Events that were not newer than the one before.
	unordered int
	// Streams that ended, and resumptions that the server could not give.
	ended, expired int
	bytes          int64
	// When the first and the last event came, Unix nanoseconds.
	first, last int64
	lagsUs      []int64
}

// start opens the first stream, and reads on beside.
func (w *watcher) start() error {
	version, err := w.present()
	if err != nil {
		return err
	}
	w.version = version
	stream, err := w.stream()
	if err != nil {
		return err
	}
	w.fleet.running.Go(func() { w.run(stream) })
	return nil
}

// present asks for the version that the collection has now.
func (w *watcher) present() (uint64, error) {
	request, err := http.NewRequestWithContext(w.fleet.ending, http.MethodGet, w.fleet.target.url+w.path+"?limit=1", nil)
	if err != nil {
		return 0, err
	}
	response, err := do(w.group.client, request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return 0, err
	}
	return strconv.ParseUint(list.Metadata.ResourceVersion, 10, 64)
}

func (w *watcher) stream() (io.ReadCloser, error) {
	query := fmt.Sprintf("?watch=1&allowWatchBookmarks=true&resourceVersion=%d", w.version)
	request, err := http.NewRequestWithContext(w.fleet.ending, http.MethodGet, w.fleet.target.url+w.path+query, nil)
	if err != nil {
		return nil, err
	}
	response, err := do(w.group.client, request)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

const retryAfter = 50 * time.Millisecond

func (w *watcher) run(stream io.ReadCloser) {
	for {
		err := w.read(stream)
		stream.Close()
		if w.fleet.ending.Err() != nil {
			return
		}
		w.note(func(seen *seen) { seen.ended++ })
		for stream = nil; stream == nil; {
			var gone *refusal
			if errors.As(err, &gone) && gone.status == http.StatusGone {
				w.note(func(seen *seen) { seen.expired++ })
				if version, err := w.present(); err == nil {
					w.version = version
				}
			}
			if stream, err = w.stream(); err == nil {
				break
			}
			select {
			case <-w.fleet.ending.Done():
				return
			case <-time.After(retryAfter):
			}
		}
	}
}

func (w *watcher) note(change func(seen *seen)) {
	w.guard.Lock()
	defer w.guard.Unlock()
	change(&w.seen)
}

// take hands over what was seen, and begins anew.
func (w *watcher) take() seen {
	w.guard.Lock()
	defer w.guard.Unlock()
	taken := w.seen
	w.seen = seen{}
	return taken
}

// read counts the events of a stream until it ends.
func (w *watcher) read(stream io.Reader) error {
	reader := bufio.NewReaderSize(stream, 4096)
	var long []byte
	for {
		part, err := reader.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, part...)
			continue
		}
		if err != nil {
			return err
		}
		frame := part
		if len(long) > 0 {
			long = append(long, part...)
			frame = long
		}
		if err := w.frame(frame); err != nil {
			return err
		}
		long = long[:0]
	}
}

var (
	bookmarkMark = []byte(`{"type":"BOOKMARK"`)
	errorMark    = []byte(`{"type":"ERROR"`)
	goneMark     = []byte(`"code":410`)
	versionMark  = []byte(`"resourceVersion":"`)
	// The annotation that a change is numbered by.
	numberMark = []byte(`"bench/number":"`)
)

func (w *watcher) frame(frame []byte) error {
	now := time.Now().UnixNano()
	if bytes.HasPrefix(frame, errorMark) {
		status := http.StatusInternalServerError
		if bytes.Contains(frame, goneMark) {
			status = http.StatusGone
		}
		return &refusal{status: status, message: string(frame)}
	}
	version, ok := numberAfter(frame, versionMark)
	if !ok {
		return fmt.Errorf("an event without a version: %.200s", frame)
	}
	w.guard.Lock()
	defer w.guard.Unlock()
	if bytes.HasPrefix(frame, bookmarkMark) {
		w.version = max(w.version, version)
		return nil
	}
	w.seen.bytes += int64(len(frame))
	if version <= w.version {
		w.seen.unordered++
	}
	w.version = version
	number, ok := numberAfter(frame, numberMark)
	if !ok {
		return nil
	}
	w.seen.events++
	w.seen.sum += number
	if w.seen.first == 0 {
		w.seen.first = now
	}
	w.seen.last = now
	if sent := w.fleet.sent.Load(); number >= sent.base && number-sent.base < uint64(len(sent.at)) {
		w.seen.lagsUs = append(w.seen.lagsUs, (now-sent.at[number-sent.base].Load())/1000)
	}
	return nil
}

// numberAfter reads the decimal number that follows the first mark.
func numberAfter(text, mark []byte) (uint64, bool) {
	at := bytes.Index(text, mark)
	if at < 0 {
		return 0, false
	}
	var number uint64
	digits := 0
	for _, digit := range text[at+len(mark):] {
		if digit < '0' || digit > '9' {
			break
		}
		number = number*10 + uint64(digit-'0')
		digits++
	}
	return number, digits > 0
}
