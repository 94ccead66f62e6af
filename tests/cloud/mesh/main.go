// Command mesh holds manifests against what their publishers made of them.
//
//	mesh check FILE...            reads each resource strictly by its publisher's types, and validates it as the publisher does
//	mesh envoy < WORLD            prints what Istio's control plane would send to the proxies of WORLD, as JSON
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) > 1 && arguments[0] == "check":
		return check(arguments[1:])
	case len(arguments) == 1 && arguments[0] == "envoy":
		return envoy(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("usage: mesh check FILE... | mesh envoy < WORLD")
}
