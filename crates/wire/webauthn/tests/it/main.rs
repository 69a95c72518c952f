//! Tests of the codec against an authenticator that shares no code with it.

mod chromium;
mod every_answer;
mod mutants;
