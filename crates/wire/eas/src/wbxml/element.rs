//! The owned tree for commands that must be understood as a whole.

use std::fmt;

use super::{Error, ErrorKind, Event, Limits, Reader, Tag, Writer};
use crate::codepages::PAGES;

/// An element and what is in it.
///
/// `Debug` shows names and lengths but no contents, because contents are mail and passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub tag: Tag,
    /// What it holds.
    pub content: Content,
}

/// What an element holds. ActiveSync has no mixed content; white space between elements is dropped.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing: `<RemoteWipe/>`.
    Empty,
    /// Text; neighbouring inline strings are joined.
    Text(String),
    /// Opaque data; neighbouring pieces are joined.
    Opaque(Vec<u8>),
    /// Elements in document order.
    Children(Vec<Element>),
}

impl Element {
    /// An element without content.
    pub fn empty(tag: Tag) -> Element {
        Element { tag, content: Content::Empty }
    }

    /// An element with a text.
    pub fn leaf(tag: Tag, text: impl Into<String>) -> Element {
        Element { tag, content: Content::Text(text.into()) }
    }

    /// An element with elements.
    pub fn node(tag: Tag, children: Vec<Element>) -> Element {
        Element { tag, content: Content::Children(children) }
    }

    /// Reads a whole document. Code pages beyond 25 and mixed content are refused; unknown tokens on known
    /// pages are kept. Works without recursion, in time and memory proportional to the input.
    pub fn parse(bytes: &[u8], limits: Limits) -> Result<Element, Error> {
        let mut reader = Reader::new(bytes, limits)?;
        let mut open: Vec<Element> = Vec::with_capacity(8);
        let mut root = None;
        loop {
            let offset = reader.offset();
            let Some(event) = reader.next_event()? else { break };
            let closed = match event {
                Event::Start { tag, .. } if usize::from(tag.page) >= PAGES => {
                    return Err(Error { kind: ErrorKind::UnknownPage(tag.page), offset });
                }
                Event::Start { tag, has_content: true } => {
                    open.push(Element::empty(tag));
                    continue;
                }
                Event::Start { tag, has_content: false } => Some(Element::empty(tag)),
                Event::End => open.pop(),
                Event::Text(text) => {
                    if !open.last_mut().is_none_or(|element| element.add_text(text)) {
                        return Err(Error { kind: ErrorKind::Mixed, offset });
                    }
                    continue;
                }
                Event::Opaque(data) => {
                    if !open.last_mut().is_none_or(|element| element.add_opaque(data)) {
                        return Err(Error { kind: ErrorKind::Mixed, offset });
                    }
                    continue;
                }
            };
            match (closed, open.last_mut()) {
                (Some(element), Some(parent)) => {
                    if !parent.add_child(element) {
                        return Err(Error { kind: ErrorKind::Mixed, offset });
                    }
                }
                (Some(element), None) => root = Some(element),
                (None, _) => {}
            }
        }
        root.ok_or(Error { kind: ErrorKind::Truncated, offset: bytes.len() })
    }

    fn add_child(&mut self, child: Element) -> bool {
        match &mut self.content {
            Content::Children(children) => children.push(child),
            Content::Empty => self.content = Content::Children(vec![child]),
            Content::Text(text) if is_blank(text) => self.content = Content::Children(vec![child]),
            Content::Text(_) | Content::Opaque(_) => return false,
        }
        true
    }

    fn add_text(&mut self, more: &str) -> bool {
        match &mut self.content {
            Content::Text(text) => text.push_str(more),
            Content::Empty if more.is_empty() => {}
            Content::Empty => self.content = Content::Text(more.to_owned()),
            Content::Children(_) | Content::Opaque(_) => return is_blank(more),
        }
        true
    }

    fn add_opaque(&mut self, more: &[u8]) -> bool {
        match &mut self.content {
            Content::Opaque(data) => data.extend_from_slice(more),
            Content::Empty => self.content = Content::Opaque(more.to_vec()),
            Content::Text(text) if is_blank(text) => self.content = Content::Opaque(more.to_vec()),
            Content::Text(_) | Content::Children(_) => return false,
        }
        true
    }

    /// The document with this element as its root.
    pub fn to_document(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256);
        self.write(&mut writer);
        writer.finish()
    }

    /// Writes the element with all beneath it, without recursion.
    pub fn write(&self, writer: &mut Writer) {
        let mut open: Vec<std::slice::Iter<'_, Element>> = Vec::with_capacity(8);
        let mut next = Some(self);
        loop {
            match next {
                Some(element) => {
                    if let Some(children) = element.write_start(writer) {
                        open.push(children);
                    }
                }
                None => {
                    writer.end();
                    open.pop();
                }
            }
            let Some(children) = open.last_mut() else { return };
            next = children.next();
        }
    }

    /// Writes all of a leaf, or the start tag of an element with children and gives out these.
    fn write_start(&self, writer: &mut Writer) -> Option<std::slice::Iter<'_, Element>> {
        match &self.content {
            Content::Empty => writer.empty(self.tag),
            Content::Text(text) => writer.leaf(self.tag, text),
            Content::Opaque(data) => {
                writer.start(self.tag);
                writer.opaque(data);
                writer.end();
            }
            Content::Children(children) => {
                writer.start(self.tag);
                return Some(children.iter());
            }
        }
        None
    }

    /// Its elements; none if it holds something else.
    pub fn children(&self) -> &[Element] {
        match &self.content {
            Content::Children(children) => children,
            _ => &[],
        }
    }

    /// The first child of that name.
    pub fn child(&self, tag: Tag) -> Option<&Element> {
        self.children().iter().find(|child| child.tag == tag)
    }

    /// All children of that name.
    pub fn all(&self, tag: Tag) -> impl Iterator<Item = &Element> {
        self.children().iter().filter(move |child| child.tag == tag)
    }

    /// Its text: `""` if it is empty, `None` if it holds elements or data.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Empty => Some(""),
            Content::Text(text) => Some(text),
            Content::Opaque(_) | Content::Children(_) => None,
        }
    }

    /// The text of the first child of that name.
    pub fn child_text(&self, tag: Tag) -> Option<&str> {
        self.child(tag).and_then(Element::text)
    }

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

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Children(children) => f.debug_tuple(&self.tag.to_string()).field(children).finish(),
            content => write!(f, "{}({content:?})", self.tag),
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Empty => f.write_str("-"),
            Content::Text(text) => write!(f, "text of {}", text.len()),
            Content::Opaque(data) => write!(f, "data of {}", data.len()),
            Content::Children(children) => children.fmt(f),
        }
    }
}
