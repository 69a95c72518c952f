//! Header fields in order, looked up without regard to case.

/// Header fields as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No fields.
    pub fn new() -> Headers {
        Headers::default()
    }

    /// Adds a field, keeping earlier ones of the same name.
    pub fn add(&mut self, name: &str, value: impl Into<String>) -> &mut Headers {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Whether a comma-separated field contains a word.
    pub fn has_word(&self, name: &str, word: &str) -> bool {
        self.iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .flat_map(|(_, v)| v.split(','))
            .any(|w| w.trim().eq_ignore_ascii_case(word))
    }
}
