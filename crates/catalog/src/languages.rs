//! Languages that people can be written to in.

/// A language.
#[derive(Debug)]
pub struct Language {
    /// Its tag (BCP 47), as it is stored.
    pub key: &'static str,
    /// Its own name.
    pub name: &'static str,
}

/// All of them, by their own names. English is what everybody is written to in as a last resort.
pub static LANGUAGES: &[Language] = &[
    Language { key: "cs", name: "Čeština" },
    Language { key: "da", name: "Dansk" },
    Language { key: "de", name: "Deutsch" },
    Language { key: "en", name: "English" },
    Language { key: "es", name: "Español" },
    Language { key: "fr", name: "Français" },
    Language { key: "it", name: "Italiano" },
    Language { key: "hu", name: "Magyar" },
    Language { key: "nl", name: "Nederlands" },
    Language { key: "nb", name: "Norsk bokmål" },
    Language { key: "pl", name: "Polski" },
    Language { key: "pt", name: "Português" },
    Language { key: "ro", name: "Română" },
    Language { key: "fi", name: "Suomi" },
    Language { key: "sv", name: "Svenska" },
    Language { key: "tr", name: "Türkçe" },
    Language { key: "ja", name: "日本語" },
];

/// The language of a stored tag.
pub fn language_by_key(key: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.key == key)
}
