//! The tree: tags, elements, and looking things up by path.

use std::fmt::{self, Write as _};

use super::tables::PAGES;

/// A tag is a code page and a token (0x05 to 0x3F) on it; the same token means different things per page.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    /// Code page, 0 to 255; 0 to 25 are known.
    pub page: u8,
    /// Token without the content bit.
    pub token: u8,
}

impl Tag {
    /// The tag of a qualified name such as `Provision:PolicyKey`.
    pub fn named(name: &str) -> Option<Tag> {
        let (space, local) = name.split_once(':')?;
        let page = PAGES.iter().position(|(ns, _)| *ns == space)?;
        let (token, _) = PAGES[page].1.iter().find(|(_, n)| *n == local)?;
        Some(Tag { page: page as u8, token: *token })
    }

    /// The namespace of the page, such as `Provision`.
    pub fn space(self) -> Option<&'static str> {
        PAGES.get(usize::from(self.page)).map(|(ns, _)| *ns)
    }

    /// The name without namespace, such as `PolicyKey`.
    pub fn local(self) -> Option<&'static str> {
        let rows = PAGES.get(usize::from(self.page))?.1;
        rows.iter().find(|(t, _)| *t == self.token).map(|(_, n)| *n)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.space(), self.local()) {
            (Some(space), Some(local)) => write!(f, "{space}:{local}"),
            _ => write!(f, "page{}:0x{:02X}", self.page, self.token),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What can stand inside an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    /// A child element.
    Element(Element),
    /// An inline string.
    Text(String),
    /// Opaque bytes: a MIME body, a conversation id.
    Opaque(Vec<u8>),
}

/// An element with its children in document order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Page and token.
    pub tag: Tag,
    /// Children in order; empty for an empty tag.
    pub children: Vec<Child>,
}

/// An element of the qualified name, to be filled by the builder methods.
///
/// The name is a constant of this crate, so an unknown one is a programming error and panics.
///
/// ```
/// use simulator::wbxml::el;
/// let ping = el("Ping:Ping").with(el("Ping:HeartbeatInterval").text("480"));
/// assert_eq!(ping.text_at("HeartbeatInterval"), Some("480"));
/// ```
pub fn el(name: &'static str) -> Element {
    Element { tag: Tag::named(name).expect("the name stands in the code page tables"), children: Vec::new() }
}

impl Element {
    /// Adds a child element.
    pub fn with(mut self, child: Element) -> Element {
        self.children.push(Child::Element(child));
        self
    }

    /// Adds a child element if there is one.
    pub fn with_some(self, child: Option<Element>) -> Element {
        match child {
            Some(child) => self.with(child),
            None => self,
        }
    }

    /// Adds several child elements.
    pub fn with_all(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children.extend(children.into_iter().map(Child::Element));
        self
    }

    /// Adds text; anything that prints.
    pub fn text(mut self, text: impl fmt::Display) -> Element {
        self.children.push(Child::Text(text.to_string()));
        self
    }

    /// Adds opaque bytes.
    pub fn opaque(mut self, bytes: impl Into<Vec<u8>>) -> Element {
        self.children.push(Child::Opaque(bytes.into()));
        self
    }

    /// The local name, or `?` when the token is unknown.
    pub fn local(&self) -> &'static str {
        self.tag.local().unwrap_or("?")
    }

    /// The child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|c| match c {
            Child::Element(e) => Some(e),
            Child::Text(_) | Child::Opaque(_) => None,
        })
    }

    /// All elements at a path of local names, such as `Collections/Collection`. The code page is not
    /// compared, because some servers forget a page switch (Horde writes its status on page 0).
    pub fn all(&self, path: &str) -> Vec<&Element> {
        let mut found = vec![self];
        for step in path.split('/') {
            found = found.into_iter().flat_map(Element::elements).filter(|e| e.local() == step).collect();
        }
        found
    }

    /// The first element at a path of local names.
    pub fn at(&self, path: &str) -> Option<&Element> {
        self.all(path).into_iter().next()
    }

    /// The first text of the element at a path; `None` if it is absent or empty.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Element::value)
    }

    /// The number written at a path.
    pub fn number_at(&self, path: &str) -> Option<u32> {
        self.text_at(path)?.trim().parse().ok()
    }

    /// The first text directly inside this element.
    pub fn value(&self) -> Option<&str> {
        self.children.iter().find_map(|c| match c {
            Child::Text(t) => Some(t.as_str()),
            Child::Element(_) | Child::Opaque(_) => None,
        })
    }

    /// The first content directly inside this element as bytes, be it opaque or text.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.children.iter().find_map(|c| match c {
            Child::Opaque(b) => Some(b.as_slice()),
            Child::Text(t) => Some(t.as_bytes()),
            Child::Element(_) => None,
        })
    }

    /// An indented print of the tree; opaque content is shown by its length.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.print(0, &mut out);
        out
    }

    fn print(&self, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        // Writing to a String cannot fail.
        let _ = if self.children.is_empty() {
            writeln!(out, "{pad}<{}/>", self.tag)
        } else {
            writeln!(out, "{pad}<{}>", self.tag)
        };
        for child in &self.children {
            match child {
                Child::Element(e) => e.print(depth + 1, out),
                Child::Text(t) => {
                    let _ = writeln!(out, "{pad}  {t}");
                }
                Child::Opaque(b) => {
                    let _ = writeln!(out, "{pad}  [{} bytes]", b.len());
                }
            }
        }
        if !self.children.is_empty() {
            let _ = writeln!(out, "{pad}</{}>", self.tag);
        }
    }
}
