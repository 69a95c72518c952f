# Short names for what is done every day. `just` alone lists them. Nothing here is needed to build or test.

set shell := ["bash", "-euo", "pipefail", "-c"]

# Lists the recipes
default:
    @just --list --unsorted

# Formatting, lints and floors, of one crate or of all
check crate="":
    cargo fmt --all --check
    cargo clippy {{ if crate == "" { "--workspace" } else { "-p " + crate } }} --all-targets -- -D warnings
    cargo xtask floors

# Tests of one crate or of all
test crate="":
    cargo test {{ if crate == "" { "--workspace" } else { "-p " + crate } }}

# The demo from a debug build: quick to rebuild, slower to run
dev *args:
    cargo run -- serve --demo {{ args }}

# The demo as the README starts it
demo *args:
    cargo run --release -- serve --demo {{ args }}

# Parts of the console with made-up content, as files to open in a browser
gallery folder="target/gallery":
    cargo run -p console --example gallery -- {{ folder }}

# Real servers and clients of other makers against the product
interop *args:
    cargo xtask interop {{ args }}

# Browser tests of every page
e2e:
    cargo xtask e2e

# The long proof runs; see docs/proofs.md
prove *args:
    cargo xtask prove {{ args }}

# The benchmarks, side by side with their peers; see docs/benchmarks.md
bench *args:
    cargo xtask bench {{ args }}

# Fuzzes a codec (eas, ise, radius, ldap, pki, apple); needs a nightly compiler and cargo-fuzz. `just fuzz eas decode`
fuzz codec target:
    cd crates/wire/{{ codec }} && cargo +nightly fuzz run {{ target }}

# Licences, forbidden crates and sources of dependencies
deny:
    cargo deny --offline check bans licenses sources

# Makes the generated pages of the manual anew and checks its links
manual:
    cargo run --quiet -p catalog --example support_matrix > docs/support-matrix.md
    cargo xtask manual

# The manual as a web site in target/manual (needs mdbook)
book:
    mdbook build docs

# The Debian package in target/packages
deb:
    packaging/deb/build.sh

# Everything that CI does
ci *steps:
    .ci/run {{ steps }}
