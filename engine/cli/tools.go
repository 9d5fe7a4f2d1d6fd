//go:build tools

// Package tools names the Pulumi CLI as a dependency, so that this module pins it and go.sum verifies it. Nothing here
// is compiled: `go build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi` is what engine/build-from-go.ts runs.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
