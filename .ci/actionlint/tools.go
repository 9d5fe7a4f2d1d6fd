//go:build tools

// Package tools pins the checker of GitHub workflows; go.sum verifies it.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
