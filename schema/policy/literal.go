package policy

import (
	"errors"
	"math/big"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/edmsplan/edmsplan/schema"
)

// Why a value cannot enter or leave an expression. The texts quote nothing.
var (
	errBadNumber = errors.New("it is not a number")
	errBadJSON   = errors.New("it is not well-formed JSON")
	errNoValue   = errors.New("the result is not a value that a field can hold")
)

// fromLiteral makes a value of a field's spelling. Numbers keep all their
// digits. Text is normalised to Unicode's NFC, as everywhere in HCL.
func fromLiteral(l schema.Literal) (cty.Value, error) {
	switch l.Kind {
	case schema.NullLiteral:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case schema.BoolLiteral:
		return cty.BoolVal(l.Text == "true"), nil
	case schema.NumberLiteral:
		return parseNumber(l.Text)
	case schema.ListLiteral, schema.ObjectLiteral:
		return parseJSON(l.Text)
	}
	return cty.StringVal(l.Text), nil
}

// parseNumber reads a number with a precision that holds all digits of its
// text.
func parseNumber(text string) (cty.Value, error) {
	if !boundedNumber(text) {
		return cty.NilVal, errLargeNumber
	}
	precision := uint(max(512, 4*len(text)+64))
	f, _, err := big.ParseFloat(text, 10, precision, big.ToNearestEven)
	if err != nil || f.IsInf() {
		return cty.NilVal, errBadNumber
	}
	return cty.NumberVal(f), nil
}

func parseJSON(text string) (cty.Value, error) {
	if err := checkJSON(text); err != nil {
		return cty.NilVal, err
	}
	t, err := ctyjson.ImpliedType([]byte(text))
	if err != nil {
		return cty.NilVal, errBadJSON
	}
	v, err := ctyjson.Unmarshal([]byte(text), t)
	if err != nil {
		return cty.NilVal, errBadJSON
	}
	return v, nil
}

// toLiteral spells a value as a package would.
func toLiteral(v cty.Value) (schema.Literal, error) {
	if v == cty.NilVal || v.IsMarked() || !v.IsWhollyKnown() {
		return schema.Literal{}, errNoValue
	}
	if v.IsNull() {
		return schema.Literal{}, nil
	}
	if err := boundedValue(v); err != nil {
		return schema.Literal{}, err
	}
	switch t := v.Type(); {
	case t == cty.String:
		return schema.Literal{Kind: schema.StringLiteral, Text: v.AsString()}, nil
	case t == cty.Bool:
		if v.True() {
			return schema.Literal{Kind: schema.BoolLiteral, Text: "true"}, nil
		}
		return schema.Literal{Kind: schema.BoolLiteral, Text: "false"}, nil
	case t == cty.Number:
		return schema.Literal{Kind: schema.NumberLiteral, Text: numberText(v.AsBigFloat())}, nil
	case t.IsListType(), t.IsTupleType(), t.IsSetType():
		return jsonLiteral(schema.ListLiteral, v)
	case t.IsMapType(), t.IsObjectType():
		return jsonLiteral(schema.ObjectLiteral, v)
	}
	return schema.Literal{}, errNoValue
}

func jsonLiteral(kind schema.LiteralKind, v cty.Value) (schema.Literal, error) {
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return schema.Literal{}, errNoValue
	}
	return schema.Literal{Kind: kind, Text: string(text)}, nil
}

// numberText is a number in JSON's grammar without an exponent. A fraction is
// the shortest one that reads back as the same number; the last bits are left
// out of that, as what is computed of decimals differs there (0.1 * 0.1 is 0.01).
func numberText(f *big.Float) string {
	const slack = 32
	if f.IsInt() {
		if f.Sign() == 0 {
			return "0"
		}
		return f.Text('f', 0)
	}
	if p := f.Prec(); p > 2*slack {
		f = new(big.Float).SetPrec(p - slack).Set(f)
	}
	return f.Text('f', -1)
}

// boundedValue refuses a value with a number that is too large to print.
func boundedValue(v cty.Value) error {
	return cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsKnown() && !v.IsNull() && v.Type() == cty.Number && !boundedFloat(v.AsBigFloat()) {
			return false, errLargeNumber
		}
		return true, nil
	})
}

func boundedFloat(f *big.Float) bool {
	const bitsPerDigit = 4
	e := f.MantExp(nil)
	return !f.IsInf() && e < bitsPerDigit*maxExponent && e > -bitsPerDigit*maxExponent
}
