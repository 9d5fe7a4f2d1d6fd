//go:build tools

// Package tools names Pulumi's language host for Node. It is a module apart from the CLI's: later versions of the host
// are not served by the Go module proxy, and the last one that is (3.68.0) lies in another version of the same SDK.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
