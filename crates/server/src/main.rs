//! The `notifymdm` binary.
fn main() {}
