package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// asker is the user whose rights `authorizer` asks for.
var asker = &user.DefaultInfo{Name: "alice", UID: "42", Groups: []string{"devs"}}

// requestedPod is the resource behind `authorizer.requestResource`.
type requestedPod struct{}

func (requestedPod) GetName() string      { return "web-0" }
func (requestedPod) GetNamespace() string { return "shop" }
func (requestedPod) GetResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: "pods"}
}
func (requestedPod) GetSubresource() string { return "status" }

// echo allows the verb get, denies delete, fails for fail, and has no opinion on others. Its reason repeats the
// question, so that a recording shows every attribute that was asked.
type echo struct{}

func (echo) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	reason := question(a)
	switch a.GetVerb() {
	case "get":
		return authorizer.DecisionAllow, reason, nil
	case "delete":
		return authorizer.DecisionDeny, reason, nil
	case "fail":
		return authorizer.DecisionNoOpinion, reason, errors.New("cannot say")
	}
	return authorizer.DecisionNoOpinion, reason, nil
}

func question(a authorizer.Attributes) string {
	who := fmt.Sprintf("%s[%s]", a.GetUser().GetName(), strings.Join(a.GetUser().GetGroups(), " "))
	if !a.IsResourceRequest() {
		return fmt.Sprintf("%s %s path=%s", who, a.GetVerb(), a.GetPath())
	}
	asked := fmt.Sprintf("%s %s group=%s version=%s resource=%s/%s object=%s/%s", who, a.GetVerb(), a.GetAPIGroup(),
		a.GetAPIVersion(), a.GetResource(), a.GetSubresource(), a.GetNamespace(), a.GetName())
	return asked + fieldsAsked(a) + labelsAsked(a)
}

func fieldsAsked(a authorizer.Attributes) string {
	requirements, err := a.GetFieldSelector()
	if err != nil {
		return " fields!"
	}
	asked := ""
	for _, r := range requirements {
		asked += fmt.Sprintf(" field(%s %s %s)", r.Field, r.Operator, r.Value)
	}
	return asked
}

func labelsAsked(a authorizer.Attributes) string {
	requirements, err := a.GetLabelSelector()
	if err != nil {
		return " labels!"
	}
	asked := ""
	for _, r := range requirements {
		asked += fmt.Sprintf(" label(%s %s %s)", r.Key(), r.Operator(), strings.Join(r.Values().List(), ","))
	}
	return asked
}
