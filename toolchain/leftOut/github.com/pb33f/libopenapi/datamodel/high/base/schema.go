// Package base has what `pulumi api` reads of an OpenAPI schema, so that it compiles.
package base

import (
	"errors"

	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Info tells of a document.
type Info struct {
	Version string
}

// SchemaProxy is a schema or a reference to one.
type SchemaProxy struct{}

// Schema returns none: nothing was read.
func (*SchemaProxy) Schema() *Schema { return nil }

// Schema describes a value.
type Schema struct {
	Type, Required                []string
	Format, Pattern, Description  string
	AllOf, OneOf, AnyOf           []*SchemaProxy
	Discriminator                 *Discriminator
	Items, AdditionalProperties   *DynamicValue[*SchemaProxy, bool]
	Properties                    *orderedmap.Map[string, *SchemaProxy]
	MultipleOf, Maximum, Minimum  *float64
	MaxLength, MinLength          *int64
	Enum                          []*yaml.Node
	Default                       *yaml.Node
	Nullable, ReadOnly, WriteOnly *bool
	Extensions                    *orderedmap.Map[string, *yaml.Node]
}

// GoLow returns no schema of a lower level.
func (*Schema) GoLow() *LowSchema { return nil }

// MarshalJSONInline says that nothing was read.
func (*Schema) MarshalJSONInline() ([]byte, error) {
	return nil, errors.New("this pulumi was built without `pulumi api`")
}

// LowSchema is a schema of a lower level.
type LowSchema struct{}

// Hash tells schemas apart.
func (*LowSchema) Hash() uint64 { return 0 }

// DynamicValue is one of two values.
type DynamicValue[A, B any] struct {
	A A
	B B
}

// IsA returns whether it is the first.
func (*DynamicValue[A, B]) IsA() bool { return false }

// Discriminator tells which of several schemas a value has.
type Discriminator struct {
	PropertyName string
	Mapping      *orderedmap.Map[string, string]
}
