//! The outside world: mail servers, one trait and one implementation each.
