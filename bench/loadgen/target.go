package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// target is the server under load.
type target struct {
	url string
	tls *tls.Config
}

// begin reads the server's URL and, in PEM, its CA and our certificate with its key; no CA for a server without TLS.
func (s *session) begin(line []byte) error {
	var order struct{ URL, CA, Cert, Key string }
	if err := json.Unmarshal(line, &order); err != nil {
		return err
	}
	s.target = target{url: order.URL}
	s.kept = map[int][]byte{}
	if order.CA == "" {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(order.CA)) {
		return errors.New("the CA holds no certificate")
	}
	pair, err := tls.X509KeyPair([]byte(order.Cert), []byte(order.Key))
	if err != nil {
		return err
	}
	s.target.tls = &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
	return nil
}

// client makes a client with connections of its own. By HTTP/1.1 it has one; by HTTP/2 as many as the server's limit of
// streams demands. Answers come as they are: nothing is compressed. Without a dialer it connects as Go does.
func (t target) client(http2 bool, dial dialer) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2 || t.tls == nil)
	protocols.SetHTTP2(http2)
	transport := &http.Transport{
		Protocols:           protocols,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 1,
		ReadBufferSize:      64 << 10,
		WriteBufferSize:     16 << 10,
		IdleConnTimeout:     10 * time.Minute,
	}
	if dial != nil {
		transport.DialContext = dial
	}
	if t.tls != nil {
		transport.TLSClientConfig = t.tls.Clone()
	}
	return &http.Client{Transport: transport}
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// clients makes so many with a connection by HTTP/1.1 each, and lets them connect, since handshakes are not what is measured.
func (t target) clients(count int) ([]*http.Client, error) {
	clients := make([]*http.Client, count)
	failures := make(chan error, count)
	for index := range clients {
		clients[index] = t.client(false, nil)
		go func() { failures <- t.greet(clients[index]) }()
	}
	var failed error
	for range clients {
		failed = errors.Join(failed, <-failures)
	}
	return clients, failed
}

func (t target) greet(client *http.Client) error {
	response, err := client.Get(t.url + "/readyz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func leave(clients []*http.Client) {
	for _, client := range clients {
		client.CloseIdleConnections()
	}
}

// refused counts the requests that were answered with 429, and sent again.
var refused atomic.Int64

// most429 is how often a request is sent again: a minute, at the second that servers ask for.
const most429 = 60

// do sends a request and checks that it succeeded; the caller closes the body. Like every client of Kubernetes it waits as
// long as a server that has too much to do asks for, and sends the request again; that time counts.
func do(client *http.Client, request *http.Request) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		if response.StatusCode >= 200 && response.StatusCode < 300 {
			return response, nil
		}
		words, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		response.Body.Close()
		if response.StatusCode != http.StatusTooManyRequests || attempt == most429 {
			return nil, &refusal{
				status:  response.StatusCode,
				message: fmt.Sprintf("%s %s was answered with %d: %s", request.Method, request.URL.RequestURI(), response.StatusCode, words),
			}
		}
		refused.Add(1)
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		time.Sleep(time.Duration(max(1, seconds)) * time.Second)
		if request.GetBody != nil {
			if request.Body, err = request.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// refusal is an answer that is no success.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

// fill puts numbers where a template says {index} and {shard}, in seven digits: as long as the words, so that a body keeps
// its size.
func fill(template string, index, shard int) string {
	if !strings.Contains(template, "{") {
		return template
	}
	return strings.NewReplacer("{index}", digits(index), "{shard}", digits(shard)).Replace(template)
}

func digits(number int) string { return fmt.Sprintf("%07d", number) }
