// Package codegen stands for the generator of programs in YAML.
// Only the generator of SDKs needs it: the plugins have it in them, and never call it.
package codegen

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
)

// GenerateProgram says that nothing is generated.
func GenerateProgram(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error) {
	return nil, nil, errors.New("this plugin was built without the generator of YAML: " +
		"install Pulumi and its plugins from pulumi.com to use it")
}
