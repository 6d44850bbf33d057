package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// listOrder asks for whole lists: some lanes at once, each with a connection of its own, several lists in each.
type listOrder struct {
	// Path with its query. With Pages it has a limit, and is followed to the end.
	Path  string
	Pages bool
	// Watch: the list comes as the first events of a watch, up to the bookmark that ends them.
	Watch        bool
	AtOnce, Each int
	// Objects that each list has to have.
	Expect int
}

type oneList struct {
	Us int64 `json:"us"`
	// FirstUs is the time to the first byte of the body.
	FirstUs int64 `json:"firstUs"`
	Bytes   int64 `json:"bytes"`
}

type listResult struct {
	spent
	Lists []oneList `json:"lists"`
}

func (s *session) lists(line []byte) (any, error) {
	var order listOrder
	if err := json.Unmarshal(line, &order); err != nil {
		return nil, err
	}
	clients, err := s.target.clients(order.AtOnce)
	defer leave(clients)
	if err != nil {
		return nil, err
	}
	var result listResult
	var failed error
	var guard sync.Mutex
	var lanes sync.WaitGroup
	before := costNow()
	for _, client := range clients {
		lanes.Go(func() {
			buffer := make([]byte, 256<<10)
			for range order.Each {
				list, err := s.list(client, order, buffer)
				guard.Lock()
				result.Lists = append(result.Lists, list)
				failed = errors.Join(failed, err)
				guard.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	lanes.Wait()
	result.spent = since(before)
	return result, failed
}

// list reads one list as a client would, without decoding it, and counts its objects.
func (s *session) list(client *http.Client, order listOrder, buffer []byte) (oneList, error) {
	started := time.Now()
	var list oneList
	objects := 0
	path := order.Path
	for path != "" {
		page, err := s.page(client, path, order.Watch, buffer)
		if err != nil {
			return list, err
		}
		if list.FirstUs == 0 {
			list.FirstUs = page.first.Sub(started).Microseconds()
		}
		list.Bytes += page.bytes
		objects += page.objects
		path = ""
		if order.Pages && page.token != "" {
			path = order.Path + "&continue=" + url.QueryEscape(page.token)
		}
	}
	list.Us = time.Since(started).Microseconds()
	if objects != order.Expect {
		return list, fmt.Errorf("%s had %d objects instead of %d", order.Path, objects, order.Expect)
	}
	return list, nil
}

type page struct {
	first   time.Time
	bytes   int64
	objects int
	token   string
}

// Each object has one, in its metadata, and nothing else of a Work has one.
var objectMark = []byte(`"uid":"`)
var endMark = []byte(`"k8s.io/initial-events-end":"true"`)
var tokenMark = regexp.MustCompile(`"continue":"([^"]+)"`)

// edge is more than a list's own metadata needs, which stands first or last.
const edge = 2048

func (s *session) page(client *http.Client, path string, untilBookmark bool, buffer []byte) (page, error) {
	var read page
	leaving, leave := context.WithCancel(context.Background())
	defer leave()
	request, err := http.NewRequestWithContext(leaving, http.MethodGet, s.target.url+path, nil)
	if err != nil {
		return read, err
	}
	response, err := do(client, request)
	if err != nil {
		return read, err
	}
	defer response.Body.Close()
	objects, end := counter{mark: objectMark}, counter{mark: endMark}
	var head, tail []byte
	for {
		size, err := response.Body.Read(buffer)
		chunk := buffer[:size]
		if size > 0 && read.bytes == 0 {
			read.first = time.Now()
		}
		read.bytes += int64(size)
		objects.add(chunk)
		if untilBookmark {
			end.add(chunk)
			if end.found > 0 {
				read.objects = objects.found
				return read, nil
			}
		}
		if len(head) < edge {
			head = append(head, chunk[:min(size, edge-len(head))]...)
		}
		tail = lastOf(tail, chunk, edge)
		if err == io.EOF {
			break
		}
		if err != nil {
			return read, err
		}
	}
	if untilBookmark {
		return read, errors.New("the watch ended before its first state was whole")
	}
	read.objects = objects.found
	for _, text := range [][]byte{head, tail} {
		if found := tokenMark.FindSubmatch(text); found != nil && read.token == "" {
			read.token = string(found[1])
		}
	}
	return read, nil
}

// counter counts a mark in a stream, also where it is cut in two.
type counter struct {
	mark  []byte
	rest  []byte
	found int
}

func (c *counter) add(chunk []byte) {
	// Neither side of the seam is as long as the mark: what is found there is cut in two.
	keep := len(c.mark) - 1
	seam := append(c.rest, chunk[:min(len(chunk), keep)]...)
	c.found += bytes.Count(seam, c.mark) + bytes.Count(chunk, c.mark)
	c.rest = lastOf(c.rest, chunk, keep)
}

// lastOf is the end of the text that old and chunk are together.
func lastOf(old, chunk []byte, size int) []byte {
	if len(chunk) >= size {
		return append(old[:0], chunk[len(chunk)-size:]...)
	}
	both := append(old, chunk...)
	return append([]byte(nil), both[max(0, len(both)-size):]...)
}
