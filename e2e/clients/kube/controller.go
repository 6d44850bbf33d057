package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const finalizer = "example.com/controller"

var widgetKind = schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}

// reconciler makes a ConfigMap for each Widget, tells of it in the status, and holds a finalizer.
type reconciler struct{ client client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	widget := &unstructured.Unstructured{}
	widget.SetGroupVersionKind(widgetKind)
	if err := r.client.Get(ctx, request.NamespacedName, widget); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !widget.GetDeletionTimestamp().IsZero() {
		if controllerutil.RemoveFinalizer(widget, finalizer) {
			return ctrl.Result{}, client.IgnoreNotFound(r.client.Update(ctx, widget))
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(widget, finalizer) {
		return ctrl.Result{}, r.client.Update(ctx, widget)
	}
	owned := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: widget.GetName(), Namespace: widget.GetNamespace()}}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.client, owned, func() error {
		size, _, _ := unstructured.NestedString(widget.Object, "spec", "size")
		owned.Data = map[string]string{"size": size}
		return controllerutil.SetControllerReference(widget, owned, r.client.Scheme())
	}); err != nil {
		return ctrl.Result{}, err
	}
	before := widget.DeepCopy()
	if err := unstructured.SetNestedField(widget.Object, int64(1), "status", "replicas"); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.client.Status().Patch(ctx, widget, client.MergeFrom(before))
}

// controller runs a manager with leader election over custom objects.
func controller(ctx context.Context, s setting) (result, error) {
	const objects = 100
	log.SetLogger(logr.Discard())
	running, stop := context.WithCancel(ctx)
	defer stop()
	manager, err := ctrl.NewManager(s.config, ctrl.Options{
		Metrics:                 server.Options{BindAddress: "0"},
		LeaderElection:          true,
		LeaderElectionID:        "clients",
		LeaderElectionNamespace: s.namespace,
		Cache:                   cache.Options{DefaultNamespaces: map[string]cache.Config{s.namespace: {}}},
	})
	if err != nil {
		return nil, err
	}
	kind := &unstructured.Unstructured{}
	kind.SetGroupVersionKind(widgetKind)
	if err := ctrl.NewControllerManagedBy(manager).For(kind).Owns(&corev1.ConfigMap{}).Named("widgets").
		Complete(&reconciler{manager.GetClient()}); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(running) }()

	api := s.dynamic.Resource(widgets).Namespace(s.namespace)
	if err := inParallel(objects, 8, func(i int) error {
		_, err := api.Create(ctx, newWidget(fmt.Sprintf("w-%03d", i), map[string]any{"size": "small"}), metav1.CreateOptions{})
		return err
	}); err != nil {
		return nil, err
	}
	count := func() (ready, owned int) {
		list, err := api.List(ctx, metav1.ListOptions{})
		if err != nil {
			return -1, -1
		}
		for _, item := range list.Items {
			if replicas, _, _ := unstructured.NestedInt64(item.Object, "status", "replicas"); replicas == 1 {
				ready++
			}
		}
		maps, err := s.client.CoreV1().ConfigMaps(s.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return -1, -1
		}
		for _, item := range maps.Items {
			if metav1.GetControllerOf(&item) != nil {
				owned++
			}
		}
		return ready, owned
	}
	eventually(ctx, 60*time.Second, func() bool { ready, owned := count(); return ready == objects && owned == objects })
	ready, owned := count()
	if err := s.client.CoreV1().ConfigMaps(s.namespace).Delete(ctx, "w-000", metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	restored := eventually(ctx, 20*time.Second, func() bool { _, owned := count(); return owned == objects })
	if err := api.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		return nil, err
	}
	gone := eventually(ctx, 60*time.Second, func() bool { _, owned := count(); return owned == 0 })
	stop()
	return result{"ready": ready, "owned": owned, "restored": restored, "goneWithItsOwn": gone, "stopped": outcome(<-ended)}, nil
}
