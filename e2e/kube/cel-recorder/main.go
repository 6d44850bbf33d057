// Command cel-recorder evaluates CEL expressions with the environment of the real Kubernetes and prints what came of
// each: its type, its value or error, what it cost, and what it was estimated to cost. Our own engine is tested against
// the answers (machinery/src/cel/recorded.test.ts). It needs no server. In e2e/kube:
//
//	go run ./cel-recorder < ../../machinery/src/cel/testdata/corpus.yaml > ../../machinery/src/cel/testdata/recorded.json
//
// With -functions it reads nothing and prints the signatures of all functions instead (testdata/functions.json).
//
// The corpus is a list of groups. A group names its expressions and what they may refer to: `self` by a structural
// schema and a value, `authorizer` (see authorizer.go), and the JSON patch functions of mutating policies.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"sigs.k8s.io/yaml"
)

// group is one part of the corpus.
type group struct {
	Name string `json:"name"`
	// Schema declares `self`, as an OpenAPI v3 schema of a CustomResourceDefinition; absent: no `self`.
	Schema json.RawMessage `json:"schema,omitempty"`
	// Self is its value.
	Self json.RawMessage `json:"self,omitempty"`
	// Authorizer declares `authorizer` and `authorizer.requestResource`.
	Authorizer bool `json:"authorizer,omitempty"`
	// JSONPatch adds the functions that mutating policies have.
	JSONPatch bool `json:"jsonPatch,omitempty"`
	// Expressions are evaluated in the order given.
	Expressions []string `json:"expressions,omitempty"`
}

// answers is a group with what Kubernetes said. The expressions move into the answers.
type answers struct {
	group
	Answers []answer `json:"answers"`
}

// answer is what Kubernetes made of one expression: issues, or a type and an estimate and a value or an error.
type answer struct {
	Expression string `json:"expression"`
	// Issues are the compiler's; nothing else is set then, but program errors.
	Issues string `json:"issues,omitempty"`
	// Type is the checked type of the expression.
	Type string `json:"type,omitempty"`
	// Value is the canonical text of the result (render.go).
	Value string `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
	// Cost is what the evaluation cost, also when it ended in an error.
	Cost string `json:"cost,omitempty"`
	// Estimate is the least and the most it was estimated to cost, decimal, up to 2^64-1.
	Estimate []string `json:"estimate,omitempty"`
}

func main() {
	functions := flag.Bool("functions", false, "print the signatures of all functions")
	flag.Parse()
	if err := run(*functions); err != nil {
		log.Fatal(err)
	}
}

func run(functions bool) error {
	if !functions {
		return record(os.Stdin, os.Stdout)
	}
	found, err := signatures()
	if err != nil {
		return err
	}
	return write(os.Stdout, found)
}

func record(in io.Reader, out io.Writer) error {
	corpus, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var groups []group
	if err := yaml.UnmarshalStrict(corpus, &groups); err != nil {
		return err
	}
	if len(groups) == 0 {
		return errors.New("the corpus has no group")
	}
	recorded := make([]answers, 0, len(groups))
	for _, g := range groups {
		evaluated, err := evaluateGroup(g)
		if err != nil {
			return fmt.Errorf("group %s: %w", g.Name, err)
		}
		expressions := g.Expressions
		g.Expressions = nil
		if len(evaluated) != len(expressions) {
			return fmt.Errorf("group %s: %d answers to %d expressions", g.Name, len(evaluated), len(expressions))
		}
		recorded = append(recorded, answers{group: g, Answers: evaluated})
	}
	return write(out, recorded)
}

func write(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(value)
}
