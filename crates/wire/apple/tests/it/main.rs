//! The codec against messages in the shapes that devices send, against Python's reader, and against bent bytes.

mod commands;
mod declarations;
mod every_message;
mod messages;
mod mutants;
mod plists;
mod python;
