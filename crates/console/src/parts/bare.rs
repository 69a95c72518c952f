//! Pages without the rail: signing in, setting up, and when something went wrong.
use askama::Template;

use super::{Button, Form, Html, Note, Step, Steps, Theme};
use crate::assets;

/// The sign-in page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// Light or dark.
    pub theme: Theme,
    /// What one signs in to.
    pub title: String,
    /// A sentence under the title.
    pub lead: Html,
    /// Why the last try failed, or why one was signed out.
    pub note: Option<Note>,
    /// The fields.
    pub form: Form,
    /// Other ways in, under the form; may be empty.
    pub more: Html,
    /// Small print: host, version.
    pub footer: Html,
}

/// A step of a set-up.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "set_up.html")]
pub struct SetUp {
    /// Light or dark.
    pub theme: Theme,
    /// All steps.
    pub steps: Vec<Step>,
    /// Title of this one.
    pub title: String,
    /// What it decides.
    pub lead: Html,
    /// Something to know first.
    pub note: Option<Note>,
    /// The fields.
    pub form: Form,
    /// Small print.
    pub footer: Html,
}

impl SetUp {
    fn path(&self) -> Steps {
        Steps { steps: self.steps.clone(), across: false }
    }
}

/// An error as a page: what happened, what it means, what to do.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Light or dark.
    pub theme: Theme,
    /// Status code of the answer.
    pub status: u16,
    /// What happened.
    pub title: String,
    /// What it means and what to do.
    pub text: Html,
    /// Reference under which it was logged; empty when nothing was.
    pub reference: String,
    /// Ways on.
    pub actions: Vec<Button>,
}
