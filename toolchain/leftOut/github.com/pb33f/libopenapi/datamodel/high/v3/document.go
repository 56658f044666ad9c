// Package v3 has what `pulumi api` reads of an OpenAPI document, so that it compiles.
package v3

import (
	"github.com/pb33f/libopenapi/datamodel/high/base"
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Document is an OpenAPI document.
type Document struct {
	Info       *base.Info
	Components *Components
	Paths      *Paths
}

// Components are a document's named parts.
type Components struct {
	Schemas *orderedmap.Map[string, *base.SchemaProxy]
}

// Paths are a document's paths.
type Paths struct {
	PathItems *orderedmap.Map[string, *PathItem]
}

// PathItem is one path's operations.
type PathItem struct {
	Get, Post, Put, Delete, Patch, Head *Operation
}

// Operation is what a method of a path does.
type Operation struct {
	OperationId, Summary, Description string //nolint:revive // The original's name.

	Tags        []string
	Parameters  []*Parameter
	RequestBody *RequestBody
	Responses   *Responses
	Deprecated  *bool
	Extensions  *orderedmap.Map[string, *yaml.Node]
}

// Parameter is one of an operation.
type Parameter struct {
	Name, In, Description string

	Required *bool
	Schema   *base.SchemaProxy
}

// RequestBody is what an operation takes.
type RequestBody struct {
	Content *orderedmap.Map[string, *MediaType]
}

// Responses are what an operation answers, by status.
type Responses struct {
	Codes   *orderedmap.Map[string, *Response]
	Default *Response
}

// Response is one answer.
type Response struct {
	Description string
	Content     *orderedmap.Map[string, *MediaType]
}

// MediaType is a body of one type.
type MediaType struct {
	Schema *base.SchemaProxy
}
