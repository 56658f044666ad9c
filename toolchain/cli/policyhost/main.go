// Command policyhost adds policy packs to a language host that is too old to run them.
//
// Its arguments are the command that starts that host: it starts it, answers
// in its place, hands every call on, and runs policy packs itself, as the host
// of today does.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "policyhost: %v\n", err)
		os.Exit(1)
	}
}

// run ends with the old host, which ends when the CLI does.
func run(command []string) error {
	if len(command) == 0 {
		return fmt.Errorf("got no arguments; give the command that starts the language host")
	}
	old := exec.Command(command[0], command[1:]...)
	old.Stderr = os.Stderr
	pipe, err := old.StdoutPipe()
	if err != nil {
		return err
	}
	if err := old.Start(); err != nil {
		return err
	}
	stdout := bufio.NewReader(pipe)
	// A host says first where it listens.
	port, err := stdout.ReadString('\n')
	if err != nil {
		return fmt.Errorf("%s said no port: %w", command[0], err)
	}
	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port),
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return err
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, &host{old: pulumirpc.NewLanguageRuntimeClient(conn)})
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port)
	if _, err := io.Copy(os.Stdout, stdout); err != nil {
		return err
	}
	return old.Wait()
}
