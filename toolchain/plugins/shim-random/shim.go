// Package shim hands out the upstream provider's constructor, which lives in
// an internal package: only a module below the upstream's path may import it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// NewProvider returns the upstream random provider.
func NewProvider() provider.Provider { return upstream.New() }
