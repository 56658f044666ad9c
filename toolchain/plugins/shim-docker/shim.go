// Package shim hands out the upstream provider's constructor, which lives in
// an internal package: only a module below the upstream's path may import it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the upstream Docker provider.
func NewProvider(version string) *schema.Provider { return provider.New(version)() }
