//! The codec against messages in the shapes that devices send, against a device that shares
//! no code with it, against Python's reader, and against bent bytes.

mod commands;
mod declarations;
mod device;
mod every_message;
mod messages;
mod mutants;
mod mutations;
mod plists;
mod python;
