//! Property lists as devices handle them, read and written in XML.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A value. Keys of dictionaries are sorted, as devices write them.
#[derive(Clone, Debug, PartialEq)]
pub enum Plist {
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Data(Vec<u8>),
    /// A date, as it is written.
    Date(String),
    /// Several.
    Array(Vec<Plist>),
    /// By name.
    Dict(BTreeMap<String, Plist>),
}

/// A dictionary of these values.
pub fn dict<const N: usize>(pairs: [(&str, Plist); N]) -> BTreeMap<String, Plist> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A text.
pub fn text(value: impl Into<String>) -> Plist {
    Plist::Text(value.into())
}

impl Plist {
    /// Reads XML; `None` for what is no property list.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let xml = std::str::from_utf8(bytes).ok()?;
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(xml, options).ok()?;
        let root = document.root_element();
        (root.tag_name().name() == "plist").then(|| root.first_element_child())?.and_then(Self::of)
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Option<Self> {
        let content = || node.text().unwrap_or_default();
        Some(match node.tag_name().name() {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "integer" => Self::Int(content().trim().parse().ok()?),
            "real" => Self::Real(content().trim().parse().ok()?),
            "string" => Self::Text(content().to_owned()),
            "date" => Self::Date(content().to_owned()),
            "data" => {
                let coded: String = content().split_whitespace().collect();
                Self::Data(STANDARD.decode(coded).ok()?)
            }
            "array" => Self::Array(
                node.children().filter(roxmltree::Node::is_element).map(Self::of).collect::<Option<_>>()?,
            ),
            "dict" => {
                let mut out = BTreeMap::new();
                let mut children = node.children().filter(roxmltree::Node::is_element);
                while let Some(key) = children.next() {
                    if key.tag_name().name() != "key" {
                        return None;
                    }
                    out.insert(key.text().unwrap_or_default().to_owned(), Self::of(children.next()?)?);
                }
                Self::Dict(out)
            }
            _ => return None,
        })
    }

    /// The value as an XML document.
    pub fn to_xml(&self) -> Vec<u8> {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">",
        );
        self.write(&mut out);
        out.push_str("</plist>\n");
        out.into_bytes()
    }

    fn write(&self, out: &mut String) {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        match self {
            Self::Bool(value) => out.push_str(if *value { "<true/>" } else { "<false/>" }),
            Self::Int(value) => out.push_str(&format!("<integer>{value}</integer>")),
            Self::Real(value) => out.push_str(&format!("<real>{value}</real>")),
            Self::Text(value) => out.push_str(&format!("<string>{}</string>", escaped(value))),
            Self::Date(value) => out.push_str(&format!("<date>{value}</date>")),
            Self::Data(value) => out.push_str(&format!("<data>\n{}\n</data>", STANDARD.encode(value))),
            Self::Array(values) => {
                out.push_str("<array>");
                for value in values {
                    value.write(out);
                }
                out.push_str("</array>");
            }
            Self::Dict(values) => {
                out.push_str("<dict>");
                for (key, value) in values {
                    out.push_str(&format!("\n<key>{}</key>", escaped(key)));
                    value.write(out);
                }
                out.push_str("</dict>");
            }
        }
    }

    /// The value under a key of a dictionary.
    pub fn get(&self, key: &str) -> Option<&Self> {
        if let Self::Dict(values) = self { values.get(key) } else { None }
    }

    /// The text under a key of a dictionary.
    pub fn text(&self, key: &str) -> Option<&str> {
        if let Some(Self::Text(value)) = self.get(key) { Some(value) } else { None }
    }

    /// The bytes under a key of a dictionary.
    pub fn data(&self, key: &str) -> Option<&[u8]> {
        if let Some(Self::Data(value)) = self.get(key) { Some(value) } else { None }
    }

    /// The truth under a key of a dictionary; absent is false.
    pub fn truth(&self, key: &str) -> bool {
        self.get(key) == Some(&Self::Bool(true))
    }

    /// The values under a key of a dictionary.
    pub fn array(&self, key: &str) -> &[Self] {
        if let Some(Self::Array(values)) = self.get(key) { values } else { &[] }
    }
}
