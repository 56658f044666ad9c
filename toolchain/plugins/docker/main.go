// Command docker serves the Docker provider to Pulumi, under the tokens and
// field names that @pulumi/docker 5.2.0 sends. It leaves out the one resource
// that has no upstream (the native docker.Image).
package main

import (
	docker "github.com/terraform-providers/terraform-provider-docker/shim"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

// version is the release of @pulumi/docker that this plugin answers for.
const version = "5.2.0"

// maxNameLength bounds the names Pulumi makes up.
const maxNameLength = 255

func main() {
	info := tfbridge.ProviderInfo{
		P:            shim.NewProvider(docker.NewProvider(version)),
		Name:         "docker",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"},
				Value:   "unix:///var/run/docker.sock",
			}},
			// The upstream's set of one or more; the SDK calls it by its singular name.
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_container": {
				// A container's name can be held by one container only.
				DeleteBeforeReplace: true,
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           {Name: "command"},
					"networks_advanced": {Name: "networksAdvanced"},
				},
			},
			"docker_image": {
				Tok:    tfbridge.MakeResource("docker", "index", "RemoteImage"),
				Fields: map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}},
			},
			"docker_config": {Tok: tfbridge.MakeResource("docker", "index", "ServiceConfig")},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image": {Tok: tfbridge.MakeDataSource("docker", "index", "getRemoteImage")},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	info.SetAutonaming(maxNameLength, "-")

	// No schema: only SDK generators read it, and @pulumi/docker is generated already.
	tfbridge.Main("docker", version, info, nil)
}
