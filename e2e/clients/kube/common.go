package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
)

var widgets = schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}

func configMap(name string, labels map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Data:       map[string]string{"k": "v"},
	}
}

// inParallel calls do for each of n numbers from a few goroutines and returns the first error.
func inParallel(n, workers int, do func(int) error) error {
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make(chan error, workers)
	for range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := do(int(i)); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	group.Wait()
	close(errs)
	return <-errs
}

func createConfigMaps(ctx context.Context, s setting, n int, labels func(int) map[string]string) error {
	return inParallel(n, 16, func(i int) error {
		object := configMap(fmt.Sprintf("c-%05d", i), labels(i))
		_, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(ctx, object, metav1.CreateOptions{})
		return err
	})
}

// eventually waits until the condition holds; false after the time.
func eventually(ctx context.Context, within time.Duration, condition func() bool) bool {
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, within, true, func(context.Context) (bool, error) {
		return condition(), nil
	})
	return err == nil
}

// requests counts what goes over the wire: lists (their first pages), watches, and watches that begin with a list.
type requests struct{ lists, watches, watchLists atomic.Int64 }

func (r *requests) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		query := request.URL.Query()
		switch {
		case request.Method != http.MethodGet:
		case query.Get("sendInitialEvents") == "true":
			r.watchLists.Add(1)
		case query.Get("watch") != "" && query.Get("watch") != "false":
			r.watches.Add(1)
		case query.Get("continue") == "":
			r.lists.Add(1)
		}
		return next.RoundTrip(request)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// outcome names how a call went: ok, or the reason of its failure.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if reason := apierrors.ReasonForError(err); reason != metav1.StatusReasonUnknown {
		return string(reason)
	}
	return err.Error()
}
