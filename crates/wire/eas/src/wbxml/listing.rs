//! Elements for people: a full listing on demand, and a `Debug` that gives no contents away.

use std::fmt;

use super::{Content, Element, Tag};

impl Element<'_> {
    /// An indented listing with all contents, for people. Contents are mail and passwords: not for logs.
    pub fn listing(&self) -> String {
        let mut out = String::new();
        let mut open = vec![std::slice::from_ref(self).iter()];
        let mut names: Vec<Tag> = Vec::new();
        while let Some(level) = open.last_mut() {
            let indent = "  ".repeat(names.len());
            let Some(element) = level.next() else {
                open.pop();
                if let Some(tag) = names.pop() {
                    let indent = "  ".repeat(names.len());
                    out.push_str(&format!("{indent}</{tag}>\n"));
                }
                continue;
            };
            let tag = element.tag;
            match &element.content {
                Content::Empty => out.push_str(&format!("{indent}<{tag}/>\n")),
                Content::Text(text) => {
                    out.push_str(&format!("{indent}<{tag}>\n{indent}  {text}\n{indent}</{tag}>\n"));
                }
                Content::Opaque(data) => {
                    out.push_str(&format!("{indent}<{tag}>\n{indent}  [OPAQUE {}: ", data.len()));
                    out.push_str(&format!("{}]\n{indent}</{tag}>\n", data.escape_ascii()));
                }
                Content::Children(children) => {
                    out.push_str(&format!("{indent}<{tag}>\n"));
                    names.push(tag);
                    open.push(children.iter());
                }
            }
        }
        out
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Children(children) => f.debug_tuple(&self.tag.to_string()).field(children).finish(),
            content => write!(f, "{}({content:?})", self.tag),
        }
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Empty => f.write_str("-"),
            Content::Text(text) => write!(f, "text of {}", text.len()),
            Content::Opaque(data) => write!(f, "data of {}", data.len()),
            Content::Children(children) => children.fmt(f),
        }
    }
}
