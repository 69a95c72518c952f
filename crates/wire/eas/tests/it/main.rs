//! The codec against everything that was recorded, and against what somebody broke.

mod captures;
mod corpus;
mod malformed;
mod mutations;
mod round_trips;
