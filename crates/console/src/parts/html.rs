//! Text that is already safe to put into a page, and the only ways to make it.
use std::fmt;

use askama::filters::{Escaper, HtmlSafe};

/// Finished markup. Made from parts, from text (escaped), or from a pattern written in our own source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Text as it is, escaped.
    pub fn text(text: impl AsRef<str>) -> Self {
        let mut out = Self::default();
        out.push_text(text.as_ref());
        out
    }

    /// Text in paragraphs, which empty lines part; single line ends stay.
    pub fn paragraphs(text: &str) -> Self {
        let lines = |part: &str| part.lines().map(|line| Self::text(line).0).collect::<Vec<_>>().join("<br>");
        let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
        Self::stack(parts.map(|part| Self(format!("<p>{}</p>", lines(part)))))
    }

    /// A sentence with emphasis: `**bold**`, `` `code` `` and `[words](/address)` are marked up, each `{}`
    /// takes the next argument, escaped. Marks come from the pattern only, so an argument can never
    /// become one; `{}` works in addresses as well and must give a path of this host there.
    ///
    /// ```
    /// let html = console::parts::Html::rich("**{}** waits for [revision {}](/r/{})", &["<Pixel>", "12", "12"]);
    /// assert_eq!(html.to_string(), r#"<b>&#60;Pixel&#62;</b> waits for <a href="/r/12">revision 12</a>"#);
    /// ```
    pub fn rich(pattern: &'static str, arguments: &[&str]) -> Self {
        let mut arguments = arguments.iter();
        let mut out = Self::default();
        let mut rest = pattern;
        let mut bold = false;
        let mut code = false;
        while let Some(at) = rest.find(['*', '`', '[', '{']) {
            out.push_text(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("**") {
                out.0.push_str(if bold { "</b>" } else { "<b>" });
                (bold, rest) = (!bold, after);
            } else if let Some(after) = rest.strip_prefix('`') {
                out.0.push_str(if code { "</code>" } else { "<code>" });
                (code, rest) = (!code, after);
            } else if let Some(after) = rest.strip_prefix("{}") {
                out.push_text(arguments.next().copied().unwrap_or_default());
                rest = after;
            } else if let Some((words, address, after)) = link(rest) {
                let mut fill = |text: &str| {
                    text.split("{}").enumerate().fold(String::new(), |mut all, (i, piece)| {
                        if i > 0 {
                            all.push_str(arguments.next().copied().unwrap_or_default());
                        }
                        all.push_str(piece);
                        all
                    })
                };
                let (words, address) = (fill(words), fill(address));
                out.0.push_str("<a href=\"");
                out.push_text(if address.starts_with(['/', '#', '?']) && !address.starts_with("//") {
                    &address
                } else {
                    "#"
                });
                out.0.push_str("\">");
                out.push_text(&words);
                out.0.push_str("</a>");
                rest = after;
            } else {
                out.push_text(&rest[..1]);
                rest = &rest[1..];
            }
        }
        out.push_text(rest);
        out.0.push_str(if code { "</code>" } else { "" });
        out.0.push_str(if bold { "</b>" } else { "" });
        out
    }

    /// Several pieces one after the other.
    pub fn join(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self(pieces.into_iter().map(|piece| piece.0).collect())
    }

    /// Pieces as a column with the usual distance between cards.
    pub fn stack(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self(format!("<div class=\"stack\">{}</div>", Self::join(pieces)))
    }

    /// Buttons in a row, each as wide as its words.
    pub fn actions(buttons: impl IntoIterator<Item = Self>) -> Self {
        Self(format!("<div class=\"actions\">{}</div>", Self::join(buttons)))
    }

    /// Whether nothing would be shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markup, to be sent.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Markup made by a template or by code of this folder.
    pub(super) fn trusted(markup: String) -> Self {
        Self(markup)
    }

    fn push_text(&mut self, text: &str) {
        askama::filters::Html
            .write_escaped_str(&mut self.0, text)
            .expect("writing to a string does not fail");
    }
}

/// Splits `[words](address)rest`.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (words, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (address, rest) = rest.split_once(')')?;
    Some((words, address, rest))
}

impl fmt::Display for Html {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Html {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// Something that draws itself.
pub trait Part: HtmlSafe {
    /// The finished markup.
    fn html(&self) -> Html {
        Html::trusted(self.to_string())
    }
}

impl<T: HtmlSafe> Part for T {}

/// Declares template structs as safe to nest and convertible into [`Html`].
macro_rules! parts {
    ($($name:ty),+ $(,)?) => {$(
        impl askama::filters::HtmlSafe for $name {}
        impl From<$name> for $crate::parts::Html {
            fn from(part: $name) -> Self {
                $crate::parts::Html::trusted(part.to_string())
            }
        }
    )+};
}
pub(super) use parts;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_never_becomes_markup() {
        let html = Html::rich("{} and **{}**", &["**<b>[x](/y)`", "\"&"]);
        assert_eq!(html.to_string(), "**&#60;b&#62;[x](/y)` and <b>&#34;&#38;</b>");
    }

    #[test]
    fn links_lead_only_to_this_host() {
        for bad in ["https://evil.test", "//evil.test", "javascript:alert(1)"] {
            assert_eq!(Html::rich("[go]({})", &[bad]).to_string(), "<a href=\"#\">go</a>");
        }
    }

    #[test]
    fn loose_marks_are_text_and_open_ones_are_closed() {
        assert_eq!(Html::rich("5 * 3 [sic] {x **y", &[]).to_string(), "5 * 3 [sic] {x <b>y</b>");
    }
}
