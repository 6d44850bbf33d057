package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// requestOrder asks for count requests of one form. Each client sends its next one when its last one is answered.
type requestOrder struct {
	Clients, Count int
	// Of the indexes 0 to count, so many are different; 0: all.
	Distinct int
	// Index modulo shards is the shard.
	Shards                    int
	Method, Path, ContentType string
	// Body is a template; empty: none.
	Body string
	// Kept: the body is the answer that was kept for the index, with Old replaced by New once.
	Kept     bool
	Old, New string
	// Keep the answer for later orders.
	Keep bool
}

type requestResult struct {
	spent
	// LatenciesUs is of each request, from sending it to the last byte of its answer.
	LatenciesUs []int64 `json:"latenciesUs"`
	Bytes       int64   `json:"bytes"`
}

func (s *session) requests(line []byte) (any, error) {
	var order requestOrder
	if err := json.Unmarshal(line, &order); err != nil {
		return nil, err
	}
	if order.Count < 1 || order.Clients < 1 || order.Shards < 1 {
		return nil, errors.New("count, clients and shards must be 1 or more")
	}
	clients, err := s.target.clients(min(order.Clients, order.Count))
	defer leave(clients)
	if err != nil {
		return nil, err
	}
	load := requestLoad{session: s, order: order, latencies: make([]int64, order.Count)}
	before := costNow()
	err = load.run(clients)
	if err != nil {
		return nil, err
	}
	return requestResult{spent: since(before), LatenciesUs: load.latencies, Bytes: load.bytes.Load()}, nil
}

type requestLoad struct {
	session   *session
	order     requestOrder
	latencies []int64
	bytes     atomic.Int64
	next      atomic.Int64
	keeping   sync.Mutex
}

// run returns the first failure: a load with failures says nothing.
func (l *requestLoad) run(clients []*http.Client) error {
	failures := make(chan error, len(clients))
	for _, client := range clients {
		go func() { failures <- l.lane(client) }()
	}
	var failed error
	for range clients {
		if err := <-failures; failed == nil {
			failed = err
		}
	}
	return failed
}

func (l *requestLoad) lane(client *http.Client) error {
	answer := new(bytes.Buffer)
	for {
		number := int(l.next.Add(1)) - 1
		if number >= l.order.Count {
			return nil
		}
		index := number
		if l.order.Distinct > 0 {
			index %= l.order.Distinct
		}
		if err := l.one(client, number, index, answer); err != nil {
			l.next.Store(int64(l.order.Count))
			return err
		}
	}
}

func (l *requestLoad) one(client *http.Client, number, index int, answer *bytes.Buffer) error {
	request, err := l.request(index)
	if err != nil {
		return err
	}
	sent := time.Now()
	response, err := do(client, request)
	if err != nil {
		return err
	}
	answer.Reset()
	size, err := io.Copy(answer, response.Body)
	response.Body.Close()
	l.latencies[number] = time.Since(sent).Microseconds()
	l.bytes.Add(size)
	if l.order.Keep {
		l.keeping.Lock()
		l.session.kept[index] = bytes.Clone(answer.Bytes())
		l.keeping.Unlock()
	}
	return err
}

func (l *requestLoad) request(index int) (*http.Request, error) {
	order := l.order
	shard := index % order.Shards
	var body io.Reader
	switch {
	case order.Kept:
		l.keeping.Lock()
		kept := l.session.kept[index]
		l.keeping.Unlock()
		body = bytes.NewReader(bytes.Replace(kept, []byte(order.Old), []byte(order.New), 1))
	case order.Body != "":
		body = bytes.NewReader([]byte(fill(order.Body, index, shard)))
	}
	request, err := http.NewRequest(order.Method, l.session.target.url+fill(order.Path, index, shard), body)
	if err == nil && body != nil {
		request.Header.Set("Content-Type", order.ContentType)
	}
	return request, err
}
