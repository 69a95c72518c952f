//! Tests of the codec against packets that another implementation made.

mod every_answer;
mod mutations;
mod vectors;
