//! The program's entry: arguments in, exit code out.

use std::process::ExitCode;

/// A third of a tree query is allocation.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sangkien::cli::run()
}
