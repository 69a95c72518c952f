//! Tests of the reader against tokens that are bent in one place.

mod every_token;
mod mutants;
