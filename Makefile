# The two commands of the README, and the benchmark. Everything else is `cargo xtask`.
.PHONY: demo test bench

# Builds tag, console, demo shop and the binary; starts Kith with live traffic; prints the links.
demo:
	cargo xtask web
	KITH_CONSOLE_REQUIRED=1 cargo build --release --locked --package kith-app
	target/release/kith demo

# Everything CI checks.
test:
	@cargo xtask ci

bench:
	cargo run --release --locked --package kith-app -- bench all
