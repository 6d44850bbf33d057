package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// begun is a session with a server, and a way to give it orders.
func begun(t *testing.T, handler http.HandlerFunc) func(order map[string]any) reply {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	session := &session{}
	t.Cleanup(session.close)
	ask := func(order map[string]any) reply {
		line, err := json.Marshal(order)
		if err != nil {
			t.Fatal(err)
		}
		return answer(session, line)
	}
	ask(map[string]any{"do": "begin", "url": server.URL})
	return ask
}

func TestRequestsAreSentOnceAndKeptAnswersSentBack(t *testing.T) {
	var guard sync.Mutex
	var seen []string
	ask := begun(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		guard.Lock()
		defer guard.Unlock()
		if r.URL.Path != "/readyz" {
			seen = append(seen, fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, body))
		}
		fmt.Fprintf(w, "old %s", r.URL.Path)
	})
	order := map[string]any{"do": "requests", "clients": 3, "count": 4, "shards": 2, "path": "/{shard}/{index}"}
	with := func(more map[string]any) map[string]any {
		for name, value := range order {
			more[name] = value
		}
		return more
	}
	created := ask(with(map[string]any{"method": "POST", "body": "{index}", "keep": true}))
	updated := ask(with(map[string]any{"method": "PUT", "kept": true, "old": "old", "new": "new"}))
	if !created.OK || !updated.OK {
		t.Fatal(created.Message, updated.Message)
	}
	slices.Sort(seen)
	var want []string
	for _, method := range []string{"POST", "PUT"} {
		for _, path := range []string{"/0000000/0000000", "/0000000/0000002", "/0000001/0000001", "/0000001/0000003"} {
			body := path[len("/0000000/"):]
			if method == "PUT" {
				body = "new " + path
			}
			want = append(want, method+" "+path+" "+body)
		}
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got  %q\nwant %q", seen, want)
	}
	if got := len(created.Result.(requestResult).LatenciesUs); got != 4 {
		t.Errorf("%d latencies", got)
	}
}

func TestAnAnswerThatIsNoSuccessEndsTheLoadWithItsWords(t *testing.T) {
	ask := begun(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			http.Error(w, "no", http.StatusConflict)
		}
	})
	got := ask(map[string]any{"do": "requests", "method": "DELETE", "path": "/a", "clients": 2, "count": 9, "shards": 1})
	if got.OK || !strings.HasPrefix(got.Message, "DELETE /a was answered with 409: no") {
		t.Errorf("%+v", got)
	}
}

func TestARequestThatComesTooOftenIsSentAgainAndCounted(t *testing.T) {
	var guard sync.Mutex
	var bodies []string
	ask := begun(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		guard.Lock()
		defer guard.Unlock()
		if r.Method == http.MethodPost {
			bodies = append(bodies, string(body))
		}
		if len(bodies) == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	got := ask(map[string]any{"do": "requests", "method": "POST", "path": "/a", "body": "b", "clients": 1, "count": 1, "shards": 1})
	if !got.OK || got.Result.(requestResult).Refused != 1 || !slices.Equal(bodies, []string{"b", "b"}) {
		t.Errorf("%+v %q", got, bodies)
	}
}

func TestPagesAreFollowedAndObjectsCounted(t *testing.T) {
	ask := begun(t, func(w http.ResponseWriter, r *http.Request) {
		token := map[string]string{"": "two", "two": "three"}[r.URL.Query().Get("continue")]
		fmt.Fprintf(w, `{"items":[{"metadata":{"uid":"1"}},{"metadata":{"uid":"2"}}],"metadata":{"continue":"%s"}}`, token)
	})
	order := map[string]any{"do": "lists", "path": "/things?limit=2", "pages": true, "atOnce": 2, "each": 2, "expect": 6}
	got := ask(order)
	if !got.OK || len(got.Result.(listResult).Lists) != 4 {
		t.Errorf("%+v", got)
	}
	order["expect"] = 5
	if got := ask(order); got.OK || !strings.Contains(got.Message, "had 6 objects instead of 5") {
		t.Errorf("%+v", got)
	}
}

func TestAMarkIsCountedWhereverItIsCut(t *testing.T) {
	text := []byte(`,"uid":"a","uuid":"","uid":""uid","uid":"`)
	for first := range text {
		for second := first; second < len(text); second++ {
			c := counter{mark: objectMark}
			for _, chunk := range [][]byte{text[:first], text[first:second], text[second:]} {
				c.add(chunk)
			}
			if c.found != 3 {
				t.Fatalf("cut at %d and %d: %d", first, second, c.found)
			}
		}
	}
}

// watchServer sends to each watch what change makes of each event.
func watchServer(change func(version int, frame string) []string) http.HandlerFunc {
	var guard sync.Mutex
	var watches []chan string
	version := 10
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPatch:
			body, _ := io.ReadAll(r.Body)
			guard.Lock()
			defer guard.Unlock()
			version++
			number := string(body)
			frame := fmt.Sprintf(`{"type":"MODIFIED","object":{"metadata":{"annotations":{"bench/number":"%s"},"resourceVersion":"%d"}}}`, number, version)
			for _, frame := range change(version, frame) {
				for _, watch := range watches {
					watch <- frame
				}
			}
		case r.URL.Query().Has("watch"):
			events := make(chan string, 1000)
			guard.Lock()
			watches = append(watches, events)
			guard.Unlock()
			w.(http.Flusher).Flush()
			for {
				select {
				case <-r.Context().Done():
					return
				case frame := <-events:
					fmt.Fprintln(w, frame)
					w.(http.Flusher).Flush()
				}
			}
		default:
			fmt.Fprint(w, `{"metadata":{"resourceVersion":"10"},"items":[]}`)
		}
	}
}

func TestWhatWatchersMissIsCounted(t *testing.T) {
	type verdict struct{ events, lost, doubled, unordered int }
	held := ""
	for _, each := range []struct {
		name   string
		change func(version int, frame string) []string
		want   verdict
	}{
		{"all", func(_ int, frame string) []string { return []string{frame} }, verdict{events: 40}},
		{"one twice", func(version int, frame string) []string {
			if version == 15 {
				return []string{frame, frame}
			}
			return []string{frame}
		}, verdict{events: 42, doubled: 2, unordered: 2}},
		{"two in the wrong order", func(version int, frame string) []string {
			switch version {
			case 15:
				held = frame
				return nil
			case 16:
				return []string{frame, held}
			}
			return []string{frame}
		}, verdict{events: 40, unordered: 2}},
		{"one lost, another twice", func(version int, frame string) []string {
			switch version {
			case 15:
				return nil
			case 16:
				return []string{frame, frame}
			}
			return []string{frame}
		}, verdict{events: 40, lost: 2, doubled: 2, unordered: 2}},
	} {
		t.Run(each.name, func(t *testing.T) {
			ask := begun(t, watchServer(each.change))
			open := ask(map[string]any{"do": "open", "path": "/things", "watchers": 2, "shards": 1, "perConnection": 1})
			got := ask(map[string]any{
				"do": "write", "path": "/things/{index}", "body": "{number}", "objects": 3, "shards": 1,
				"perSecond": 200, "seconds": 0.1, "lanes": 1,
			})
			if !open.OK || !got.OK {
				t.Fatal(open.Message, got.Message)
			}
			result := got.Result.(writeResult)
			found := verdict{result.Events, result.Lost, result.Doubled, result.Unordered}
			if result.Written != 20 || found != each.want {
				t.Errorf("%d written, got %+v, want %+v", result.Written, found, each.want)
			}
		})
	}
}
