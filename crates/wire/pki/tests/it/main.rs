//! The codec against what OpenSSL makes, against a client of SCEP that shares no code with it, and against bent bytes.

mod authority;
mod envelopes;
mod every_message;
mod fixture;
mod keys;
mod mutants;
mod mutations;
mod openssl;
mod scep;
mod signatures;
