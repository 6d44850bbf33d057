package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

// selfTypeName stands in for the name that a server invents for the type of `self`.
const selfTypeName = "selfType"

func evaluateGroup(g group) ([]answer, error) {
	options := environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0)}
	variables := map[string]any{}
	estimator := &library.CostEstimator{}
	if g.Schema != nil {
		structural, err := structuralOf(g.Schema)
		if err != nil {
			return nil, err
		}
		declared := model.SchemaDeclType(structural, false)
		if declared == nil {
			return nil, fmt.Errorf("the schema has no CEL type")
		}
		self := declared.MaybeAssignTypeName(selfTypeName)
		options.EnvOptions = append(options.EnvOptions, cel.Variable("self", self.CelType()))
		options.DeclTypes = append(options.DeclTypes, self)
		value, err := decodeSelf(g.Self)
		if err != nil {
			return nil, err
		}
		variables["self"] = schemacel.UnstructuredToVal(value, structural)
		estimator.SizeEstimator = sizes{root: self}
	}
	if g.Authorizer {
		options.EnvOptions = append(options.EnvOptions,
			cel.Variable("authorizer", library.AuthorizerType),
			cel.Variable("authorizer.requestResource", library.ResourceCheckType))
		variables["authorizer"] = library.NewAuthorizerVal(asker, echo{})
		variables["authorizer.requestResource"] = library.NewResourceAuthorizerVal(asker, echo{}, requestedPod{})
	}
	if g.JSONPatch {
		options.EnvOptions = append(options.EnvOptions, environment.UnversionedLib(library.JSONPatch))
	}
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 35)).Extend(options)
	if err != nil {
		return nil, err
	}
	env := set.NewExpressionsEnv()
	evaluated := make([]answer, 0, len(g.Expressions))
	for _, expression := range g.Expressions {
		a, err := evaluate(env, estimator, expression, variables)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", expression, err)
		}
		evaluated = append(evaluated, a)
	}
	return evaluated, nil
}

func evaluate(env *cel.Env, estimator *library.CostEstimator, expression string, variables map[string]any) (answer, error) {
	a := answer{Expression: expression}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		a.Issues = issues.String()
		return a, nil
	}
	a.Type = cel.FormatCELType(ast.OutputType())
	estimate, err := env.EstimateCost(ast, estimator)
	if err != nil {
		return a, err
	}
	a.Estimate = []string{strconv.FormatUint(estimate.Min, 10), strconv.FormatUint(estimate.Max, 10)}
	program, err := env.Program(ast,
		cel.CostLimit(celconfig.PerCallLimit),
		cel.CostTracking(estimator),
		cel.InterruptCheckFrequency(celconfig.CheckFrequency))
	if err != nil {
		a.Issues = "program: " + err.Error()
		return a, nil
	}
	value, details, err := program.Eval(variables)
	if details != nil && details.ActualCost() != nil {
		a.Cost = strconv.FormatUint(*details.ActualCost(), 10)
	}
	if err != nil {
		a.Error = err.Error()
		return a, nil
	}
	a.Value, err = render(value)
	return a, err
}

func structuralOf(raw json.RawMessage) (*schema.Structural, error) {
	var props apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(raw, &props); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&props, &internal, nil); err != nil {
		return nil, err
	}
	return schema.NewStructural(&internal)
}

// decodeSelf keeps integers apart from floats, as a server does.
func decodeSelf(raw json.RawMessage) (any, error) {
	var value any
	err := utiljson.Unmarshal(raw, &value)
	return value, err
}

// sizes answers how large what stands at a path below `self` can be, from the limits in its schema.
type sizes struct {
	root *apiservercel.DeclType
}

func (s sizes) EstimateSize(element checker.AstNode) *checker.SizeEstimate {
	path := element.Path()
	if len(path) == 0 {
		return nil
	}
	at := s.root
	for _, step := range path[1:] {
		if at = below(at, step); at == nil {
			return nil
		}
	}
	return &checker.SizeEstimate{Min: 0, Max: uint64(at.MaxElements)}
}

func (s sizes) EstimateCallCost(_, _ string, _ *checker.AstNode, _ []checker.AstNode) *checker.CallEstimate {
	return nil
}

func below(at *apiservercel.DeclType, step string) *apiservercel.DeclType {
	switch step {
	case "@items", "@values":
		return at.ElemType
	case "@keys":
		return at.KeyType
	}
	if field, ok := at.Fields[step]; ok {
		return field.Type
	}
	return nil
}
