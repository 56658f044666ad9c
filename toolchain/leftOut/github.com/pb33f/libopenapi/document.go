// Package libopenapi stands for the reader of OpenAPI documents, which only `pulumi api` needs.
package libopenapi

import (
	"errors"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Document is what NewDocument would return.
type Document interface {
	BuildV3Model() (*DocumentModel, error)
}

// DocumentModel is what Document would hold.
type DocumentModel struct {
	Model v3.Document
}

// NewDocument says that there is no reader.
func NewDocument([]byte) (Document, error) {
	return nil, errors.New("this pulumi was built without `pulumi api`: install Pulumi from pulumi.com to use it")
}
