// Command random serves the random provider to Pulumi, under the tokens that
// @pulumi/random 4.21.2 sends (RandomPassword, RandomId, ...).
package main

import (
	"context"

	random "github.com/terraform-providers/terraform-provider-random/shim"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
)

// version is the release of @pulumi/random that this plugin answers for.
const version = "4.21.2"

func main() {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(random.NewProvider()),
		Name:         "random",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index",
		func(_, name string) (string, error) {
			return string(tfbridge.MakeResource("random", "index", "Random"+name)), nil
		}))

	// An empty schema: only SDK generators read it, and @pulumi/random is generated already.
	pf.Main(context.Background(), "random", info, pf.ProviderMetadata{PackageSchema: []byte("{}")})
}
