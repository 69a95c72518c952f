//! The pages over a real engine, on both storage engines, with two organizations that have the same user names and
//! device ids: whatever a user does must never show another's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod actions;
mod house;
mod pages;
mod provider;
