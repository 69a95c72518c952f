//! The tree for commands that must be understood as a whole.

use std::borrow::Cow;

use super::{Error, ErrorKind, Event, Limits, Reader, Tag, Writer};
use crate::codepages::PAGES;

/// An element and what is in it, borrowed from the document it was read from as far as possible.
///
/// `Debug` shows names and lengths but no contents, because contents are mail and passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its name.
    pub tag: Tag,
    /// What it holds.
    pub content: Content<'a>,
}

/// What an element holds. ActiveSync has no mixed content; white space between elements is dropped.
#[derive(Clone, PartialEq, Eq)]
pub enum Content<'a> {
    /// Nothing: `<RemoteWipe/>`.
    Empty,
    /// Text; neighbouring inline strings are joined.
    Text(Cow<'a, str>),
    /// Opaque data; neighbouring pieces are joined.
    Opaque(Cow<'a, [u8]>),
    /// Elements in document order.
    Children(Vec<Element<'a>>),
}

impl<'a> Element<'a> {
    /// An element without content.
    pub fn empty(tag: Tag) -> Element<'a> {
        Element { tag, content: Content::Empty }
    }

    /// An element with a text.
    pub fn leaf(tag: Tag, text: impl Into<Cow<'a, str>>) -> Element<'a> {
        Element { tag, content: Content::Text(text.into()) }
    }

    /// An element with elements.
    pub fn node(tag: Tag, children: Vec<Element<'a>>) -> Element<'a> {
        Element { tag, content: Content::Children(children) }
    }

    /// Reads a whole document. Code pages beyond 25 and mixed content are refused; unknown tokens on known
    /// pages are kept. Works without recursion, in time and memory proportional to the input.
    pub fn parse(bytes: &'a [u8], limits: Limits) -> Result<Element<'a>, Error> {
        let mut reader = Reader::new(bytes, limits)?;
        let mut open: Vec<Element<'a>> = Vec::with_capacity(8);
        let mut root = None;
        loop {
            let offset = reader.offset();
            let Some(event) = reader.next_event()? else { break };
            let fits = match event {
                Event::Start { tag, has_content } => {
                    if usize::from(tag.page) >= PAGES {
                        return Err(Error { kind: ErrorKind::UnknownPage(tag.page), offset });
                    }
                    let element = Element::empty(tag);
                    if has_content {
                        open.push(element);
                        true
                    } else {
                        close(&mut open, &mut root, element)
                    }
                }
                Event::End => match open.pop() {
                    Some(element) => close(&mut open, &mut root, element),
                    None => false,
                },
                Event::Text(text) => open.last_mut().is_some_and(|element| element.add_text(text)),
                Event::Opaque(data) => open.last_mut().is_some_and(|element| element.add_opaque(data)),
            };
            if !fits {
                return Err(Error { kind: ErrorKind::Mixed, offset });
            }
        }
        root.ok_or(Error { kind: ErrorKind::Truncated, offset: bytes.len() })
    }

    #[inline]
    fn add_child(&mut self, child: Element<'a>) -> bool {
        match &mut self.content {
            Content::Children(children) => children.push(child),
            Content::Text(text) if !is_blank(text) => return false,
            Content::Opaque(_) => return false,
            Content::Empty | Content::Text(_) => {
                // Most elements with children have a handful; this saves growing twice.
                let mut children = Vec::with_capacity(12);
                children.push(child);
                self.content = Content::Children(children);
            }
        }
        true
    }

    #[inline]
    fn add_text(&mut self, more: &'a str) -> bool {
        match &mut self.content {
            Content::Text(text) => text.to_mut().push_str(more),
            Content::Empty if more.is_empty() => {}
            Content::Empty => self.content = Content::Text(Cow::Borrowed(more)),
            Content::Children(_) | Content::Opaque(_) => return is_blank(more),
        }
        true
    }

    fn add_opaque(&mut self, more: &'a [u8]) -> bool {
        match &mut self.content {
            Content::Opaque(data) => data.to_mut().extend_from_slice(more),
            Content::Empty => self.content = Content::Opaque(Cow::Borrowed(more)),
            Content::Text(text) if is_blank(text) => self.content = Content::Opaque(Cow::Borrowed(more)),
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
        let mut open: Vec<std::slice::Iter<'_, Element<'a>>> = Vec::with_capacity(8);
        let mut next = Some(self);
        loop {
            if let Some(element) = next {
                if let Some(children) = element.write_start(writer) {
                    open.push(children);
                }
            } else {
                writer.end();
                open.pop();
            }
            let Some(children) = open.last_mut() else { return };
            next = children.next();
        }
    }

    /// Writes all of a leaf, or the start tag of an element with children and gives out these.
    fn write_start(&self, writer: &mut Writer) -> Option<std::slice::Iter<'_, Element<'a>>> {
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

    /// The same element with contents of its own. Recursive; parsed elements are at most as deep as their limits.
    pub fn into_owned(self) -> Element<'static> {
        let content = match self.content {
            Content::Empty => Content::Empty,
            Content::Text(text) => Content::Text(Cow::Owned(text.into_owned())),
            Content::Opaque(data) => Content::Opaque(Cow::Owned(data.into_owned())),
            Content::Children(children) => {
                Content::Children(children.into_iter().map(Element::into_owned).collect())
            }
        };
        Element { tag: self.tag, content }
    }

    /// Its elements; none if it holds something else.
    pub fn children(&self) -> &[Element<'a>] {
        match &self.content {
            Content::Children(children) => children,
            _ => &[],
        }
    }

    /// The first child of that name.
    pub fn child(&self, tag: Tag) -> Option<&Element<'a>> {
        self.children().iter().find(|child| child.tag == tag)
    }

    /// All children of that name.
    pub fn all(&self, tag: Tag) -> impl Iterator<Item = &Element<'a>> {
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
}

/// Hands a finished element to the one around it, or makes it the root. Says whether it fits there.
#[inline]
fn close<'a>(open: &mut [Element<'a>], root: &mut Option<Element<'a>>, element: Element<'a>) -> bool {
    if let Some(parent) = open.last_mut() {
        return parent.add_child(element);
    }
    *root = Some(element);
    true
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}
