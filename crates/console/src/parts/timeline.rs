//! What happened, newest first.
use askama::Template;

use super::{Button, Html, Time, Tone, html::parts};

/// One event.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// How it was.
    pub tone: Tone,
    /// What happened.
    pub text: Html,
    /// When.
    pub time: Time,
    /// Who or what did it.
    pub actor: String,
}

impl Event {
    /// An event.
    pub fn new(tone: Tone, text: impl Into<Html>, time: Time, actor: impl Into<String>) -> Self {
        Self { tone, text: text.into(), time, actor: actor.into() }
    }
}

/// A list of events.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/timeline.html")]
pub struct Timeline {
    /// The events, newest first.
    pub events: Vec<Event>,
    /// The way to older ones.
    pub more: Option<Button>,
}

parts!(Timeline);
