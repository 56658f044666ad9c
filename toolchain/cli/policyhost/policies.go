package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// packModule is what runs a policy pack; the pack's own @pulumi/pulumi has it.
const packModule = "@pulumi/pulumi/cmd/run-policy-pack"

// RunPlugin runs a policy pack in Node.js. As today's host does, it waits for
// the stack's configuration, which a pack reads from its environment.
func (h *host) RunPlugin(
	req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if req.Kind != string(apitype.AnalyzerPlugin) {
		return status.Errorf(codes.Unimplemented, "got a plugin of kind %q; only policy packs are run", req.Kind)
	}
	ctx, folder := server.Context(), req.Info.ProgramDirectory
	script, err := findModule(folder)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	proxy, stdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	environment, err := awaitEnvironment(ctx, proxy)
	if err != nil {
		return err
	}
	// A pack's arguments: the engine's address, then its folder.
	node := exec.CommandContext(ctx, "node", append([]string{script}, append(req.Args, folder)...)...)
	node.Dir = folder
	node.Env = append(req.Env, environment...)
	node.Stdout, node.Stderr = stdout, stderr
	if err := node.Start(); err != nil {
		return err
	}
	return proxy.Attach(ctx, node)
}

// awaitEnvironment returns the variables that tell a pack of the stack.
func awaitEnvironment(ctx context.Context, proxy *sdk.PolicyProxy) ([]string, error) {
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil || stack == nil {
		return nil, err
	}
	config := stack.Config
	if config == nil {
		// A stack without any; what JSON makes of nil is no configuration.
		config = map[string]string{}
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return []string{
		"PULUMI_CONFIG=" + string(text),
		"PULUMI_NODEJS_DRY_RUN=" + strconv.FormatBool(stack.DryRun),
		"PULUMI_NODEJS_ORGANIZATION=" + stack.Organization,
		"PULUMI_NODEJS_PROJECT=" + stack.Project,
		"PULUMI_NODEJS_STACK=" + stack.Stack,
	}, nil
}

// findModule looks for packModule where Node.js would, from a pack's folder upwards.
func findModule(folder string) (string, error) {
	for at := folder; ; at = filepath.Dir(at) {
		module := filepath.Join(at, "node_modules", packModule)
		if _, err := os.Stat(module); err == nil {
			return module, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: there is no %s in it or above; run npm install", folder, packModule)
		}
	}
}
