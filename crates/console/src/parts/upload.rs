//! Forms with a file.
use askama::Template;

use super::{Button, FieldView, Icon, html::parts};

/// A form that sends one file, in the field `file`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/upload.html")]
pub struct UploadForm {
    /// Unique in the page.
    pub id: String,
    /// Where it is sent.
    pub action: String,
    /// Values that are not shown.
    pub hidden: Vec<(String, String)>,
    /// What was wrong with the last file, one remark a line.
    pub error: String,
    /// What file.
    pub label: String,
    /// What it may be.
    pub help: String,
    /// What the browser offers: endings and media types.
    pub accept: &'static str,
    /// What is entered besides.
    pub fields: Vec<FieldView>,
    /// Sending, and the way back.
    pub buttons: Vec<Button>,
}

parts!(UploadForm);
