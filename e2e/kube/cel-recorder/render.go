package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/api/resource"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// render writes a value so that equal values of one type, and only they, have the same text: 1, 1u, double(1), "a",
// b"6869", true, null, [1, 2], {"a": 1} by key, duration(nanoseconds), timestamp("RFC 3339"), type(int), optional(1),
// optional(), net.IP("::1"), kubernetes.Quantity(15e2), and the bare type name for what shows nothing of itself.
func render(value ref.Val) (string, error) {
	switch v := value.(type) {
	case types.Bool, types.Int:
		return fmt.Sprint(v.Value()), nil
	case types.Uint:
		return fmt.Sprintf("%du", uint64(v)), nil
	case types.Double:
		return "double(" + number(float64(v)) + ")", nil
	case types.String:
		return quoted(string(v))
	case types.Bytes:
		return `b"` + hex.EncodeToString(v) + `"`, nil
	case types.Null:
		return "null", nil
	case types.Duration:
		return fmt.Sprintf("duration(%d)", v.Nanoseconds()), nil
	case types.Timestamp:
		return fmt.Sprintf("timestamp(%q)", v.UTC().Format(time.RFC3339Nano)), nil
	case *types.Type:
		return fmt.Sprintf("type(%s)", v.TypeName()), nil
	case *types.Optional:
		return renderOptional(v)
	case apiservercel.IP:
		return fmt.Sprintf("net.IP(%q)", v.Addr), nil
	case apiservercel.CIDR:
		return fmt.Sprintf("net.CIDR(%q)", v.Prefix), nil
	case apiservercel.URL:
		return fmt.Sprintf("kubernetes.URL(%q)", v.URL), nil
	case apiservercel.Semver:
		return fmt.Sprintf("kubernetes.Semver(%q)", v.Version), nil
	case apiservercel.Quantity:
		return fmt.Sprintf("kubernetes.Quantity(%s)", amount(v.Quantity)), nil
	case *apiservercel.Quantity:
		return fmt.Sprintf("kubernetes.Quantity(%s)", amount(v.Quantity)), nil
	case apiservercel.Format:
		return fmt.Sprintf("kubernetes.NamedFormat(%q)", v.Name), nil
	case traits.Lister:
		return renderList(v)
	case traits.Mapper:
		return renderMap(v)
	}
	return value.Type().TypeName(), nil
}

// amount writes a quantity as a whole number without trailing zeros and a power of ten: 15e2.
func amount(quantity *resource.Quantity) string {
	of := quantity.DeepCopy()
	decimal := of.AsDec()
	digits, power := decimal.UnscaledBig().String(), -int(decimal.Scale())
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" {
		return "0e0"
	}
	return fmt.Sprintf("%se%d", trimmed, power+len(digits)-len(trimmed))
}

func renderOptional(v *types.Optional) (string, error) {
	if !v.HasValue() {
		return "optional()", nil
	}
	inner, err := render(v.GetValue())
	return "optional(" + inner + ")", err
}

func renderList(list traits.Lister) (string, error) {
	items := []string{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		item, err := render(it.Next())
		if err != nil {
			return "", err
		}
		items = append(items, item)
	}
	return "[" + strings.Join(items, ", ") + "]", nil
}

func renderMap(m traits.Mapper) (string, error) {
	entries := []string{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		if key == nil {
			continue // a field that the schema hides
		}
		keyText, err := render(key)
		if err != nil {
			return "", err
		}
		valueText, err := render(m.Get(key))
		if err != nil {
			return "", err
		}
		entries = append(entries, keyText+": "+valueText)
	}
	sort.Strings(entries)
	return "{" + strings.Join(entries, ", ") + "}", nil
}

// number writes a double as JSON does, and what JSON cannot write by name.
func number(value float64) string {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	case value == 0 && math.Signbit(value):
		return "-0"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func quoted(text string) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(text)
	return strings.TrimSuffix(out.String(), "\n"), err
}
