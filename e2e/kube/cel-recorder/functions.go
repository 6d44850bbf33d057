package main

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/decls"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

// signatures has all overloads that the environment has, those of mutating policies too: by function and overload id,
// what it takes and gives, as `(string) -> int`, or `string.(int) -> string` for a member.
func signatures() (map[string]map[string]string, error) {
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 35)).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{environment.UnversionedLib(library.JSONPatch)},
	})
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]string{}
	for name, function := range set.NewExpressionsEnv().Functions() {
		overloads := map[string]string{}
		for _, overload := range function.OverloadDecls() {
			overloads[overload.ID()] = signature(overload)
		}
		found[name] = overloads
	}
	return found, nil
}

func signature(overload *decls.OverloadDecl) string {
	params := []string{}
	for _, param := range overload.ArgTypes() {
		params = append(params, cel.FormatCELType(param))
	}
	target := ""
	if overload.IsMemberFunction() {
		target = params[0] + "."
		params = params[1:]
	}
	return target + "(" + strings.Join(params, ", ") + ") -> " + cel.FormatCELType(overload.ResultType())
}
