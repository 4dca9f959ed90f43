package policy

import (
	"errors"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// guarded puts a check of the arguments before a function of the standard
// library: some of them use memory as an argument tells them to.
func guarded(f function.Function, check func(args []cty.Value) error) function.Function {
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      f.Params(),
		VarParam:    f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := check(args); err != nil {
				return cty.DynamicPseudoType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// firstText is the first argument when it is a text that is known.
func firstText(args []cty.Value) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	v, _ := args[0].Unmark()
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// wide is a verb of format that asks for a width or precision of five digits.
var wide = regexp.MustCompile(`%[^%a-zA-Z]*[0-9]{5}`)

func boundedFormat(args []cty.Value) error {
	if s, ok := firstText(args); ok && wide.MatchString(s) {
		return refusal{"the format asks for a width of ten thousand or more", "Write a smaller width."}
	}
	return nil
}

func boundedIndent(args []cty.Value) error {
	const most = 1000
	v, _ := args[0].Unmark()
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.Number {
		if n, _ := v.AsBigFloat().Int64(); n > most {
			return refusal{"the indent is more than a thousand", "Write a smaller indent."}
		}
	}
	return nil
}

func boundedJSON(args []cty.Value) error {
	if s, ok := firstText(args); ok {
		return checkJSON(s)
	}
	return nil
}

func boundedText(args []cty.Value) error {
	if s, ok := firstText(args); ok && !boundedNumber(s) {
		return errLargeNumber
	}
	return nil
}

// textTest is a function of two texts that answers yes or no.
func textTest(test func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

func hasPrefix(s, part string) bool { return strings.HasPrefix(s, part) }
func hasSuffix(s, part string) bool { return strings.HasSuffix(s, part) }
func contains(s, part string) bool  { return strings.Contains(s, part) }

// replaceFunction replaces a text, or what a regular expression between
// slashes matches.
func replaceFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "str", Type: cty.String},
			{Name: "substr", Type: cty.String},
			{Name: "replace", Type: cty.String},
		},
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if s := args[1].AsString(); len(s) > 1 && s[0] == '/' && s[len(s)-1] == '/' {
				return stdlib.RegexReplace(args[0], cty.StringVal(s[1:len(s)-1]), args[2])
			}
			return stdlib.Replace(args[0], args[1], args[2])
		},
	})
}

// lengthFunction counts the characters of a text or the elements of anything
// else.
func lengthFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true}},
		Type: func(args []cty.Value) (cty.Type, error) {
			t := args[0].Type()
			if t == cty.DynamicPseudoType || t == cty.String || t.IsCollectionType() || t.IsTupleType() || t.IsObjectType() {
				return cty.Number, nil
			}
			return cty.Number, errors.New("a text, a list or a map is needed")
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v := args[0]
			switch t := v.Type(); {
			case t == cty.String:
				return stdlib.Strlen(v)
			case !v.IsKnown():
				return cty.UnknownVal(cty.Number), nil
			case t.IsObjectType():
				return cty.NumberIntVal(int64(len(t.AttributeTypes()))), nil
			case t.IsTupleType():
				return cty.NumberIntVal(int64(t.Length())), nil
			}
			return v.Length(), nil
		},
	})
}
