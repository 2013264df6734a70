#!/bin/sh
# go test -json for the packages below a folder and for all whose own code or tests import one of them.
# Usage: go-test-dependents.sh FOLDER IMPORT_PATH (of the folder, without a slash at its end)
format='{{$for := .ForTest}}{{if $for}}{{range .Deps}}{{if eq (printf "%.'${#2}'s" .) "'$2'"}}{{$for}}{{"\n"}}{{break}}{{end}}{{end}}{{end}}'
# What cannot be listed is not left out: then everything is tested.
dependents=$(go list -e -test -f "$format" ./...) || dependents=./...
# Import paths hold no spaces; an empty list adds nothing.
exec go test -json "./$1/..." $dependents
